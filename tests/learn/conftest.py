from __future__ import annotations

from collections.abc import Iterator

import pytest

from exptool_ml_plugin.workbench.training import Training


@pytest.fixture(scope="module")
def training() -> Iterator[Training]:
    """A controller with its worker, shared because loading Keras takes seconds."""
    training = Training()
    training.warm_up()
    yield training
    training.close()

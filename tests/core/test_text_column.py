"""Texts that repeat."""

from __future__ import annotations

import numpy as np

from exptool_ml_plugin.core.text_column import TextColumn

TEXTS = ("push", "pull", "push", "still")


def test_a_column_holds_the_texts_it_was_made_of() -> None:
    column = TextColumn.of(TEXTS)

    assert tuple(column) == TEXTS
    assert (len(column), column[3], tuple(column[1:3])) == (4, "still", ("pull", "push"))
    assert column.counts() == {"pull": 1, "push": 2, "still": 1}
    assert TextColumn.of(column) is column
    assert list(TextColumn.of(())) == []


def test_a_part_knows_only_the_names_that_occur_in_it() -> None:
    part = TextColumn.of(TEXTS).take(np.array([3, 0]))

    assert (tuple(part), part.used) == (("still", "push"), ("push", "still"))
    assert part.codes_among(("push", "wave")).tolist() == [-1, 0]


def test_columns_are_picked_and_joined() -> None:
    picked = TextColumn.picked(("b", "a", "b"), np.array([2, 1, 1, 0]))

    assert tuple(picked) == ("b", "a", "a", "b")
    assert tuple(TextColumn.joined([picked, TextColumn.of(TEXTS)])) == ("b", "a", "a", "b", *TEXTS)

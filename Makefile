# The two commands of the README, `make app` and `make test`, and the same work without a window, `make demo`.
# Each does all its set-up: a virtual environment in .venv, the packages, the system libraries Qt needs.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: app demo test clean

app: .venv/.app
	@sh .ci/system-libraries
	$(BIN)/exptool-ml app --simulated-scene push

# With another sensor's service: make demo SERVICE=envelope (or iq, or sparse)
demo: .venv/.train
	$(BIN)/exptool-ml demo --out demo $(if $(SERVICE),--service $(SERVICE))

# The tests of one check: make test ENVS=lint
test: .venv/.tox
	@sh .ci/system-libraries
	@sh .ci/tox $(ENVS)

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet uv

.venv/.app: .venv/bin/uv setup.cfg
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[app]'
	@touch $@

.venv/.train: .venv/bin/uv setup.cfg
	$(BIN)/uv pip install --quiet --python $(BIN)/python --editable '.[train]'
	@touch $@

.venv/.tox: .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python 'tox>=4.30' 'tox-uv>=1.28'
	@touch $@

clean:
	rm -rf .venv .tox .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist docs/_build demo

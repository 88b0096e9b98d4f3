# `make run` sets up and runs the desk, `make test` sets up and runs the checks and tests.
# PYTHON may name another interpreter (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.installed
TEST := .venv/.installed-test
JOBS ?= 4

.PHONY: run test check format chat train bench lock clean

run: $(RUN) train
	@exec $(BIN)/python -m bot serve

chat: $(RUN) train
	@exec $(BIN)/python -m bot chat

test: $(TEST) train check
	$(BIN)/python -m pytest -n $(JOBS)

check: $(TEST)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(TEST)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The model is trained from our own sentences; one that is up to date is left alone.
train: $(RUN)
	@$(BIN)/python -m intents train --if-stale

bench: $(RUN) train
	$(BIN)/python -m benchmarks.turns

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv .venv

$(RUN): requirements.lock .venv/pyvenv.cfg
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(TEST): requirements-test.lock $(RUN)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# Needs uv; the locks carry hashes and no address of a registry.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
lock:
	$(LOCK) --extra fast pyproject.toml -o requirements.lock
	$(LOCK) --extra fast --extra test -c requirements.lock pyproject.toml -o requirements-test.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis intents/model.npz
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

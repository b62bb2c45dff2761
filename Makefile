# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
REPORTS ?= reports

.PHONY: run test check bench bench-service format reference clean help

help: ## Show this help
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# One environment for everything; made again when the dependencies change.
$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

run: $(STAMP) ## Run the main job on sample_app
	$(BIN)/pipelines build-and-test --source sample_app --reports $(REPORTS)

check: $(STAMP) ## Lint, types, layers and unit tests: under a minute, no engine
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/unit tests/property tests/golden

# The engine is built in the background while the tests that need none are running.
test: $(STAMP) ## Run every test, from nothing
	tests/run_all.sh $(BIN)

bench: $(STAMP) ## Measure against the bare commands; writes bench/README.md
	$(BIN)/python -m bench

bench-service: $(STAMP) ## Load sample_app and nginx in turns, and watch its memory
	$(BIN)/python -m bench.service_load

format: $(STAMP) ## Format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: $(STAMP) ## Write docs/reference from the code
	$(BIN)/python tools/build_reference.py

clean: ## Remove what was built in this folder; caches of the engine stay
	rm -rf $(VENV) $(REPORTS) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

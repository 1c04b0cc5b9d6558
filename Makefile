# Preboard: run it, check it. `make help` lists the targets.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

SAMPLE := .sample

# Stamps: the environment, what a user needs, what a developer needs.
CREATED := $(VENV)/.created
SERVER  := $(VENV)/.server
DEV     := $(VENV)/.dev

.DEFAULT_GOAL := help
.PHONY: help run stop test lint types conformance bench docs format clean

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sort \
		| awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

$(CREATED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Preboard needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(SERVER): $(CREATED) pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[server]'
	@touch $@

$(DEV): $(CREATED) pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(SERVER) $@

# The server goes on in the background, and is found again the next time. The sample has dirty lines,
# so "INVALID" is the right answer here; only a run that could not be made is a failure.
run: $(SERVER) ## Start a server in .sample, with a key and a project; send it the sample orders
	@$(BIN)/python examples/first_server.py $(SAMPLE)/server

stop: ## End the server of `make run`
	@test ! -x $(BIN)/python || $(BIN)/python examples/first_server.py --stop $(SAMPLE)/server

test: $(DEV) ## Run all tests: unit, property, conformance, docs
	$(BIN)/python -m pytest -n auto

lint: $(DEV) ## Check style, format and the layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(DEV) ## Check the types
	$(BIN)/mypy

conformance: $(DEV) ## Run the recorded cases of the language
	$(BIN)/python tests/conformance/run.py

bench: $(DEV) ## Measure the speed
	$(BIN)/python bench/run.py
	$(BIN)/python bench/projects.py
	$(BIN)/python bench/runs.py

docs: $(DEV) ## Write the generated reference pages and grammars anew
	$(BIN)/python docs/generate.py
	$(BIN)/python editors/generate.py

format: $(DEV) ## Format the code
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

clean: ## Remove the environment, caches and builds; end the server of `make run`
	@$(MAKE) --no-print-directory stop || true
	rm -rf $(VENV) $(SAMPLE) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests examples -name __pycache__ -type d -prune -exec rm -rf {} +

# Preboard: run it, check it. `make help` lists the targets.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

ORDERS := examples/orders/orders.csv
CHECKS := examples/orders/checks.csvpath
SAMPLE := .sample

# Stamps: the environment, what a user needs, what a developer needs.
CREATED := $(VENV)/.created
BASE    := $(VENV)/.base
DEV     := $(VENV)/.dev

.DEFAULT_GOAL := help
.PHONY: help run test lint types conformance bench docs format clean

help: ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sort \
		| awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

$(CREATED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Preboard needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(BASE): $(CREATED) pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(DEV): $(CREATED) pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(BASE) $@

# A project of its own for the sample, which is made once and then goes on. The sample has dirty
# lines, so "invalid" is the right answer here; only a run that could not be made (exit code 2 or
# 3) is a failure. A broken installation also exits with 1, hence --help.
run: $(BASE) ## Make a sample project in .sample; register, load and run the sample orders in it
	@$(BIN)/preboard --help >/dev/null
	@test -f $(SAMPLE)/config/config.ini || $(BIN)/preboard init $(SAMPLE)
	@$(BIN)/preboard register orders $(ORDERS) --project $(SAMPLE)
	@$(BIN)/preboard load order-checks $(CHECKS) --project $(SAMPLE)
	@code=0; $(BIN)/preboard run orders order-checks --project $(SAMPLE) || code=$$?; \
	case $$code in \
		0) echo "exit code 0: the file is valid" ;; \
		1) echo "exit code 1: the file is invalid, as the sample is meant to be" ;; \
		*) echo "exit code $$code: the run could not be made" >&2; exit $$code ;; \
	esac
	@echo "look closer: $(BIN)/preboard get --project $(SAMPLE) '\$$order-checks.results.:last.order-rules:errors'"

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

clean: ## Remove the environment, caches and builds
	rm -rf $(VENV) $(SAMPLE) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests examples -name __pycache__ -type d -prune -exec rm -rf {} +

# Two commands are all a user needs: make run, make test.
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,$(if $(shell command -v $(name) 2>/dev/null),$(name))))
SETUP = $(if $(PYTHON),$(PYTHON),$(error Python 3.11, 3.12 or 3.13 is needed and none was found. Install one and run make again)) -m scripts.setup
RULES = $(if $(RULES_ONLY),--rules-only)
TUNEWISE = .venv/bin/tunewise

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast lint format eval bench prove reader clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 20

setup: ## Set everything up without starting anything (RULES_ONLY=1: without a language model)
	@$(SETUP) setup $(RULES)

run: ## Set up what is missing and open the advisor in the browser (ARGS="--port 8000 --no-browser")
	@$(SETUP) run $(RULES) $(ARGS)

test: ## Set up what is missing and run every check: lint, types, all tests
	@$(SETUP) test

test-fast: ## The same without the tests that need weights, a browser or damage
	@$(SETUP) test --fast

lint: ## Lint, formatting and types
	@$(SETUP) setup --dev
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m mypy
	.venv/bin/python -m mypy -p scripts

format: ## Format the code and sort its imports
	@$(SETUP) setup --dev
	.venv/bin/python -m ruff check --fix-only .
	.venv/bin/python -m ruff format .

eval: ## Score the system on the case file, next to the model alone and the rules alone
	@$(SETUP) setup --dev
	$(TUNEWISE) eval tests/cases/dev_cases.jsonl --json artifacts/eval.json --report artifacts/eval

bench: ## Measure times, memory and retrieval on this machine
	@$(SETUP) setup --dev
	$(TUNEWISE) bench --json artifacts/bench.json --plot artifacts/bench

prove: ## Enumerate every situation of the framework and check its soundness
	@$(SETUP) setup
	$(TUNEWISE) framework prove

reader: ## Train the reader again from corpus/reading/{examples,advice,graded_notes.jsonl} (four hours on two idle cores with bfloat16)
	@$(SETUP) setup --dev
	.venv/bin/python -m scripts.train_reader
	.venv/bin/python -m scripts.train_turns
	.venv/bin/python -m scripts.train_model_types
	.venv/bin/python -m scripts.train_places
	.venv/bin/python -m scripts.place_notes --places artifacts/places-held-out
	.venv/bin/python -m scripts.place_notes
	.venv/bin/python -m scripts.train_advice

clean: ## Remove what make wrote here; weights and conversations stay in the cache folder
	rm -rf .venv artifacts build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src ui tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

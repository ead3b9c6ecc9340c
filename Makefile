# Shipmate. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help up demo console test check golden screenshots bench chaos words lock clean

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

$(VENV)/.run: requirements.txt constraints.txt
	@.ci/venv $(PYTHON) $(VENV) requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@.ci/venv $(PYTHON) $(VENV) requirements-dev.txt
	@touch $@

up: $(VENV)/.run ## the whole shop in a browser, or your own systems (README)
	@$(BIN)/python -m sandbox.up

demo: $(VENV)/.run ## a scripted day in the sandbox, in this terminal
	@$(BIN)/python -m sandbox.demo

console: $(VENV)/.run ## a terminal through the same door, at the sandbox that is up; WHO=ops@shop.example
	@WHO=$(WHO) $(BIN)/python -m sandbox.terminal

check: $(VENV)/.dev ## lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: check ## everything that CI runs
	@.ci/packages
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile

golden: $(VENV)/.dev ## write down what is said now (tests/golden/said); look at git diff after it
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile tests/golden --rewrite-goldens

screenshots: $(VENV)/.dev ## the pictures of docs/images, taken anew (Debian: chromium, fonts-noto-cjk, fonts-noto-color-emoji)
	@$(BIN)/python -m pytest -q tests/browser --screenshots

bench: $(VENV)/.dev ## measure; writes benchmarks/results.json
	@$(BIN)/python -m benchmarks

chaos: $(VENV)/.dev ## kill, break and check (docs/reliability.md); SEED=n repeats a run's choices
	@$(BIN)/python -m benchmarks.chaos --seed $(or $(SEED),1)

words: $(VENV)/.run ## bring the catalogues of translations up to date with the code
	@$(BIN)/python -m bot.language.update

lock: $(VENV)/.dev ## pin what is installed now in constraints.txt
	@(echo "# Every package that the direct dependencies bring with them, pinned: made with 'make lock'."; \
	  $(BIN)/pip freeze) > constraints.txt

clean: ## forget the virtual environment and the sandbox's data
	@rm -rf $(VENV) .shipmate

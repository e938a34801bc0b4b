# `make ask` and `make test` do all the set-up they need; everything lands in .venv and the user's cache.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
Q      ?= Who chaired the Hà Tĩnh 2023 review?
STAMP  := $(VENV)/.installed

.PHONY: ask test test-fast check format bench lock clean

ask: $(STAMP)
	@$(BIN)/rag index
	@$(BIN)/rag ask "$(Q)"

test: $(STAMP)
	$(BIN)/python -m pytest

test-fast: $(STAMP)
	$(BIN)/python -m pytest -m "not slow"

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Rebuilds when the dependencies change; constraints.txt makes two installs the same.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[local,test]"
	@touch $@

# Writes constraints.txt anew from what is installed now.
lock:
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' | grep -iv '^article-rag' > constraints.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache

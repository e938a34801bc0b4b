# `make ask` and `make test` do all the set-up they need; everything lands in .venv and the user's cache.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
Q      ?= Who chaired the Hà Tĩnh 2023 review?
STAMP  := $(VENV)/.installed

.PHONY: ask test test-fast gate check format chromium lock clean

ask: $(STAMP)
	@$(BIN)/rag index
	@$(BIN)/rag ask "$(Q)"

test: $(STAMP)
	$(BIN)/python -m pytest

test-fast: $(STAMP)
	$(BIN)/python -m pytest -m "not slow"

# 38 fixed questions with the real models, some minutes. An index of its own: no threshold fitted by hand counts.
gate: $(STAMP)
	$(BIN)/python -m eval --gate --llm local --corpus corpus --index .cache/gate

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The browser tests want Debian's own Chromium; they are skipped, and say so, where there is none.
chromium:
	@command -v chromium >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
		&& apt-get update -qq \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			chromium fonts-dejavu-core >/dev/null; } \
		|| echo "Chromium is not installed and cannot be installed here: the browser tests will be skipped." >&2

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

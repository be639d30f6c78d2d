# Two commands: `make demo` and `make test`. PYTHON chooses the interpreter (3.11 or later).

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
TOOLS  := $(VENV)/.tools
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# Twice as many as there are cores: many tests wait for servers and daemons.
TEST_PROCESSES ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) \* 2)
SOURCES := $(shell find crawler storage -type f -not -name '*.pyc') pyproject.toml constraints.txt README.md

.PHONY: help demo test check soak bench clean
help:
	@echo "make demo    set up, crawl the bundled sample newspaper, search it"
	@echo "make test    set up, check types and style, run the tests"
	@echo "make check   types, style, layers"
	@echo "make soak    the tests that take long"
	@echo "make bench   the benchmarks, each beside a peer"

# The wheel is built from the working tree and installed: what the tests import is what users get.
$(STAMP): $(SOURCES)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Cuttings needs Python 3.11 or later; try make PYTHON=python3.12"; exit 1; }
	$(PIP) pip build hatchling
	rm -rf dist
	$(BIN)/python -m build --no-isolation --wheel --outdir dist . > $(VENV)/build.log || { cat $(VENV)/build.log; exit 1; }
	$(PIP) dist/*.whl
	$(PIP) --no-deps --force-reinstall dist/*.whl
	@touch $@

$(TOOLS): $(STAMP)
	$(PIP) "$$(echo dist/*.whl)[dev,web,markdown,parquet]"
	@touch $@

demo: $(STAMP)
	@$(BIN)/cuttings demo

test: check
	$(BIN)/pytest -n $(TEST_PROCESSES) --dist loadgroup

check: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

soak: $(TOOLS)
	$(BIN)/pytest -m soak --timeout=7200 -p no:randomly -s

bench: $(TOOLS)
	$(BIN)/python benchmarks/crawl.py
	$(BIN)/python benchmarks/feeds.py --feeds 2000 --hosts 200

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

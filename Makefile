# Two commands for a newcomer: `make demo` and `make test`. Each sets itself up in .venv; nothing but Python >= 3.11
# and make is needed. What set-up says goes to stderr: stdout is the program's alone.
#
#   make demo ARGS="--once --json"      make test ARGS="tests/core -k storm"

PYTHON ?=
# How many processes run the tests; 0: this one.
JOBS ?= auto
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Pinned, so that a lock changes only because the world or pyproject.toml did.
UV := uv==0.13.9
ARGS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test chaos fuzz cost storm lint check lock clean

help:
	@echo 'make demo   a believable estate having a bad hour, in about a minute   (ARGS=--once: end when settled)'
	@echo 'make test   the tests                                                  (ARGS: for pytest, JOBS=0: one by one)'
	@echo 'make chaos  three workers and a broker on real Kafka, killed for ten minutes   (ARGS: --short, --seed N)'
	@echo 'make fuzz   100,000 alerts mutated from valid ones through a worker   (ARGS: --alerts N, --seed N, --json)'
	@echo 'make cost   what the transactions cost beside at-least-once, on real Kafka   (ARGS: --repeats N, --json)'
	@echo 'make storm  50,000 alerts of one cause in a minute, and the pages of others meanwhile   (ARGS: --alerts N, --json)'
	@echo 'make lint   ruff, mypy, import-linter'
	@echo 'make check  lint and test'
	@echo 'make setup  only the environment, in $(VENV)'
	@echo 'make lock   renew requirements.lock and requirements-run.lock          (ARGS=--upgrade: newer releases)'
	@echo 'make clean  remove the environment and every cache'

setup: $(READY)

demo: $(READY)
	@$(BIN)/oncall demo $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadgroup $(ARGS)

chaos: $(READY)
	@$(BIN)/python -m tests.chaos $(ARGS)

fuzz: $(READY)
	@$(BIN)/python -m tests.fuzz $(ARGS)

cost: $(READY)
	@$(BIN)/python -m tests.cost $(ARGS)

storm: $(READY)
	@$(BIN)/python -m tests.storm $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint
	@$(MAKE) --no-print-directory test

# The first of these that is new enough makes the environment; PYTHON=... chooses another.
define find_python
for python in $(or $(PYTHON),python3 python3.11 python3.12 python3.13 python); do \
  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then found=$$python; break; fi; \
done; \
if [ -z "$${found:-}" ]; then \
  echo "make: needs Python 3.11 or newer, found: $$($(or $(PYTHON),python3) --version 2>&1 | head -n 1). Install it, or name it: make PYTHON=/path/to/python3.11" >&2; \
  exit 1; \
fi; \
if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
  echo "make: $$found has no venv module. Install it (Debian and Ubuntu: apt install python3-venv)." >&2; \
  exit 1; \
fi
endef

$(READY): requirements.lock pyproject.toml
	@$(find_python); \
	{ \
	  if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "make: setting up $(VENV) with $$found (once; some 80 MB of packages)"; \
	    rm -rf $(VENV); "$$found" -m venv $(VENV) || exit 1; \
	  fi; \
	  $(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock || exit 1; \
	  $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e . || exit 1; \
	  touch $@; \
	} >&2

# One resolution for every platform and Python, with hashes; the image's lock is a subset of it.
lock:
	@$(find_python); \
	{ \
	  [ -x $(VENV)/lock/bin/python ] || "$$found" -m venv $(VENV)/lock || exit 1; \
	  $(VENV)/lock/bin/python -m pip install --quiet '$(UV)' || exit 1; \
	  compile() { $(VENV)/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --custom-compile-command 'make lock' "$$@"; }; \
	  compile pyproject.toml --group pyproject.toml:dev -o requirements.lock $(ARGS) && \
	  compile pyproject.toml -c requirements.lock -o requirements-run.lock; \
	} >&2

clean:
	@rm -rf $(VENV) oncall-data build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

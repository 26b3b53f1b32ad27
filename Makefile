# `make help` lists what there is. Everything happens in .venv, from pinned and hashed packages.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

FILE ?= examples/events.yaml
PORT ?= 8080
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes

# Most tests run side by side, one to a core. Those that are judged by a clock follow: they wait for most of their
# time, so six of them leave cores idle, and each is dealt by itself, for some take minutes.
CROWD := $(PY) -m pytest -m "not calm" --numprocesses logical --dist worksteal
CALM := $(PY) -m pytest -m calm --numprocesses 6 --dist load --maxschedchunk 1

# The first Python of 3.11 or later that can make an environment; PYTHON=... takes another.
CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
USABLE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c '$(USABLE)' 2>/dev/null && echo $$p && break; done)

.PHONY: help up test cover chaos lint bench pictures pins clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

up: $(VENV)/.run ## Everything on this machine: Redis, emulator, beat, worker and page (FILE=…, PORT=…)
	@$(PY) -m worker up "$(FILE)" --port $(PORT)

test: $(VENV)/.test ## Every test, against a real Redis (ARGS=… goes to one plain pytest)
ifeq ($(ARGS),)
	@failed=0; $(CROWD) || failed=1; $(CALM) || failed=1; exit $$failed
else
	@$(PY) -m pytest $(ARGS)
endif

cover: $(VENV)/.test ## Every test, and which lines none of them runs; takes twice the time
	@$(CROWD) --cov --cov-report=
	@$(CALM) --cov --cov-append --cov-report=term-missing:skip-covered

chaos: $(VENV)/.test ## Storms of kills, cuts and lost memory, and a verdict (ARGS=gate: all of them, for hours)
	@$(PY) -m tests.chaos $(ARGS)

lint: $(VENV)/.lint ## ruff, mypy and the layers
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-cache

bench: $(VENV)/.bench ## Our figures beside the peers', from one run
	@$(PY) -m benchmarks $(ARGS)

pictures: $(VENV)/.test ## The README's pictures anew, in a real browser
	@$(PY) -m tests.browser.pictures

pins: $(VENV)/.pins ## Compile requirements/ anew from pyproject.toml (needs the network)
	@for set in run test lint bench; do \
	  case $$set in run) extra= ;; *) extra="--extra $$set --constraints requirements/run.txt" ;; esac; \
	  $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	    --no-header --no-emit-index-url --no-emit-find-links --no-annotate \
	    --group build $$extra pyproject.toml --output-file requirements/$$set.txt || exit 1; \
	done

clean: ## Remove what make made; the state in .relaybeat stays
	rm -rf $(VENV) build dist ./*.egg-info htmlcov .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(PY):
	@test -n "$(PYTHON)" || { echo "Relaybeat needs Python 3.11 or later with its venv module, and none of" \
	  "'$(CANDIDATES)' is one. On Debian and Ubuntu: apt install python3-venv. Or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c '$(USABLE)' 2>/dev/null || { echo "$(PYTHON) is too old or has no venv module:" \
	  "Relaybeat needs Python 3.11 or later, and on Debian and Ubuntu python3-venv" >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear $(VENV)

$(VENV)/.run: $(PY) requirements/run.txt pyproject.toml
	@echo "Installing Relaybeat into $(VENV) ..." >&2
	@$(INSTALL) --requirement requirements/run.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test $(VENV)/.lint $(VENV)/.bench: $(VENV)/.%: $(VENV)/.run requirements/%.txt
	@echo "Installing what 'make $*' needs ..." >&2
	@$(INSTALL) --requirement requirements/$*.txt
	@touch $@

$(VENV)/.pins: $(PY) pyproject.toml
	@$(PY) -m pip install --quiet --disable-pip-version-check "$$(sed -n 's/^pins = \["\(.*\)"\].*/\1/p' pyproject.toml)"
	@touch $@

# Two commands do everything: `make run` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DOCS ?= examples/reports
# Where pip would take a CUDA build of torch (x86-64 Linux without a local CPU wheel), set TORCH_INDEX to the address of
# PyTorch's CPU index; it is used for torch only.
TORCH_INDEX ?=
TORCH := $(shell sed -n 's/^torch==/torch==/p' constraints.txt)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help install run test lint types imports quality bench constraints examples figures train tables answers screenshots clean

help:  ## Show the commands.
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

install: $(VENV)/.installed  ## Create .venv with the command .venv/bin/rodedraad.

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "make: found Python %d.%d, expected 3.11 or newer; set PYTHON=python3.x" % sys.version_info[:2])'
	@echo "Creating $(VENV) (once; a few minutes)"
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	touch $@

$(VENV)/.torch: constraints.txt $(VENV)/.python
	$(PIP) $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX) )$(TORCH)
	touch $@

$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/.torch
	$(PIP) --constraint constraints.txt --editable .
	$(BIN)/python -m flows.temporary_server --prepare
	touch $@

$(VENV)/.dev: $(VENV)/.installed
	$(PIP) --constraint constraints.txt --editable '.[dev]'
	touch $@

run: install  ## Ingest DOCS (examples by default), publish, and serve on http://127.0.0.1:8001.
	@code=0; $(BIN)/rodedraad ingest $(DOCS) || code=$$?; \
	if [ $$code -ne 0 ] && [ $$code -ne 3 ]; then exit $$code; fi
	@$(BIN)/rodedraad serve

test: $(VENV)/.dev  ## Install what the tests need and run them all.
	$(BIN)/python -m pytest

lint: $(VENV)/.dev  ## Check style and format.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev  ## Check types.
	$(BIN)/mypy

imports: $(VENV)/.dev  ## Check who may import what.
	$(BIN)/lint-imports

quality: $(VENV)/.installed  ## Score extraction, search and themes on what was judged, against their floors.
	@if [ -d ../shared/gold ]; then \
	  $(BIN)/rodedraad evaluate ../shared/gold ../shared/corpus --floors docs/floors.toml; \
	else echo "quality: ../shared/gold is not here; scoring the invented examples"; \
	  $(BIN)/rodedraad evaluate examples/gold examples/reports --floors examples/floors.toml; fi
	@if [ -d ../shared/corpus ]; then \
	  $(BIN)/python -m flows.site_quality --docs ../shared/corpus --floors docs/floors.toml; \
	else echo "quality: ../shared/corpus is not here; search and themes are not measured"; fi

bench: $(VENV)/.dev  ## Measure speed and memory, as ratios in one run.
	$(BIN)/rodedraad bench $(DOCS)

constraints: $(VENV)/.dev  ## Write constraints.txt from what is installed.
	@{ echo "# Pinned by make constraints; change pyproject.toml, not this file."; \
	  $(BIN)/python -m pip list --format=freeze --exclude-editable --exclude pip --exclude setuptools --exclude rodedraad \
	  | sed -E 's/\+cpu$$//' | LC_ALL=C sort -f; } > constraints.new
	mv constraints.new constraints.txt
	touch $(VENV)/.torch $(VENV)/.installed $(VENV)/.dev

examples: $(VENV)/.dev  ## Build the invented example reports again.
	$(BIN)/python examples/source/build.py

figures: $(VENV)/.installed  ## Measure anew what docs/extraction.md, docs/search.md and the table quality say.
	$(BIN)/python -m flows.evaluation ../shared/gold ../shared/corpus --write docs/extraction.md --ship "gold set of public reports"
	$(BIN)/python -m flows.site_quality --docs ../shared/corpus --ship --write docs/search.md

train: $(VENV)/.dev  ## Train the judge of statements and write models/weights.
	$(BIN)/python -m flows.training --gold ../shared/gold ../shared/corpus --write

tables: $(VENV)/.installed  ## Write docs/tables.md from the schema.
	$(BIN)/python -m warehouse.schema --write docs/tables.md

answers: $(VENV)/.dev  ## Write the answers that README and docs/api.md show.
	$(BIN)/python docs/answers.py

screenshots: $(VENV)/.dev  ## Take pictures of the pages with Chromium, into docs/images.
	$(BIN)/python docs/screenshots.py

clean:  ## Remove the environment; what the program keeps (data) stays.
	rm -rf $(VENV) build *.egg-info

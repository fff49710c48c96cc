# Three words to know: make run (the demo), make test (everything CI runs), make format.
# uv is used where it is on PATH, else venv and pip; constraints.txt pins both.

SHELL := /bin/sh
VENV := .venv
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
PYTHON := $(BIN)/python
PORT ?= 8501
RUNS ?= 100000
FIND := for found in $(BASE_PYTHON) python3.14 python3.13 python3.12 python3.11 python3 python; do \
	if "$$found" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$found"; break; fi; done

.PHONY: help setup run test check clients warehouses audit schemathesis atheris fleet faults kills format screenshots letter clean
.DEFAULT_GOAL := help

help:
	@echo "make run          set up and serve the demo company on http://127.0.0.1:$(PORT)"
	@echo "make test         set up and run everything that CI runs (make check is the same)"
	@echo "make clients      run real OpenTelemetry clients against the receiver, each in an environment of its own"
	@echo "make faults       break everything on purpose, on SQLite and PostgreSQL, and write docs/faults.md"
	@echo "make fleet        two receivers, two workers, a dashboard under load for ten minutes, against a single process"
	@echo "make audit        hold the dependencies against the advisory service, search the code, write dist/sbom.json"
	@echo "make schemathesis try every path of the OpenAPI document; make atheris: fuzz the parsers, guided by coverage"
	@echo "make warehouses   pull from a DuckDB file and an embedded ClickHouse, each in an environment of its own"
	@echo "make kills N=200  kill receivers -9 while clients send, on SQLite and PostgreSQL: 0 lost, 0 doubled"
	@echo "make format       put the code into its form"
	@echo "make screenshots  make the pictures of docs/screenshots again, from the demo"
	@echo "make letter       write docs/report-example again, from the demo"
	@echo "make clean        remove the virtual environment"

# The environment itself; every missing prerequisite is named with its cure.
$(VENV)/.made:
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python '>=3.11' $(VENV) || exit 1; \
	else \
		base=$$($(FIND)); \
		if [ -z "$$base" ]; then \
			echo "Python 3.11 or newer is missing. Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python;" >&2; \
			echo "Windows: winget install Python.Python.3.13. Then run make again (or name one: make BASE_PYTHON=/usr/bin/python3.12)." >&2; \
			exit 1; \
		fi; \
		if ! "$$base" -c 'import ensurepip, venv' 2>/dev/null; then \
			echo "$$base has no venv module. Debian, Ubuntu: apt install python3-venv. Then run make again." >&2; exit 1; \
		fi; \
		"$$base" -m venv $(VENV) || exit 1; \
	fi
	@touch $@

define install
	@echo "installing offramp$(1) into $(VENV)"
	@if command -v uv >/dev/null 2>&1; then \
		uv pip install --quiet --python $(PYTHON) -c constraints.txt -e '.$(1)'; \
	else \
		$(PYTHON) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.$(1)'; \
	fi
	@touch $@
endef

$(VENV)/.run: $(VENV)/.made pyproject.toml constraints.txt
	$(call install,)

$(VENV)/.test: $(VENV)/.made pyproject.toml constraints.txt
	$(call install,[test])

setup: $(VENV)/.test

run: $(VENV)/.run
	$(BIN)/offramp demo --port $(PORT)

# The rules are the product: their branches are covered to the last one. Then everything else, taste included (tests/house).
test: $(VENV)/.test
	$(PYTHON) -m pytest strategy tests/strategy -q --cov=strategy --cov-branch --cov-fail-under=100
	$(PYTHON) -m pytest tests --ignore=tests/strategy -q -n 2 --dist worksteal

check: test

clients: $(VENV)/.test
	$(PYTHON) -m tests.clients

warehouses: $(VENV)/.test
	$(PYTHON) -m tests.warehouses

N ?= 200
SIZE ?= usual
faults: $(VENV)/.test
	$(PYTHON) -m tests.faults --write --size $(SIZE) --only '$(ONLY)'

fleet: $(VENV)/.test
	$(PYTHON) -m tests.faults.fleet --seconds 600 --write

# Tools with dependencies of their own live in environments of their own.
TOOLS := .venv-tools
$(TOOLS)/.made:
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check 'pip-audit>=2.10,<3' 'bandit>=1.9,<2' 'cyclonedx-bom>=7.5,<8' 'schemathesis>=4.32,<5'
	@touch $@

# What bandit would add to ruff's rules S is named with its reason where it stands (B105, B311, B506 and B608 are S105, S311, S506 and S608).
audit: $(VENV)/.test $(TOOLS)/.made
	mkdir -p dist
	$(TOOLS)/bin/cyclonedx-py environment --output-file dist/sbom.json $(PYTHON)
	$(TOOLS)/bin/bandit --quiet --recursive --skip B105,B311,B506,B608 collectors dashboard db offramp reports strategy
	$(TOOLS)/bin/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

schemathesis: $(VENV)/.test $(TOOLS)/.made
	$(PYTHON) -m tests.fuzz.api --schemathesis $(CURDIR)/$(TOOLS)/bin/schemathesis

atheris: $(VENV)/.test
	$(PYTHON) -m venv .venv-atheris
	.venv-atheris/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]' atheris
	for target in otlp files; do .venv-atheris/bin/python -m tests.fuzz.guided $$target -runs=$(RUNS) || exit 1; done

kills: $(VENV)/.test
	$(PYTHON) -m tests.faults --write --only kills --times $(N)

format: $(VENV)/.test
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

screenshots: $(VENV)/.test
	$(PYTHON) benchmarks/screenshots.py

letter: $(VENV)/.test
	$(PYTHON) benchmarks/letter.py

clean:
	rm -rf $(VENV)

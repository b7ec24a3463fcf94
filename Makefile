# One name for each thing to do. `make help` lists them.
# Needed: Python 3.11 or newer with venv and pip, and make. Everything else comes from the hashed locks in requirements/.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
# Only a first import without bytecode is slow, so the bytecode is written while installing.
export UV_COMPILE_BYTECODE = 1
export UV_PYTHON_DOWNLOADS = never
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# What is developed is what is imported, also where a shell has other plans.
unexport PYTHONPATH PYTHONDONTWRITEBYTECODE

# What hangs ends (where the system has `timeout`). Slow machines are no failure: the same tests took 89 s on one, more than 180 s on another.
OR_IT_HANGS := $(shell command -v timeout >/dev/null && echo timeout 900)

# uv is quick; pip reads the same locks where no uv wheel exists or the machine's index is known to pip only.
UV_INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python
PIP_INSTALL = $(BIN)/python -m pip install --quiet
define install
	@echo "· installing $(1)"
	@test -x $(BIN)/uv && $(UV_INSTALL) --require-hashes $(2) -r requirements/$(1).txt \
		|| $(PIP_INSTALL) --require-hashes $(2) -r requirements/$(1).txt
endef

.DEFAULT_GOAL := help
.PHONY: help env browser demo up sim test strace unit check fmt fuzz chaos chaos-kill chaos-distributed mutate oracle soak demo-year bench lock
.DELETE_ON_ERROR:

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1 - \2/p' $(MAKEFILE_LIST)

# ------------------------------------------------------------------ environment

.venv/made-venv: requirements/installer.txt
	@test -n "$(PYTHON)" || { echo "Glassdesk needs Python 3.11 or newer: none found as python3, python3.11 … python3.14"; exit 1; }
	@echo "· making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing (Debian: apt-get install python3-venv)"; exit 1; }
	@$(PIP_INSTALL) --require-hashes --only-binary :all: -r requirements/installer.txt \
		|| echo "· no uv here: pip will do, more slowly"
	@touch $@

.venv/made-runtime: .venv/made-venv requirements/runtime.txt
	$(call install,runtime)
	@touch $@

.venv/made-data: .venv/made-venv requirements/data.txt
	$(call install,data,--no-deps)
	@touch $@

.venv/made-test: .venv/made-runtime requirements/test.txt
	$(call install,test)
	@touch $@

.venv/made-bench: .venv/made-runtime requirements/bench.txt
	$(call install,bench,--no-deps)
	@touch $@

# The build environment is isolated, and held by hash as well: uv checks build constraints; pip before 25.3 knows none,
# so there the build tools are installed from their lock first and the isolation is switched off.
.venv/made-project: .venv/made-runtime requirements/build.txt pyproject.toml simulator/pyproject.toml \
		hatch_build.py package-lock.json
	@echo "· installing glassdesk and its simulator, fetching browser files and fonts"
	@test -x $(BIN)/uv && $(UV_INSTALL) --no-deps --build-constraints requirements/build.txt -e . -e ./simulator \
		|| { $(PIP_INSTALL) --require-hashes -r requirements/build.txt \
			&& $(PIP_INSTALL) --no-deps --no-build-isolation -e . -e ./simulator; }
	@touch $@

# OpenSpec's checker runs on Node 20.19 or newer: the machine's, else the one from the build lock.
.venv/made-node: .venv/made-venv requirements/build.txt tools/package-lock.json
	@$(BIN)/python tools/openspec.py --has-node \
		|| { echo "· no Node 20.19 or newer here: installing one into .venv"; false; } \
		|| $(UV_INSTALL) --require-hashes -r requirements/build.txt \
		|| $(PIP_INSTALL) --require-hashes -r requirements/build.txt
	@touch $@

env: .venv/made-project .venv/made-data .venv/made-test ## make .venv with everything for use and tests

# ------------------------------------------------------------------ use

demo: .venv/made-project .venv/made-data ## the whole job on the simulator; SERVE=1 leaves the pages open
	@$(BIN)/glassdesk demo $(if $(SERVE),--serve) $(ARGS)

up: .venv/made-project .venv/made-data ## web, worker and dealer in one process
	@$(BIN)/glassdesk up $(ARGS)

sim: .venv/made-project .venv/made-data ## the simulator alone, on port 5055; ARGS="--tape synthetic" is another market
	@$(BIN)/ibkr-simulator serve --port 5055 --tape history --seed 7 $(ARGS)

# ------------------------------------------------------------------ develop

fmt: env ## format, and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# What needs nothing but this process. A journey plays whole days; those of one file share them, so a file stays on one core.
QUICK = not services and not browser and not process and not journey and not desk and not slow
CORES ?= 2
# Whole pages, servers and processes are waited for as much as computed: one more at a time keeps the cores busy.
WORKERS ?= 3

check: env .venv/made-node ## format, lint, types, imports, specifications, quick tests (three minutes at most)
	@echo "· format"; $(BIN)/ruff format --check .
	@echo "· lint"; $(BIN)/ruff check .
	@echo "· types"; $(BIN)/mypy
	@echo "· imports"; $(BIN)/lint-imports --no-logo
	@echo "· specifications"; $(BIN)/python tools/openspec.py validate --all --strict --no-interactive
	@echo "· quick tests"; env -u CI $(OR_IT_HANGS) $(BIN)/python -m pytest -q -n $(CORES) -m "$(QUICK)"

unit: env ## the steps and the kernel alone: no store, no server, fifteen seconds
	@env -u CI $(BIN)/python -m pytest -q tests/kernel tests/workflow -m "$(QUICK)"

# Pages are looked at in a browser: the machine's, else Debian's, installed by whoever may.
AS_ROOT = $(shell [ "$$(id -u)" = 0 ] && echo env || echo sudo -n)
APT_CHROMIUM = DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium

browser:
	@found=$$(command -v chromium || command -v chromium-browser || command -v google-chrome) \
		&& echo "· browser: $$found" \
		|| { echo "· no Chromium here: installing Debian's"; \
			$(AS_ROOT) $(APT_CHROMIUM) >/dev/null 2>&1 \
			|| { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) $(APT_CHROMIUM) >/dev/null; } \
			|| echo "· it could not be installed: the tests of the pages will be skipped"; }

# Real deaths at system calls need strace: the machine's, else Debian's, installed by whoever may.
APT_STRACE = DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends strace

strace:
	@command -v strace >/dev/null \
		|| { echo "· no strace here: installing Debian's"; \
			$(AS_ROOT) $(APT_STRACE) >/dev/null 2>&1 \
			|| { $(AS_ROOT) apt-get update -qq && $(AS_ROOT) $(APT_STRACE) >/dev/null; } \
			|| echo "· it could not be installed: nothing will be killed at system calls"; }

test: env browser strace ## every test, the shorter ones with coverage; fails below 90 % of workflow and kernel, 85 % overall
	@rm -rf build/coverage && mkdir -p build/coverage
	@$(BIN)/python -m pytest -p tests.measuring -n $(WORKERS) --part covered $(ARGS)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --part uncovered $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --fail-under=85 --format=total > build/coverage/total.txt; kept=$$?; \
		echo "coverage overall: $$(cat build/coverage/total.txt) % (at least 85)"; exit $$kept
	@$(BIN)/coverage report --fail-under=90 --format=total --include='*/glassdesk/workflow/*,*/glassdesk/kernel/*' \
		> build/coverage/core.txt; kept=$$?; \
		echo "coverage of workflow and kernel: $$(cat build/coverage/core.txt) % (at least 90)"; exit $$kept

fuzz: env ## 5,000 mutated answers of every kind, 10,000 adapter calls under random faults (two minutes)
	@GLASSDESK_FUZZ=$(or $(BODIES),5000) GLASSDESK_CALLS=$(or $(CALLS),10000) GLASSDESK_SEED=$(or $(SEED),1) $(BIN)/python -m pytest -q -n $(CORES) tests/fuzz $(ARGS)

chaos: env strace ## deaths, pauses, a broker at its worst: SEEDS=500, the desk, mutants, kill points; writes build/chaos.json
	@$(BIN)/python -m tests.chaos run --seeds $(or $(SEEDS),500) --jobs $(CORES) $(ARGS)

chaos-kill: env strace ## kill -9 at 500 system calls, and at 100 on PostgreSQL, Celery and Redis with cut connections; build/chaos-kill*.json
	@$(BIN)/python -m tests.chaos.kill --points $(or $(POINTS),500) $(ARGS)
	@$(BIN)/python -m tests.chaos.kill --on postgres --points $(or $(POSTGRES_POINTS),100) --out build/chaos-kill-postgres.json $(ARGS)

chaos-distributed: env ## a desk in nine processes loses queue, rows, objects, workers and dealers while it trades; TIMES=1; build/chaos-distributed.json
	@$(BIN)/python -m tests.chaos.distributed --times $(or $(TIMES),1) $(ARGS)

mutate: env ## 30 mistakes of one place in risk, orders, tracking, positions: 90 % must fail a unit test; SEED=1 COUNT=30
	@$(BIN)/python -m tests.mutations --seed $(or $(SEED),1) --count $(or $(COUNT),30) --at-once $(CORES) $(ARGS)

oracle: env ## when strategies are due, beside an oracle that looks at every minute: 12 zones, 40 patterns, 2024 to 2030
	@$(BIN)/python -m tests.oracle --jobs $(CORES) $(ARGS)

soak: env ## 10,000 charts in flat memory, 30 days of a late human and a dying desk, then 250 trading days beside the broker's books; DAYS=250
	@mkdir -p build
	@$(BIN)/python -m tests.soak.charts --charts $(or $(CHARTS),10000) > build/soak-charts.json; ended=$$?; cat build/soak-charts.json; exit $$ended
	@$(BIN)/python -m tests.soak.slots --days $(or $(SLOT_DAYS),30) > build/soak-slots.json; ended=$$?; cat build/soak-slots.json; exit $$ended
	@$(BIN)/python -m tests.soak --days $(or $(DAYS),250) $(ARGS) > build/soak.json; ended=$$?; cat build/soak.json; exit $$ended

demo-year: env ## the demo from the first session of each month of 2012; MONTHS="5 6" is some of them
	@mkdir -p build
	@$(BIN)/python -m tests.journeys.year $(if $(MONTHS),--months $(MONTHS)) $(ARGS) > build/demo-year.json

bench: .venv/made-project .venv/made-data .venv/made-bench ## time the parts against named peers; writes build/bench.json
	@mkdir -p build
	@$(BIN)/python -m bench $(ARGS)

lock: .venv/made-venv ## remake every lock; UPGRADE=1 takes newer versions
	@$(BIN)/python tools/locks.py $(if $(UPGRADE),--upgrade)

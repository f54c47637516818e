# The two commands of the README: `make` draws the lecture, `make test` tests it. `make bench` measures it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Every recipe below finds the environment's Python first. Tools are run by it: their own commands would not start where
# the checkout's path has a quote.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: lecture certificate snakemake-report test check bench bench-pipeline stability calibration calibration-tests format schema fonts timings lock clean setup setup-dev setup-bench
.DEFAULT_GOAL := lecture

lecture: setup
	@python -m snakemake
	@echo "The report: $$PWD/reports/lecture.html"

# Snakemake's own report: the pictures on their shelves, the graph of rules, how long they took; it needs no network
snakemake-report: lecture
	@python -m snakemake --quiet all --report reports/snakemake.html
	@echo "Snakemake's report: $$PWD/reports/snakemake.html"

# the estimators of CONFIG, or all of the lecture's, judged; status 1 if one is broken. RUN is where the files go
RUN ?= .
certificate: setup
	@snakemake certificate --directory $(RUN) $(if $(CONFIG),--configfile $(CONFIG))

# on all cores, a file at a time, the long ones first
test: setup-dev
	@python -m pytest -q -n logical --dist loadfile --no-loadscope-reorder -m "not calibration"

check: setup-dev
	@python -m ruff format --check .
	@python -m ruff check .
	@python -m snakefmt --check Snakefile workflow/rules
	@python -m mypy
	@lint-imports
	@python -m pytest -q tests/checks

bench: setup-bench
	@python benchmarks/training_speed.py

# what the pipeline spends on itself
bench-pipeline: setup-dev
	@python benchmarks/pipeline.py

# whether the verdicts hold with other seeds; the ledger shows it
stability: setup
	@python workflow/stability.py

# whether checks and claims err as rarely as they promise where the truth is known: on synthetic tables, then by the
# lecture's own studies
calibration: calibration-tests
	@python -W ignore benchmarks/calibration.py

calibration-tests: setup-dev
	@python -m pytest -q -n logical -m calibration

format: setup-dev
	@python -m ruff format .
	@python -m ruff check --fix .
	@python -m snakefmt Snakefile workflow/rules

schema: setup
	@python -m pgpipe.lecture.config > workflow/schemas/config.schema.json
	@python -m pgpipe.lecture.codebook > docs/tables.md

# the letters of pictures and pages, from npm's registry
fonts: setup
	@pip install --quiet brotli && python workflow/subset_fonts.py

# What the progress display expects of jobs where no lecture has run yet: the mean of each rule in the run in this folder.
timings: setup
	@python -m snakemake_logger_plugin_pgpipe results/timings workflow/timings.json

# Exact versions of what pyproject.toml asks for today; torch's local suffix (+cpu) installs nowhere else, and
# the NVIDIA packages of other builds are theirs to pin.
FREEZE := pip freeze --exclude-editable | sed 's/+cpu$$//' | grep -v '^nvidia' | LC_ALL=C sort
lock:
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@. .venv-lock/bin/activate && pip install --quiet --editable . && $(FREEZE) > requirements.lock \
	  && pip install --quiet --editable '.[dev]' && $(FREEZE) | LC_ALL=C comm -13 requirements.lock - > requirements-dev.lock \
	  && pip install --quiet --editable '.[bench]' \
	  && $(FREEZE) | LC_ALL=C comm -13 requirements.lock - | LC_ALL=C comm -13 requirements-dev.lock - > requirements-bench.lock
	@rm -rf .venv-lock

clean:
	rm -rf results logs replayed .snakemake
	find reports -mindepth 1 ! -name README.md -delete

# The copy of the lock file beside the environment says what was installed; time stamps do not matter.
setup:
	@cmp -s requirements.lock $(VENV)/requirements.lock || { set -e; \
	  $(PYTHON) -m venv --clear $(VENV); \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .; \
	  cp requirements.lock $(VENV)/requirements.lock; }

setup-dev: setup
	@cmp -s requirements-dev.lock $(VENV)/requirements-dev.lock || { set -e; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock; \
	  cp requirements-dev.lock $(VENV)/requirements-dev.lock; }

# Whom the benchmarks compare with.
setup-bench: setup
	@cmp -s requirements-bench.lock $(VENV)/requirements-bench.lock || { set -e; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.lock; \
	  cp requirements-bench.lock $(VENV)/requirements-bench.lock; }

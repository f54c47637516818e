# The two commands of the README: `make` draws the lecture, `make test` tests it. `make bench` measures it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Every recipe below finds the environment's Python first. Tools are run by it: their own commands would not start where
# the checkout's path has a quote.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: lecture certificate crate verify reference why snakemake-report test test-faults test-all faults test-pythons check check-tools bench bench-pipeline stability calibration calibration-tests format schema fonts timings costs scaling lock clean setup setup-crate setup-validator setup-dev setup-bench
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
	@python -m snakemake certificate --directory "$(RUN)" $(if $(CONFIG),--configfile "$(CONFIG)")

# the run in RUN as a Provenance Run Crate, for WorkflowHub, Zenodo and others; AGENT and ORCID say who ran it
crate: setup-crate
	@python workflow/crate.py "$(RUN)" $(if $(AGENT),--agent "$(AGENT)") $(if $(ORCID),--orcid $(ORCID))

# everything made anew in runs/verification, and compared with the run in RUN (or its part SECTION), with the manifest
# or the reference AGAINST; status 1 if something differs. REBUILT compares what lies there instead of making it anew.
verify: setup
	@python workflow/verify.py --run "$(RUN)" $(if $(CONFIG),--config "$(CONFIG)") $(if $(SECTION),--section $(SECTION)) \
	  $(if $(AGAINST),--against "$(AGAINST)") $(if $(REBUILT),--rebuilt "$(REBUILT)")

# what `make verify` compares with where nothing has run yet: made of the run in RUN
reference: setup
	@python workflow/verify.py reference --run "$(RUN)"

# what FIGURE=P10 (or TABLE=flows, CLAIM=C3, CHECK=E7) depends on, what of it has changed, what would run
why: setup
	@python workflow/why.py --run "$(RUN)" $(if $(CONFIG),--config "$(CONFIG)") $(if $(FIGURE),--figure $(FIGURE)) \
	  $(if $(TABLE),--table $(TABLE)) $(if $(CLAIM),--claim $(CLAIM)) $(if $(CHECK),--check $(CHECK))

# whether the lock file installs, and the tiny preset runs, with each Python that this machine has
test-pythons:
	@.ci/pythons

# on all cores, a file at a time, the long ones first
PARALLEL := -n logical --dist loadfile --no-loadscope-reorder
# generated configs of a kind: 10,000 in all
MANY := 3200
test: setup-dev
	@python -m pytest -q $(PARALLEL) -m "not calibration and not faults" --ignore tests/checks

# what takes longer: machines that fail, thousands of configs, runs of their own, crates by the validator of others;
# some tests need Slurm (.ci/slurm installs it)
test-faults: setup-dev setup-validator
	@python -m pytest -q -n logical --dist worksteal -m faults
	@EXAMPLES=$(MANY) python -m pytest -q -n logical tests/lecture/test_generated_configs.py

# check's tests, these two, and calibration-tests in one go: no core waits for the last one of each
test-all: setup-dev setup-validator
	@EXAMPLES=$(MANY) python -m pytest -q $(PARALLEL)

# the README's table of that, from what the tests tell
faults: setup-dev
	@rm -rf .faults && FAULTS="$$PWD/.faults" python -m pytest -q -n logical --dist worksteal -m faults
	@python tests/disturbed.py .faults && rm -rf .faults

check: check-tools
	@python -m pytest -q tests/checks

check-tools: setup-dev
	@python -m ruff format --check .
	@python -m ruff check .
	@python -m snakefmt --check Snakefile workflow/rules
	@python -m mypy
	@lint-imports

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

# what jobs take, by what they compute, from the runs in these folders: time and memory that a cluster is asked for
RUNS ?= runs/tiny . runs/costs
costs: setup
	@python -m workflow.costs $(RUNS)

# what the paper preset takes on 1, 10 and 100 cores, on paper
scaling: setup
	@python -m workflow.scaling

# Exact versions of what pyproject.toml asks for today; torch's local suffix (+cpu) installs nowhere else, and
# the NVIDIA packages of other builds are theirs to pin.
FREEZE := pip freeze --exclude-editable | sed 's/+cpu$$//' | grep -v '^nvidia' | LC_ALL=C sort
lock:
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@. .venv-lock/bin/activate && pip install --quiet --editable . && $(FREEZE) > requirements.lock \
	  && pip install --quiet --editable '.[dev]' && $(FREEZE) | LC_ALL=C comm -13 requirements.lock - > requirements-dev.lock \
	  && pip install --quiet --editable '.[crate]' \
	  && $(FREEZE) | LC_ALL=C comm -13 requirements.lock - | LC_ALL=C comm -13 requirements-dev.lock - > requirements-crate.lock \
	  && pip install --quiet --editable '.[bench]' \
	  && $(FREEZE) | LC_ALL=C comm -13 requirements.lock - | LC_ALL=C comm -13 requirements-dev.lock - \
	    | LC_ALL=C comm -13 requirements-crate.lock - > requirements-bench.lock
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@. .venv-lock/bin/activate && pip install --quiet roc-validator rocrate && $(FREEZE) > requirements-validator.lock
	@rm -rf .venv-lock

clean:
	rm -rf results logs replayed .snakemake
	find reports -mindepth 1 ! -name README.md ! -name reference.json -delete

# The copy of the lock file beside the environment says what was installed; time stamps do not matter. A second `make`
# waits for the first to have set it up.
setup:
	@cmp -s requirements.lock $(VENV)/requirements.lock || { set -e; exec 9> .venv.lock; \
	  ! command -v flock > /dev/null || flock 9; ! cmp -s requirements.lock $(VENV)/requirements.lock || exit 0; \
	  $(PYTHON) -m venv --clear $(VENV); \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .; \
	  cp requirements.lock $(VENV)/requirements.lock; }

setup-crate: setup
	@cmp -s requirements-crate.lock $(VENV)/requirements-crate.lock || { set -e; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-crate.lock; \
	  cp requirements-crate.lock $(VENV)/requirements-crate.lock; }

# The crate's validator wants other versions than the rest.
setup-validator:
	@cmp -s requirements-validator.lock .venv-validator/requirements.lock || { set -e; \
	  $(PYTHON) -m venv --clear .venv-validator; \
	  .venv-validator/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-validator.lock; \
	  cp requirements-validator.lock .venv-validator/requirements.lock; }

setup-dev: setup setup-crate
	@cmp -s requirements-dev.lock $(VENV)/requirements-dev.lock || { set -e; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock; \
	  cp requirements-dev.lock $(VENV)/requirements-dev.lock; }

# Whom the benchmarks compare with.
setup-bench: setup
	@cmp -s requirements-bench.lock $(VENV)/requirements-bench.lock || { set -e; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.lock; \
	  cp requirements-bench.lock $(VENV)/requirements-bench.lock; }

# make          set up .venv and run the default preset: figures, tables, report
# make paper    everything of the paper: figures 1 to 23, tables 1 to 7 (after `make`, an hour on two cores for digits)
# make critics  answers to the paper's critics
# make plan     what all of it will cost
# make decide   grow populations until claims are decided: make decide UNTIL=regnet_beats_e HOURS=8
# make two_phase   train the networks that tell most of a space: make two_phase POPULATIONS=RegNetX_w0_wa NETWORKS=72
# make test     set up .venv and run the tests, without the slow simulations
# make test-slow   those: how often intervals hold the truth, changed configurations by the hundred
# make test-gpu     what training on a GPU promises, where there is one
# make test-slurm   the tests against a SLURM cluster that they bring up on this machine (Debian, root)
# make lint     style of Python and Snakemake files, order of the packages, types, and the engine's own lint
# make docs     the generated pages of docs/reference
# make preview  figures and tables from the runs that are there now, also while a run goes on
# make gallery  figures and tables on natural images (cifar10_cpu) from what is kept in docs/gallery; trains and measures nothing
# make bundle   what `make` made in one file for others; STUDIES=all: all studies (docs/how-to/pass_on.md)
# make clean    remove the results of the default preset (not the environment)

PRESET ?= digits
PYTHON ?= python3
BIN := .venv/bin
SNAKEMAKE := $(BIN)/snakemake --profile profiles/local
CONFIGFILE := --configfile config/presets/$(PRESET).yaml

# The engine keeps caches below the home folder and stops with a traceback where it cannot
CACHES := "$${XDG_CACHE_HOME:-$$HOME/.cache}/snakemake"
ifeq ($(shell mkdir -p $(CACHES) 2>/dev/null && test -w $(CACHES) && echo yes),)
$(info the home folder cannot be written: the engine keeps its caches in .snakemake/caches)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/caches
endif

CHAPTERS := [section_3,generalisation,section_4,section_5,appendix]
# trainings of the digits preset take seconds: one job for eight of them
PER_JOB := $(if $(filter digits,$(PRESET)),models_per_job=8)
PAPER := $(CONFIGFILE) --config run_studies=$(CHAPTERS) $(PER_JOB)
GALLERY := --configfile config/presets/cifar10_cpu.yaml --config name=gallery models_per_job=32 run_studies=[section_3,section_4]
GALLERY_STUDIES := unquantised_widths sharing_equivalence sharing_tests unshared_patterns matched_complexity \
                   matched_conclusions time_attribution zero_cost_proxies sensitivity \
                   fixed_choices fixed_choices_table fits_from_32 labels_and_recipe order_holds block_types_longer \
                   block_types_order seed_noise \
                   budget_agreement budget_drift budget_split budget_numbers budget_plan
CRITICS := critics sensitivity $(CONFIGFILE) $(if $(PER_JOB),--config $(PER_JOB))

ifneq ($(words $(CURDIR)),1)
$(error the folder of the project has a space in its name, "$(CURDIR)": move it to one without)
endif

.PHONY: all paper critics report preview plan decide two_phase bundle gallery test test-slow test-slurm test-gpu lint format docs clean
all: .venv/ready
	$(SNAKEMAKE) $(CONFIGFILE)
	$(MAKE) --no-print-directory report

paper: .venv/ready
	$(SNAKEMAKE) $(PAPER)
	$(SNAKEMAKE) $(PAPER) --report results/$(PRESET)/report.html
	@echo "done: open results/$(PRESET)/report.html"

critics: .venv/ready
	$(SNAKEMAKE) $(CRITICS)
	$(SNAKEMAKE) $(CRITICS) --report results/$(PRESET)/critics.html
	@echo "done: open results/$(PRESET)/critics.html"

report: .venv/ready
	$(SNAKEMAKE) $(CONFIGFILE) --report results/$(PRESET)/report.html
	@echo "done: open results/$(PRESET)/report.html"

preview: .venv/ready
	$(SNAKEMAKE) preview --nolock $(PAPER)

plan: .venv/ready
	$(SNAKEMAKE) plan $(PAPER)

decide: .venv/ready
	PYTHONPATH=scripts $(BIN)/python -m netspaces.workflow.decide $(CONFIGFILE) --until $(UNTIL) --hours $(HOURS)

two_phase: .venv/ready
	PYTHONPATH=scripts $(BIN)/python -m netspaces.workflow.two_phase $(CONFIGFILE) --populations $(POPULATIONS) --networks $(NETWORKS)

bundle: .venv/ready
	$(SNAKEMAKE) bundle $(CONFIGFILE) $(if $(STUDIES),--config run_studies=$(STUDIES) $(PER_JOB))

gallery: .venv/ready
	mkdir -p results/gallery
	cp docs/gallery/cifar10_cpu/runs.parquet results/gallery/
	$(SNAKEMAKE) restore_runs $(GALLERY)
	$(SNAKEMAKE) all $(GALLERY_STUDIES) --until collect $(GALLERY)
	cp -R docs/gallery/cifar10_cpu/measured/. results/gallery/
	$(SNAKEMAKE) all $(GALLERY_STUDIES) $(GALLERY)

test: .venv/ready
	$(BIN)/python -m pytest -m "not slow" --numprocesses 2 --dist loadfile

test-slow: .venv/ready
	$(BIN)/python -m pytest -m slow --numprocesses 2

test-slurm: .venv/ready
	$(BIN)/python -m pytest tests/slurm

test-gpu: .venv/ready
	$(BIN)/python -m pytest tests/gpu

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=scripts $(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

format: .venv/ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

docs: .venv/ready
	PYTHONPATH=scripts $(BIN)/python -m netspaces.workflow.reference docs/reference

clean:
	rm -rf results/$(PRESET)

# Exact versions; a change of requirements.txt makes the environment anew
.venv/ready: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	rm -rf .venv
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	printf '\n# plain `snakemake` runs on this machine; --profile says otherwise\nexport SNAKEMAKE_PROFILE="%s"\n' '$(CURDIR)/profiles/local' >> .venv/bin/activate
	touch $@

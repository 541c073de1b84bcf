# Every target does its own set-up; `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo demo-shop test unit check bench sabotage cluster-up cluster-down setup-python setup-machine

python := .venv/bin/python
pytest := $(python) -m pytest
# The demo and the tests use the local cluster alone, whatever this shell is used to.
unexport KUBECONFIG

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

demo: setup-machine  ## show it all: production, backups, and the proof that they bring it back
	$(python) -m devcluster build
	$(python) -m examples.wordpress.demo

demo-shop: setup-machine  ## the same for an application of another shape: PostgreSQL, Redis, a worker
	$(python) -m devcluster build
	$(python) -m examples.shop.demo

test: setup-machine check  ## run every test, on a real cluster that is started here
	$(pytest) tests/unit -n 2
	$(if $(wildcard tests/lifecycle/test_*.py),$(pytest) tests/lifecycle)
	$(python) -m devcluster build
	$(python) -m devcluster up
	$(pytest) $(wildcard tests/cluster tests/faults) -n 4 --dist loadgroup

unit: setup-python  ## run the tests that need no cluster
	$(pytest) tests/unit -n 2

check: setup-python  ## lint, check types, imports and generated schemas
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	.venv/bin/lint-imports
	$(python) -m provisioner.schemas --check

bench: setup-machine  ## measure against what people do by hand, into benchmarks/results.md
	$(python) -m devcluster build
	$(python) -m benchmarks

sabotage: setup-machine  ## break backups in every way, and count what is found, into tests/sabotage/results.md
	$(python) -m devcluster build
	$(python) -m tests.sabotage

cluster-up: setup-machine  ## start the local cluster
	$(python) -m devcluster up

cluster-down: setup-machine  ## take the local cluster away without a trace
	$(python) -m devcluster down

setup-python:
	@scripts/setup.sh python

setup-machine:
	@scripts/setup.sh machine

# What is run by hand and by CI. Every target exits non-zero when its claim fails and prints its
# figures last.

ROUNDS ?= 200
SEEDS ?= 2000
SECONDS ?= 60
MINUTES ?= 5
DIR ?= $(or $(CHANCERY_DATA),data)

.PHONY: help setup setup-build run network network-work test test-postgres interop contract crash simulate chaos bench bench-network bench-evidence audit fuzz deny clean

help: ## What there is to run.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## Installs what building and testing need and this machine lacks.
	@scripts/setup.sh build test

setup-build:
	@scripts/setup.sh build

run: setup-build ## Builds, founds a small demo, and serves it. CHANCERY_PORT, CHANCERY_DATA.
	@exec scripts/run.sh

network: setup-build ## Four nodes that agree, on this machine, with the demo and a live table. CHANCERY_PORT.
	@exec scripts/network.sh pool

network-work: setup-build ## Three nodes of proof of work, on this machine, with the demo and a live table.
	@exec scripts/network.sh work

test: setup ## Format, lints, licences, every suite, the stock JOSE clients, a short crash run.
	@exec scripts/test.py

test-postgres: setup ## What runs on SQLite otherwise, on PostgreSQL: projections, interface, every story with a node.
	@exec scripts/test-postgres.sh

interop: setup ## Our output checked by the implementations of others: stock JOSE clients, scitt-cose, plain Python.
	cargo build --locked --workspace --bins
	@exec tests/interop/run.sh

contract: setup ## Holds a node to its interface description: schemathesis as everyone, and odd inputs.
	@exec scripts/contract.sh

crash: setup-build ## Kills the node ROUNDS times under load and looks for what it had promised.
	@exec scripts/crash.sh $(ROUNDS)

chaos: setup-build ## Kills, cuts off, wipes and floods four nodes under load for MINUTES, and audits them all.
	@exec scripts/chaos.sh $(MINUTES)

simulate: setup-build ## Runs SEEDS pools and ledgers of work on simulated clocks, networks and disks, with liars.
	@exec scripts/simulate.sh $(SEEDS)

bench: setup-build ## Rates and latencies beside the rate of bare signature verification.
	@exec scripts/bench.sh

bench-network: setup-build ## Finality and rate of four nodes on this machine, and with one of them down.
	@exec scripts/bench-network.sh

bench-evidence: ## Checking evidence in Rust and in Chromium, making it at a million, and the audit's rate.
	@scripts/setup.sh build browser
	@exec scripts/bench-evidence.sh

audit: setup-build ## Replays the ledger in DIR from its genesis.
	cargo build --release --locked --package chancery-api --package chancery-cli
	@exec "$${CARGO_TARGET_DIR:-target}/release/chancery" audit "$(DIR)"

fuzz: setup-build ## Runs every fuzz target for SECONDS seconds.
	@exec scripts/fuzz.sh $(SECONDS)

deny: ## Licences, sources, banned crates, advisories (cargo-deny).
	@exec scripts/deny.sh

clean: ## Removes what was built. Ledgers are left alone.
	cargo clean
	rm -rf tests/interop/node_modules fuzz/target

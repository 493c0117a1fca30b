# `make demo` and `make test` are all that a fresh clone needs; the rest are parts of them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help cu fuzz setup programs build bench bench-kernels bench-data bench-detection bench-reducer netns honest test clients node lint fmt idl demo up env

export AIXBLOCK_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/aixblock
export LIBTORCH ?= $(AIXBLOCK_CACHE)/libtorch-2.13.0
export PATH := $(PATH):$(AIXBLOCK_CACHE)/cargo-tools/bin
# tests and scripts look for what was built in target/
unexport CARGO_TARGET_DIR

# One profile and one selection of packages everywhere: other flags would give dependencies other features, and compile
# them a second time.
CARGO_FLAGS := --locked --workspace

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: ## install what a build needs (idempotent; into $AIXBLOCK_CACHE or ~/.cache/aixblock)
	@scripts/setup.sh

programs: setup ## build the on-chain programs to target/deploy
	@scripts/build-programs.sh

build: programs ## build everything that runs
	cargo build $(CARGO_FLAGS) --bins

test: node build ## check the format, run every test, and every fuzz target for FUZZ_SECONDS (a few, 60 in all)
	cargo fmt --all --check
	cargo nextest run $(CARGO_FLAGS)
	@scripts/clients.sh
	@scripts/netns.sh
	scripts/fuzz.sh

fuzz: build ## run each fuzz target for FUZZ_SECONDS (60), and the tests against models with AIXBLOCK_STEPS (100000)
	cargo nextest run $(CARGO_FLAGS) -E 'binary(program_seeds)'
	FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) scripts/fuzz.sh
	AIXBLOCK_STEPS=$(or $(AIXBLOCK_STEPS),100000) cargo nextest run $(CARGO_FLAGS) --profile long -E 'test(model) or test(random) or binary(program_storm)'

clients: build ## check, build and test the TypeScript client
	@scripts/clients.sh

# first of all, so that its absence does not show after the long build
node:
	@scripts/clients.sh node

lint: programs ## the format, and clippy with warnings as errors (checks all dependencies once more: slow when cold)
	cargo fmt --all --check
	cargo clippy $(CARGO_FLAGS) --all-targets -- -D warnings

cu: build ## measure compute units and program sizes into docs/measured
	UPDATE_CU=1 cargo nextest run $(CARGO_FLAGS) -E 'binary(compute_units)'

bench: build ## everything that is measured, PyTorch beside it (installed for this, 5 GB), into target/bench/report.json; BENCH=--quick
	@scripts/bench.sh $(BENCH)

bench-kernels: build ## time the canonical kernels against libtorch's own into target/bench/kernels.json
	target/debug/aixblock-kernel-bench

bench-data: build ## time and memory of reading shuffled samples from chunks, into target/bench/data.json
	target/debug/aixblock-data-bench

bench-detection: build ## simulate audits and compare how often they catch a cheat with the formula: target/bench/detection.json, .svg
	target/debug/aixblock-detection

honest: build ## train AIXBLOCK_HONEST_JOBS (200) random jobs and replay them: none may be rejected
	AIXBLOCK_HONEST_JOBS=$(or $(AIXBLOCK_HONEST_JOBS),200) cargo nextest run $(CARGO_FLAGS) --profile long -E 'binary(honest_jobs)'

bench-reducer: build ## time the canonical reducer against gloo, two workers against one, and commitments, into target/bench/reducer.json
	target/debug/aixblock-reducer-bench

netns: build ## train on two network namespaces with a cable that delays and loses packets, and cut it (Linux, user namespaces, /dev/net/tun)
	@scripts/netns.sh

fmt: ## format the code
	cargo fmt --all

idl: node ## write idl/*.json and the TypeScript client anew, after a change of the programs' interfaces
	UPDATE_IDL=1 cargo test $(CARGO_FLAGS) --quiet $(patsubst idl/tests/%.rs,--test %,$(wildcard idl/tests/*_idl.rs))
	@scripts/clients.sh generate

demo: build ## the whole journey on this machine: list, fund, train, verify, pay, earn, claim, query
	target/debug/aixblock demo

up: build ## a local chain, indexer, API and oracles that stay up
	target/debug/aixblock up

env: ## the variables for using cargo by hand: eval "$(make -s env)"
	@printf 'export AIXBLOCK_CACHE=%q LIBTORCH=%q PATH="$$PATH":%q\n' '$(AIXBLOCK_CACHE)' '$(LIBTORCH)' '$(AIXBLOCK_CACHE)/cargo-tools/bin'

# What one types here; `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help install demo serverless ha stop test fuzz chaos chaos-gateway chaos-ha check bench bench-gateway bench-pooler clean

# some tests wait for a server more than they calculate
THREADS ?= $(shell expr $$(nproc) + 1)

help: ## list what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{ printf "  make %-13s %s\n", $$1, $$2 }'

install: ## install what is missing on Debian 12: PostgreSQL, the local cloud
	@scripts/install.sh

demo: install ## build, start everything here, and show one round: insert, plan, apply, drift, repair
	cargo build --locked
	@scripts/demo.sh

serverless: install ## build, and show a row that becomes a database which sleeps in a bucket and wakes when called; stops all of it
	cargo build --locked
	@scripts/serverless.sh

ha: install ## build, and show a row that becomes a cluster which goes on when its primary is killed; stops all of it
	cargo build --locked
	@scripts/ha.sh

stop: ## stop what `make demo` left running
	@scripts/stop.sh

test: ## run all tests
	@scripts/install.sh tests
	cargo test --locked --doc
	cargo test --locked --lib --bins --test all -- --test-threads=$(THREADS)

fuzz: ## try what comes from outside with CASES=… random inputs (20000) from SEED=… (the time)
	@scripts/install.sh tests
	cargo test --locked --no-run --test all
	seed=$(or $(SEED),$$(date +%s)); echo "SEED=$$seed"; \
	  PROPTEST_CASES=$(or $(CASES),20000) IASQL_SEED=$$seed cargo test --locked --test all fuzz::

chaos: ## kill, freeze and cut off engines at random: MINUTES=10 or ROUNDS=1000, SEED=4711 to play one again
	@scripts/install.sh tests
	IASQL_CHAOS_MINUTES=$(MINUTES) IASQL_CHAOS_ROUNDS=$(or $(ROUNDS),100) IASQL_CHAOS_SEED=$(SEED) \
	  cargo test --locked --test all chaos::a_campaign_with_a_fresh_seed -- --nocapture

chaos-gateway: ## kill, freeze and cut off gateway nodes at random: MINUTES=10 or ROUNDS=1000, SEED=4711, CLOUD=1 over the local S3
	@scripts/install.sh tests
	IASQL_CHAOS_MINUTES=$(MINUTES) IASQL_CHAOS_ROUNDS=$(or $(ROUNDS),100) IASQL_CHAOS_SEED=$(SEED) IASQL_CHAOS_CLOUD=$(CLOUD) \
	  cargo test --locked --test all durable::campaign::a_campaign_with_a_fresh_seed -- --nocapture

chaos-ha: ## kill, freeze, cut off and starve a cluster's processes while clients write: MINUTES=10 or ROUNDS=280, SEED=4711, FAULT=freeze,store, COMMITS=wait, PROFILE=release; PEER=patroni [TUNED=1] measures that
	@scripts/install.sh tests
	$(if $(PROFILE),cargo build --locked --profile $(PROFILE))
	IASQL_CHAOS_MINUTES=$(MINUTES) IASQL_CHAOS_ROUNDS=$(ROUNDS) IASQL_CHAOS_SEED=$(SEED) IASQL_CHAOS_FAULT=$(or $(FAULT),all) IASQL_CHAOS_COMMITS=$(COMMITS) \
	IASQL_CHAOS_PEER=$(PEER) IASQL_CHAOS_TUNED=$(TUNED) IASQL_TEST_PROGRAM=$(if $(PROFILE),$(abspath $(or $(CARGO_TARGET_DIR),target))/$(PROFILE)/iasql) \
	  cargo test --locked --test all ha_chaos::$(if $(PEER),peer::a_peer_is_measured,a_campaign_with_a_fresh_seed) -- --nocapture

check: install ## formatting, clippy and the documentation, warnings denied
	@cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 || { echo "rustfmt or clippy is missing: rustup component add rustfmt clippy" >&2; exit 1; }
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

bench: install ## measure the figures that stand in the README
	cargo bench --locked --bench figures

bench-gateway: ## measure the gateway beside PgBouncer
	@scripts/install.sh bench
	cargo bench --locked --bench figures gateway

bench-pooler: ## measure the pooler beside PgBouncer and the primary itself
	@scripts/install.sh bench
	cargo bench --locked --bench figures pooler

clean: stop ## remove all that was built or installed in this folder
	cargo clean
	rm -rf .iasql

# make demo    decides a real log by a real policy
# make test    installs what the tests need and runs every one
# make bench   times whole decisions beside their floor and prints the ratios
# make soak    the properties again, far longer than in make test
# make deny    licences and sources of everything that is linked (installs cargo-deny)

CARGO ?= cargo
# How many comparisons the oracle makes in `make soak`.
SOAK_COMPARISONS ?= 200000000

.PHONY: demo test test-core tools bench soak deny

demo:
	@$(CARGO) build --quiet --release -p corsac-cli
	@./examples/demo.sh target/release/corsac

test: test-core

tools:
	@./tests/tools.sh

test-core: tools
	@./tests/stage.sh test-core

bench:
	$(CARGO) bench -p corsac-bench
	$(CARGO) run --quiet --profile bench -p corsac-bench --bin ratios

soak: tools
	CORSAC_COMPARISONS=$(SOAK_COMPARISONS) $(CARGO) test --profile ci -p corsac-tests

deny:
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check licenses bans sources

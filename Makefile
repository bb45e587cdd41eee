# make demo    decides a real log by a real policy, and one request in Rust, C and C++
# make test    installs what the tests need and runs every one
# make install puts the C libraries and headers into PREFIX (/usr/local); DESTDIR goes before it,
#              LIBDIR is PREFIX/lib; make uninstall takes them away
# make bench   times whole decisions beside their floor and prints the ratios
# make soak    the properties again, far longer than in make test
# make deny    licences and sources of everything that is linked (installs cargo-deny)

CARGO ?= cargo
# Where `make install` puts what it builds, with which of cargo's profiles.
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
PROFILE ?= release
# How many comparisons the oracle makes in `make soak`.
SOAK_COMPARISONS ?= 200000000

.PHONY: demo test test-core test-c tools install uninstall bench soak deny

demo:
	@./tests/tools.sh compilers
	@$(CARGO) build --quiet --release -p corsac-cli
	@./examples/demo.sh target/release/corsac
	@$(MAKE) --no-print-directory install DESTDIR='$(CURDIR)/target/demo' PREFIX=/usr LIBDIR=/usr/lib PROFILE=release
	@./examples/faces.sh target/release/corsac target/demo/usr

test: test-core test-c

tools:
	@./tests/tools.sh

test-core: tools
	@./tests/stage.sh test-core

test-c: tools
	@./tests/stage.sh test-c

install uninstall:
	@PREFIX='$(PREFIX)' LIBDIR='$(LIBDIR)' DESTDIR='$(DESTDIR)' PROFILE='$(PROFILE)' CARGO='$(CARGO)' \
		./ffi/install.sh $@

bench:
	$(CARGO) bench -p corsac-bench
	$(CARGO) run --quiet --profile bench -p corsac-bench --bin ratios

soak: tools
	CORSAC_COMPARISONS=$(SOAK_COMPARISONS) $(CARGO) test --profile ci -p corsac-tests

deny:
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check licenses bans sources

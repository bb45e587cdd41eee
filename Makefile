# make demo    decides a log with real origins, and one of its requests in Rust, C, C++ and Python
# make demo-nginx  nginx with policies for real origins, and three requests with curl
# make test    installs what the tests need and runs every one
# make install puts the C libraries and headers into PREFIX (/usr/local); DESTDIR goes before it,
#              LIBDIR is PREFIX/lib; make uninstall takes them away
# make bench   compares decisions with lower bounds and middlewares with those of other libraries, and
#              writes benches/record/DATE: every sample, a page, plots; about 15 minutes
# make bench-short  runs every part of it with a few samples, to show that it works
# make peers   installs the libraries that corsac is compared with, and checks the answers of each;
#              `make bench` does it first
# make bench-nginx  instructions for each request of nginx with the module, without it, and with lists
#              of nginx's own
# make bench-python  the cost of a decision from Python, compared with a call that does nothing, and of
#              the middlewares for ASGI, Django and Flask, compared with their originals
# make wheel   a wheel of the Python package, in target/wheels
# make soak    the long tests, each for SOAK_MINUTES (10): comparisons, reloads, fuzzing, nginx, and the CORS
#              tests of Starlette and flask-cors with the drop-ins in their place (downloads both)
# make deny    licences and sources of everything that is linked (installs cargo-deny)

CARGO ?= cargo
# Where `make install` puts what it builds, with which of cargo's profiles.
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
PROFILE ?= release

.PHONY: demo demo-nginx test test-core test-c test-nginx test-python test-browser bench-nginx bench-python wheel tools install uninstall bench bench-short peers soak deny

demo:
	@./tests/tools.sh demo
	@$(CARGO) build --quiet --release -p corsac-cli
	@./examples/demo.sh target/release/corsac
	@$(MAKE) --no-print-directory install DESTDIR='$(CURDIR)/target/demo' PREFIX=/usr LIBDIR=/usr/lib PROFILE=release
	@python3 -m venv target/demo/python
	@CARGO_TARGET_DIR='$(CURDIR)/target' target/demo/python/bin/pip install --quiet --disable-pip-version-check ./python
	@./examples/bindings.sh target/release/corsac target/demo/usr target/demo/python/bin/python

demo-nginx: tools
	@$(MAKE) --no-print-directory install DESTDIR='$(CURDIR)/target/demo' PREFIX=/usr LIBDIR=/usr/lib PROFILE=$(PROFILE)
	@./adapters/nginx/demo.sh target/demo/usr

test: test-core test-c test-nginx test-python test-browser

tools:
	@./tests/tools.sh

test-core: tools
	@./tests/stage.sh test-core

test-c: tools
	@./tests/stage.sh test-c

test-nginx: tools
	@./tests/stage.sh test-nginx

test-python: tools
	@./tests/stage.sh test-python

test-browser: tools
	@./tests/stage.sh test-browser

install uninstall:
	@PREFIX='$(PREFIX)' LIBDIR='$(LIBDIR)' DESTDIR='$(DESTDIR)' PROFILE='$(PROFILE)' CARGO='$(CARGO)' \
		./ffi/install.sh $@

peers:
	@./tests/tools.sh bench
	@./benches/peers/python/build.sh
	@$(CARGO) build --quiet --release -p corsac-cli -p corsac-peers -p corsac-bench --bins
	@./benches/peers/compare.py --check

bench: peers
	@./benches/measure.sh

bench-short: peers
	@./benches/measure.sh --short

# The profile is that of the client; the module and the library are built as they ship.
bench-nginx: tools
	$(CARGO) bench --quiet --profile ci -p corsac-bench --bench nginx

# The call that does nothing is in this build alone.
bench-python: tools
	@CARGO_TARGET_DIR='$(CURDIR)/target' ./benches/peers/python/build.sh
	target/bench-python/bin/python python/bench/cost.py
	target/bench-python/bin/python python/bench/asgi_cost.py
	target/bench-python/bin/python python/bench/django_cost.py
	target/bench-python/bin/python python/bench/flask_cost.py

wheel: tools
	@mkdir -p target/wheels
	@CARGO_TARGET_DIR='$(CURDIR)/target' python3 -m pip wheel --quiet --no-deps --wheel-dir target/wheels ./python
	@ls target/wheels

soak: tools
	@./tests/soak.sh

deny:
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check licenses bans sources

#!/usr/bin/env bash
# Runs one stage of `make test`, each step named and timed.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=tests/step.sh
source tests/step.sh

documentation() {
    RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --profile ci
}

# Everything that Python tests use, in a new virtual environment that goes away again.
in_python() {
    local environment
    environment=$(mktemp -d)
    # Expanded now: `environment` is gone when the trap runs.
    # shellcheck disable=SC2064
    trap "rm -rf '$environment'" EXIT
    python3 -m venv "$environment"
    PATH="$environment/bin:$PATH"
    unset VIRTUAL_ENV PYTHONPATH PYTHONHOME
    export PIP_DISABLE_PIP_VERSION_CHECK=1
    export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
    step "pip install ./python" pip install --quiet --config-settings build-args="--profile ci" ./python
    step "what the tests use" pip install --quiet --requirement python/tests/requirements.txt
    cd python
    step mypy mypy --no-incremental
    step "stubs are the module's" python -m mypy.stubtest corsac._corsac
    step pyright pyright --pythonpath "$environment/bin/python"
    step pytest python -m pytest --quiet --no-header -p no:cacheprovider
    cd ..
}

stage=$1
start=$SECONDS
case $stage in
test-core)
    step formatting cargo fmt --all --check
    step clippy cargo clippy --quiet --workspace --all-targets --profile ci -- -D warnings
    step tests cargo test --workspace --profile ci
    # The profile that ships, for another would be counted for nothing.
    step "instructions of a decision" \
        cargo test --quiet --release -p corsac-bench --features gate --test instructions
    step "the library's own floor" cargo check --quiet -p corsac --profile ci
    step documentation documentation
    step "examples are what their scripts make" examples/check.sh
    ;;
test-c)
    step "clippy of the tests in C and C++" \
        cargo clippy --quiet -p corsac-tests --profile ci --test test-c -- -D warnings
    step "C and C++" cargo test --profile ci -p corsac-tests --test test-c
    ;;
test-nginx)
    step "clippy of the tests of nginx" \
        cargo clippy --quiet -p corsac-tests -p corsac-bench --profile ci --test test-nginx --bench nginx -- -D warnings
    step nginx cargo test --profile ci -p corsac-tests --test test-nginx
    ;;
test-python)
    in_python
    ;;
*)
    echo "no stage named $stage" >&2
    exit 2
    ;;
esac
echo "== $stage: $((SECONDS - start)) s in all"

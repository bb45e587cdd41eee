#!/usr/bin/env bash
# Runs one stage of `make test`, each step named and timed.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
    local name=$1 start=$SECONDS
    shift
    echo "== $name"
    "$@"
    echo "== $name: $((SECONDS - start)) s"
}

documentation() {
    RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --profile ci
}

stage=$1
start=$SECONDS
case $stage in
test-core)
    step formatting cargo fmt --all --check
    step clippy cargo clippy --quiet --workspace --all-targets --profile ci -- -D warnings
    step tests cargo test --workspace --profile ci
    step "the library's own floor" cargo check --quiet -p corsac --profile ci
    step documentation documentation
    step "examples are what their scripts make" examples/check.sh
    ;;
test-c)
    step "clippy of the tests in C and C++" \
        cargo clippy --quiet -p corsac-tests --profile ci --test 'c_*' -- -D warnings
    step "C and C++" cargo test --profile ci -p corsac-tests --test 'c_*'
    ;;
*)
    echo "no stage named $stage" >&2
    exit 2
    ;;
esac
echo "== $stage: $((SECONDS - start)) s in all"

#!/usr/bin/env bash
# Runs one stage of `make test`, each step named and timed. A stage that takes four times its cap is killed,
# so that nothing hangs for ever; one that takes longer than its cap says so.
#
# Every cargo command selects the whole workspace. Another selection has other features, for which cargo
# would compile all dependencies again.
#
# usage: stage.sh STAGE
set -euo pipefail
cd "$(dirname "$0")/.."

# How long a stage may take, in minutes.
declare -A caps=([test-core]=11 [test-c]=4 [test-python]=4 [test-nginx]=2 [test-browser]=5)
stage=${1:-}
cap=${caps[$stage]:-}
if [ -z "$cap" ]; then
    echo "no stage named \`$stage\`; stages: ${!caps[*]}" >&2
    exit 2
fi
if [ -z "${CORSAC_STAGE:-}" ]; then
    foreground=()
    # At a terminal, so that an interrupt reaches the steps.
    [ ! -t 2 ] || foreground=(--foreground)
    status=0
    CORSAC_STAGE=$stage timeout "${foreground[@]}" --kill-after=30 "$((4 * cap))m" "$0" "$stage" || status=$?
    [ "$status" -ne 124 ] || echo "== $stage: killed after $((4 * cap)) min; its cap is $cap min" >&2
    exit "$status"
fi

# shellcheck source=tests/step.sh
source tests/step.sh
# shellcheck source=tests/environment.sh
source tests/environment.sh

documentation() {
    RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --profile ci
}

in_python() {
    environment python/tests/requirements.txt
    cd python
    step mypy mypy --no-incremental
    step "stubs are the module's" python -m mypy.stubtest corsac._corsac
    step pyright pyright --pythonpath "$(command -v python)"
    step pytest python -m pytest --quiet --no-header -p no:cacheprovider
    cd ..
}

in_browser() {
    environment python/tests/frameworks.txt
    cd python
    step pytest python -m pytest --quiet --no-header -p no:cacheprovider ../tests/browser
    cd ..
}

start=$SECONDS
case $stage in
test-core)
    step formatting cargo fmt --all --check
    step clippy cargo clippy --quiet --workspace --all-targets --profile ci -- -D warnings
    step "clippy of the other stages' tests" cargo clippy --quiet --workspace --profile ci \
        --test test-c --test test-nginx --bench nginx -- -D warnings
    step tests cargo test --workspace --profile ci
    # The profile that ships: the counts of another would mean nothing.
    step "instructions of a decision" \
        cargo test --quiet --release -p corsac-bench --features gate --test instructions
    step "the library without its features" cargo test --quiet -p corsac --no-default-features --profile ci --tests
    step documentation documentation
    step "examples are what their scripts make" examples/check.sh
    ;;
test-c)
    step "C and C++" cargo test --workspace --profile ci --test test-c
    ;;
test-nginx)
    step nginx cargo test --workspace --profile ci --test test-nginx
    ;;
test-python)
    in_python
    ;;
test-browser)
    in_browser
    ;;
esac
took=$((SECONDS - start))
echo "== $stage: $took s of at most $((60 * cap)) s"
[ "$took" -le "$((60 * cap))" ] || echo "== $stage: longer than its cap, $cap min" >&2

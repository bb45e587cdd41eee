#!/usr/bin/env bash
# Measures everything and writes benches/record/DATE; `make bench` installs the peers first.
#
# With --short, each part takes a few samples to show that it works, and the record, whose numbers mean
# nothing, goes to target/bench-short.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tests/step.sh
source tests/step.sh

cargo=${CARGO:-cargo}
target=${CARGO_TARGET_DIR:-target}
export CARGO_TARGET_DIR=$target
python=$target/bench-python/bin/python
results=$target/bench
start=$SECONDS
load=$(cut -d' ' -f1 /proc/loadavg)
folder=()
rounds=()
criterion=()
if [ "${1:-}" = --short ]; then
    export CORSAC_BENCH_SHORT=1
    folder=("$target/bench-short")
    rounds=(1)
    criterion=(--quick)
elif [ $# -gt 0 ]; then
    echo "usage: measure.sh [--short]" >&2
    exit 2
fi

into() {
    local file=$1
    shift
    "$@" >"$file"
}

# Results of an earlier run do not belong to this one.
rm -rf "$target/criterion" "$results"
mkdir -p "$results"
# One build: another choice of packages would make cargo build their dependencies with other features.
measured=(-p corsac-cli -p corsac-peers -p corsac-bench)
step "build" "$cargo" build --quiet --release "${measured[@]}" --bins --bench groups
step "criterion's groups" "$cargo" bench --quiet "${measured[@]}" --bench groups -- "${criterion[@]}"
step "readers" into "$results/scaling.json" "$target/release/readers" scaling
step "readers and reloads" into "$results/reload.json" "$target/release/readers" reload
step "memory" into "$results/memory.json" "$target/release/memory"
step "replay" into "$results/replay.json" benches/replay.py "$target/release/corsac"
step "python: one decision" "$python" python/bench/cost.py "$results/python.json"
step "python: the ASGI middleware" "$python" python/bench/asgi_cost.py "$results/asgi.json"
step "peers" benches/peers/compare.py "$results/comparison.json" "${rounds[@]}"
LOAD_BEFORE=$load step "record" benches/report/record.py "$results" "$target/criterion" "${folder[@]}"
echo "== measured in $((SECONDS - start)) s"

#!/usr/bin/env bash
# Measures everything and writes benches/record/DATE; `make bench` installs the peers first.
# Arguments are those of the program `record`.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=tests/step.sh
source tests/step.sh

cargo=${CARGO:-cargo}
python=target/bench-python/bin/python
start=$SECONDS

# What an older run left is no part of this one.
rm -rf target/criterion target/bench
# All at once, so that no core waits while another links; and nothing is built while something is timed.
step "building what is measured" "$cargo" build --quiet --release -p corsac-cli -p corsac-peers -p corsac-bench --bins
step "building criterion's groups" "$cargo" bench --quiet -p corsac-bench --no-run
step "criterion's groups" "$cargo" bench --quiet -p corsac-bench
for program in scaling compile replay; do
    step "$program" "$cargo" run --quiet --release -p corsac-bench --bin "$program"
done
step "python: one decision" "$python" python/bench/cost.py target/bench/python.json
step "python: the ASGI middleware" "$python" python/bench/asgi_cost.py target/bench/asgi.json
step "peers" "$cargo" run --quiet --release -p corsac-bench --bin record -- "$@"
echo "== measured in $((SECONDS - start)) s"

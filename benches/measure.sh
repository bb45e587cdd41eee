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
# All at once: no core waits while another links, and what is run is what was built, for each choice of
# packages makes cargo build those under them with other features.
measured=(-p corsac-cli -p corsac-peers -p corsac-bench)
step "building what is measured" "$cargo" build --quiet --release "${measured[@]}" --bins --bench groups
step "criterion's groups" "$cargo" bench --quiet "${measured[@]}" --bench groups
for program in scaling compile replay; do
    step "$program" "target/release/$program"
done
step "python: one decision" "$python" python/bench/cost.py target/bench/python.json
step "python: the ASGI middleware" "$python" python/bench/asgi_cost.py target/bench/asgi.json
step "peers" target/release/record "$@"
echo "== measured in $((SECONDS - start)) s"

#!/usr/bin/env bash
# The long tests, each for SOAK_MINUTES (10 unless set): `make soak`. What a part did is printed at its end,
# with the seed by which it goes on: SOAK_SEED=N.
#
# usage: soak.sh [PART…]
#   comparisons  engine and oracle on generated policies and requests, one process for each core
#   reloads      files that change in every way under a source that reloads them
#   fuzz         every fuzz target for a minute
#   nginx        workers' memory over many reloads, and requests of random bytes
#   originals    the CORS tests of Starlette and flask-cors with the drop-ins in their place
set -euo pipefail
cd "$(dirname "$0")/.."

minutes=${SOAK_MINUTES:-10}
seed=${SOAK_SEED:-1}
cargo=${CARGO:-cargo}
# The comparisons of one seed: a minute or two.
comparisons_of_a_seed=20000000
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# Runs the oracles by every SEED that is SEED + a multiple of STEP, until the time is up.
compare() {
    local seed=$1 step=$2 program=$3 end=$((SECONDS + 60 * minutes))
    while [ "$SECONDS" -lt "$end" ]; do
        if ! CORSAC_SEED=$seed CORSAC_COMPARISONS=$comparisons_of_a_seed "$program" --nocapture oracle:: \
            >"$results/$seed" 2>&1; then
            echo "seed $seed fails:" >&2
            cat "$results/$seed" >&2
            return 1
        fi
        seed=$((seed + step))
    done
}

comparisons() {
    local program cores index started=() status=0
    program=$("$cargo" test --workspace --profile ci --test test-core --no-run --message-format json |
        sed -n 's/.*"name":"test-core".*"executable":"\([^"]*\)".*/\1/p' | tail -1)
    [ -n "$program" ] || { echo "cargo does not say where test-core is" >&2; return 1; }
    cores=$(nproc)
    # Paths in the tests are relative to their package.
    cd tests
    for index in $(seq 0 $((cores - 1))); do
        compare $((seed + index)) "$cores" "$program" &
        started+=($!)
    done
    for process in "${started[@]}"; do wait "$process" || status=1; done
    cd ..
    local seeds sum
    seeds=$(find "$results" -type f | wc -l)
    sum=$(grep -hoE 'comparisons: [0-9]+' "$results"/* | awk '{ sum += $2 } END { printf "%d", sum }')
    echo "== comparisons: $sum by $seeds seeds from $seed; go on with SOAK_SEED=$((seed + seeds))"
    return "$status"
}

reloads() {
    SOAK_MINUTES=$minutes "$cargo" test --workspace --profile ci --test test-core -- --nocapture chaos
}

fuzz() {
    fuzz/run.sh 60
}

nginx() {
    CORSAC_RELOADS=${SOAK_RELOADS:-10000} CORSAC_REQUESTS=${SOAK_REQUESTS:-5000000} \
        "$cargo" test --workspace --profile ci --test test-nginx -- --nocapture n_memory n_random
}

originals() {
    python/tests/originals/run.sh
}

parts=(comparisons reloads fuzz nginx originals)
[ "$#" -gt 0 ] || set -- "${parts[@]}"
for part in "$@"; do
    case " ${parts[*]} " in
    *" $part "*) "$part" ;;
    *)
        echo "no part named \`$part\`; parts: ${parts[*]}" >&2
        exit 2
        ;;
    esac
done

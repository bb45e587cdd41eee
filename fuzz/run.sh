#!/usr/bin/env bash
# Lets libFuzzer try inputs of its own on every target, or on those named, for so long each. What makes
# a target fail is kept in fuzz/artifacts; add it to fuzz/corpus with the repair.
#
# A stable compiler instruments the code, so this needs no cargo-fuzz; `cargo fuzz run TARGET` works too,
# with RUSTC_BOOTSTRAP=1. The target in C needs clang.
#
# usage: run.sh [SECONDS [TARGET…]]
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
[ "$#" -eq 0 ] || shift
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    for folder in corpus/*; do
        targets+=("$(basename "$folder")")
    done
fi

# What cargo-fuzz passes, but for the address sanitizer: only `ffi` has unsafe code, and Memcheck watches that.
flags="--cfg fuzzing -Cpasses=sancov-module"
for option in level=4 inline-8bit-counters pc-table trace-compares; do
    flags+=" -Cllvm-args=-sanitizer-coverage-$option"
done
host=$(rustc -vV | sed -n 's/^host: //p')
target_folder=${CARGO_TARGET_DIR:-target}
# With `--target`, build scripts and procedural macros are not instrumented.
RUSTFLAGS=$flags cargo build --quiet --release --target "$host" --target-dir "$target_folder"

# The target in C, with the address sanitizer, linked with the instrumented library.
RUSTFLAGS=$flags cargo rustc --quiet --release --manifest-path ../Cargo.toml -p corsac-ffi --lib --crate-type staticlib \
    --target "$host" --target-dir "$target_folder"
clang -g -O1 -DFUZZER -fsanitize=fuzzer,address -I ../include c_request.c \
    "$target_folder/$host/release/libcorsac_ffi.a" -lm -lpthread -ldl -o "$target_folder/$host/release/c_request"

status=0
for target in "${targets[@]}"; do
    program=$target_folder/$host/release/$target
    mkdir -p "artifacts/$target" "work/$target"
    # New inputs go to `work`, those of the repository are only read.
    if "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=8192 \
        -artifact_prefix="artifacts/$target/" -print_final_stats=1 -close_fd_mask=1 \
        "work/$target" "corpus/$target" 2>"work/$target.log"; then
        echo "$target: $(sed -n 's/^stat::number_of_executed_units: *//p' "work/$target.log") inputs, nothing found"
    else
        echo "$target: failed; fuzz/work/$target.log" >&2
        awk '/panicked|ERROR|Test unit/ { left = 4 } left-- > 0 && shown++ < 20' "work/$target.log" >&2
        status=1
    fi
done
exit "$status"

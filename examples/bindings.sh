#!/usr/bin/env bash
# One real request, decided in Rust, C, C++ and Python: prints the decision, or fails if the bindings
# decide differently.
#
# usage: bindings.sh CORSAC PREFIX [PYTHON]   (PREFIX: where `make install` put the C libraries;
#                                             PYTHON: an interpreter that has the package; without
#                                             it, Python is left out)
set -euo pipefail
corsac=$(realpath "$1")
prefix=$(realpath "$2")
# Symbolic links are kept: they lead to an interpreter without the package.
python=${3:+$(realpath --no-symlinks "$3")}
cd "$(dirname "$0")"
policy=bild.de origin=https://autobild.de method=PUT headers=authorization,content-type

for tool in cc c++; do
    command -v "$tool" >/dev/null || { echo "missing: \`$tool\` (\`make tools\` installs it)" >&2; exit 1; }
done
built=$(mktemp -d)
trap 'rm -r "$built"' EXIT
static=(-I "$prefix/include" "$prefix/lib/libcorsac.a" -lpthread -lm -ldl)
cc -std=c11 -O2 c/decide.c "${static[@]}" -o "$built/c"
c++ -std=c++17 -O2 cpp/decide.cpp "${static[@]}" -o "$built/cpp"
bindings=("$built/c" "$built/cpp") names="Rust, C and C++"
if [ -n "$python" ]; then
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$PWD/python/decide.py" >"$built/python"
    chmod +x "$built/python"
    bindings+=("$built/python") names="Rust, C, C++ and Python"
fi

# Prints a decision as the examples do: status, verdict and reason; the headers to set; the names for `Vary`.
of_json() {
    sed -E 's/.*"verdict":"([^"]*)","reason":"([^"]*)".*"status":([0-9]+).*/\3 \1 \2/' <<<"$1"
    grep -oE '\["[^"]*","[^"]*"\]' <<<"${1%%\"vary\":*}" | sed -E 's/\["(.*)","(.*)"\]/\1: \2/'
    sed -E 's/.*"vary":\[([^]]*)\].*/vary: \1/; s/"//g; s/,/, /g' <<<"$1"
}

echo
echo "One request in $names: OPTIONS, origin $origin, $method, $headers"
json=$("$corsac" decide related-origins/policy.toml --policy "$policy" --method OPTIONS --format json \
    --header "origin: $origin" --header "access-control-request-method: $method" \
    --header "access-control-request-headers: $headers")
of_json "$json" >"$built/rust.answer"
for binding in "${bindings[@]}"; do
    # Without the blank line that ends the response.
    "$binding" related-origins/policy.toml "$policy" <<<"OPTIONS $origin $method $headers" |
        sed '$d' >"$binding.answer"
    if ! diff -u "$built/rust.answer" "$binding.answer" >&2; then
        echo "bindings.sh: Rust and ${binding##*/} give different decisions" >&2
        exit 1
    fi
done
cat "$built/rust.answer"

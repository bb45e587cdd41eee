#!/usr/bin/env bash
# One real request, decided in Rust, in C, in C++ and in Python: prints the answer, or fails if there
# are two.
#
# usage: faces.sh CORSAC PREFIX [PYTHON]      (PREFIX: where `make install` put the C libraries;
#                                             PYTHON: an interpreter that has the package, or Python is
#                                             left out)
set -euo pipefail
corsac=$(realpath "$1")
prefix=$(realpath "$2")
# Not its real path, which is that of an interpreter without the package.
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
faces=("$built/c" "$built/cpp") names="Rust, C and C++"
if [ -n "$python" ]; then
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$python" "$PWD/python/decide.py" >"$built/python"
    chmod +x "$built/python"
    faces+=("$built/python") names="Rust, C, C++ and Python"
fi

# As the examples print a decision: status, verdict and reason; the headers to set; what to vary by.
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
for face in "${faces[@]}"; do
    # The blank line that ends a response is no part of the answer.
    "$face" related-origins/policy.toml "$policy" <<<"OPTIONS $origin $method $headers" |
        sed '$d' >"$face.answer"
    if ! diff -u "$built/rust.answer" "$face.answer" >&2; then
        echo "faces.sh: Rust and ${face##*/} give different decisions" >&2
        exit 1
    fi
done
cat "$built/rust.answer"

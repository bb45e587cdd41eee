#!/usr/bin/env bash
# One real request, decided in Rust, C, C++ and Python: prints the decision, or fails if the bindings
# decide differently. The examples in C and C++ are servers, which curl asks.
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

for tool in cc c++ curl pkg-config; do
    command -v "$tool" >/dev/null || { echo "missing: \`$tool\` (\`make tools\` installs it)" >&2; exit 1; }
done
built=$(mktemp -d)
trap 'rm -r "$built"' EXIT
static=(-I "$prefix/include" "$prefix/lib/libcorsac.a" -lpthread -lm -ldl)
read -ra microhttpd < <(pkg-config --cflags --libs libmicrohttpd)
read -ra httplib < <(pkg-config --cflags --libs cpp-httplib)
cc -std=c11 -O1 c/server.c "${static[@]}" "${microhttpd[@]}" -o "$built/c"
c++ -std=c++17 -O1 cpp/server.cpp "${static[@]}" "${httplib[@]}" -o "$built/cpp"

# Prints a decision: status, verdict and reason; the headers to set; the names for `Vary`.
of_json() {
    sed -E 's/.*"verdict":"([^"]*)","reason":"([^"]*)".*"status":([0-9]+).*/\3 \1 \2/' <<<"$1"
    grep -oE '\["[^"]*","[^"]*"\]' <<<"${1%%\"vary\":*}" | sed -E 's/\["(.*)","(.*)"\]/\1: \2/'
    sed -E 's/.*"vary":\[([^]]*)\].*/vary: \1/; s/"//g; s/,/, /g' <<<"$1"
}

# The same of a server: starts it, asks it, and reads what it logs of the decision.
of_server() {
    local server
    "$1" related-origins/policy.toml "$policy" >"$1.url" 2>"$1.log" &
    server=$!
    until grep -q '^http' "$1.url"; do
        kill -0 "$server" 2>/dev/null || { cat "$1.log" >&2; return 1; }
        sleep 0.02
    done
    curl --silent --show-error --include --request OPTIONS --header "origin: $origin" \
        --header "access-control-request-method: $method" \
        --header "access-control-request-headers: $headers" "$(cat "$1.url")/notes" | tr -d '\r' >"$1.response"
    kill "$server"
    wait "$server"
    echo "$(sed -nE '1s/^HTTP[^ ]* ([0-9]+).*/\1/p' "$1.response") $(sed -n 's/^OPTIONS: //p' "$1.log")"
    grep -E '^(access-control-|vary:)' "$1.response"
}

compare() {
    if ! diff -u <(sort "$built/rust.answer") <(sort "$built/$1.answer") >&2; then
        echo "bindings.sh: Rust and $1 give different decisions" >&2
        exit 1
    fi
}

names="Rust, C and C++"
[ -z "$python" ] || names="Rust, C, C++ and Python"
echo
echo "One request in $names: OPTIONS, origin $origin, $method, $headers"
json=$("$corsac" decide related-origins/policy.toml --policy "$policy" --method OPTIONS --format json \
    --header "origin: $origin" --header "access-control-request-method: $method" \
    --header "access-control-request-headers: $headers")
of_json "$json" >"$built/rust.answer"
for language in c cpp; do
    of_server "$built/$language" >"$built/$language.answer"
    compare "$language"
done
if [ -n "$python" ]; then
    # Without the blank line that ends the response.
    "$python" python/decide.py related-origins/policy.toml "$policy" <<<"OPTIONS $origin $method $headers" |
        sed '$d' >"$built/python.answer"
    compare python
fi
cat "$built/rust.answer"

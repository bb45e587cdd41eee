#!/usr/bin/env bash
# The main commands on real origins: checks a document with a policy for each set of origins in
# related-origins/, decides a few requests, and replays a log in which every origin requests every
# policy.
#
# usage: demo.sh CORSAC
set -euo pipefail
corsac=$(realpath "$1")
cd "$(dirname "$0")/related-origins"

# Exit status 1 means that a request was denied, which is not a failure here.
show() {
    echo
    echo "\$ corsac $*"
    local status=0
    "$corsac" "$@" || status=$?
    [ "$status" -le 1 ] || exit "$status"
}

show check policy.toml
show decide policy.toml --policy bild.de --method GET --header 'origin: https://welt.de'
show decide policy.toml --policy bild.de --method OPTIONS --header 'origin: https://autobild.de' \
    --header 'access-control-request-method: PUT' --header 'access-control-request-headers: authorization,content-type'
show decide policy.toml --policy bild.de --method GET --header 'origin: https://welt.de.evil.example'
show decide policy.toml --policy bild.de --method OPTIONS --header 'origin: https://welt.de' \
    --header 'access-control-request-method: PATCH'
show replay policy.toml requests.ndjson --format human

#!/usr/bin/env bash
# The main task on real origins: checks the policies of related-origins/, one for each real set of origins, decides a few
# requests, and replays the log in which every origin sends requests to every policy.
#
# usage: demo.sh CORSAC
set -euo pipefail
corsac=$(realpath "$1")
cd "$(dirname "$0")/related-origins"

# `decide` exits with 1 if a request is denied, which is a result and not a failure.
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

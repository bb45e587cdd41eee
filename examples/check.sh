#!/usr/bin/env bash
# Checks that the committed data of the examples is the output of their scripts.
set -euo pipefail
cd "$(dirname "$0")"
python3 policies/generate_tenants.py --check
python3 related-origins/generate.py --check
# The log of requests/ is not committed: checks that its generator runs and writes the same bytes each time.
again=$(mktemp -d)
trap 'rm -r "$again"' EXIT
for number in 1 2; do
    python3 requests/generate_log.py --count 2000 --out "$again/$number.ndjson"
    python3 requests/generate_log.py --count 2000 --out "$again/$number.log" --document saas --access-log
done
cmp "$again/1.ndjson" "$again/2.ndjson"
cmp "$again/1.log" "$again/2.log"

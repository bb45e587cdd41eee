#!/usr/bin/env bash
# The committed data of the examples is what their scripts make.
set -euo pipefail
cd "$(dirname "$0")"
python3 policies/generate_tenants.py --check
python3 related-origins/generate.py --check

#!/usr/bin/env bash
# The CORS tests of Starlette and flask-cors themselves, with the drop-ins in place of the originals, in a new
# virtual environment. A part of `make soak`: it downloads their source distributions.
#
# usage: run.sh
set -euo pipefail
cd "$(dirname "$0")/../../.."

# shellcheck source=tests/step.sh
source tests/step.sh
# shellcheck source=tests/environment.sh
source tests/environment.sh

environment python/tests/frameworks.txt
step "the originals' own tests" python python/tests/originals/run.py

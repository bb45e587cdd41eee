#!/bin/sh
# Runs the driver of the middlewares for Python, and of corsac's own: the peers' protocol on its standard
# input and output. Builds what is missing; what is old is renewed by `build.sh` alone.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
environment=${CARGO_TARGET_DIR:-$here/../../../target}/bench-python
[ -e "$environment/built" ] || "$here/build.sh"
PYTHONPATH="$here/../../../python/bench" exec "$environment/bin/python" "$here/driver.py"

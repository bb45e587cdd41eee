#!/bin/sh
# Runs the driver of the middlewares for Python, including corsac's. It speaks the drivers' protocol on
# standard input and output. Builds the environment if it is missing; only `build.sh` renews an old one.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
environment=${CARGO_TARGET_DIR:-$here/../../../target}/bench-python
[ -e "$environment/built" ] || "$here/build.sh"
PYTHONPATH="$here/../../../python/bench" exec "$environment/bin/python" "$here/driver.py"

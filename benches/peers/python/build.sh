#!/bin/sh
# Installs the package, including the call that does nothing, and the middlewares that it is compared with
# into a new virtual environment, TARGET/bench-python.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
export CARGO_TARGET_DIR PIP_DISABLE_PIP_VERSION_CHECK=1
environment=$CARGO_TARGET_DIR/bench-python

missing=
command -v python3 >/dev/null 2>&1 || missing="$missing python3"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
if [ -n "$missing" ]; then
    echo "the driver of the middlewares for Python needs the Debian packages:$missing (\`tests/tools.sh bench\` installs them)" >&2
    exit 2
fi
if ! command -v cargo >/dev/null 2>&1; then
    echo "the driver of the middlewares for Python needs a Rust toolchain, with cargo" >&2
    exit 2
fi

rm -rf "$environment"
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet --config-settings build-args="--features floor" "$root/python" >&2
"$environment/bin/pip" install --quiet --requirement "$root/python/tests/requirements.txt" >&2
# Marks the environment as complete.
: >"$environment/built"

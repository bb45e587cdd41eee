#!/bin/sh
# Installs the packages of the lock file into the target folder, and runs the driver of the middlewares for
# Node. It speaks the drivers' protocol on standard input and output.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
installed=${CARGO_TARGET_DIR:-$here/../../../target}/peers-node

missing=
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
if [ -n "$missing" ]; then
    echo "the driver of the middlewares for Node needs the Debian packages:$missing (\`tests/tools.sh bench\` installs them)" >&2
    exit 2
fi

# The second file is the last thing that an installation writes.
if ! cmp -s "$here/package-lock.json" "$installed/package-lock.json" || [ ! -e "$installed/node_modules/.package-lock.json" ]; then
    mkdir -p "$installed"
    cp "$here/package.json" "$here/package-lock.json" "$installed"
    (cd "$installed" && npm ci --ignore-scripts --no-audit --no-fund >&2)
fi
NODE_PATH="$(cd "$installed" && pwd)/node_modules" exec node "$here/driver.js"

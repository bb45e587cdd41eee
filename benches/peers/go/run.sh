#!/bin/sh
# Builds the driver of rs/cors from Debian's packages, and runs it. It speaks the drivers' protocol on
# standard input and output.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../../target}
packaged=/usr/share/gocode

missing=
command -v go >/dev/null 2>&1 || missing="$missing golang-go"
[ -d "$packaged/src/github.com/rs/cors" ] || missing="$missing golang-github-rs-cors-dev"
if [ -n "$missing" ]; then
    echo "the driver of rs/cors needs the Debian packages:$missing (\`tests/tools.sh bench\` installs them)" >&2
    exit 2
fi

mkdir -p "$target/peers-go"
target=$(cd "$target" && pwd)
# Debian's version has the release and the package's own revision.
version=$(dpkg-query -W -f '${Version}' golang-github-rs-cors-dev)
export GO111MODULE=off GOPATH="$packaged" GOCACHE="$target/peers-go/cache" GOFLAGS= CGO_ENABLED=0
go build -ldflags "-X main.corsVersion=${version%-*}" -o "$target/peers-go/driver" "$here/driver.go" "$here/contestant.go"
exec "$target/peers-go/driver"

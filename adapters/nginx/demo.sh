#!/usr/bin/env bash
# Starts nginx with the module and policies with real origins, sends it three requests, and stops it.
#
# usage: demo.sh PREFIX      (PREFIX: where `make install` put the C libraries)
set -euo pipefail
prefix=$(realpath "$1")
cd "$(dirname "$0")"

nginx=$(command -v nginx || echo /usr/sbin/nginx)
for tool in "$nginx" curl; do
    command -v "$tool" >/dev/null || { echo "missing: \`$tool\` (\`make tools\` installs it)" >&2; exit 1; }
done
running=$(mktemp -d)
server=
finish() {
    if [ -n "$server" ] && kill "$server" 2>/dev/null; then
        # It says by which signal it ended, which is no failure here.
        wait "$server" || :
    fi
    rm -r "$running"
}
trap finish EXIT

module=$(PKG_CONFIG_PATH="$prefix/lib/pkgconfig" ./build.sh --output "$prefix/nginx")
cp -r example/. "$running"
# Sockets with names, because a port that is free now may be another program's when nginx starts.
sed -i -e "s|^load_module .*|load_module $module;|" -e "s|listen 127.0.0.1:8080|listen unix:$running/socket|" \
    -e "s|http://127.0.0.1:900[01]|http://unix:$running/nobody|" \
    -e "s|\.\./\.\./\.\./examples|$(realpath ../../examples)|" "$running/nginx.conf"
"$nginx" -p "$running" -c nginx.conf -e error.log -g "daemon off; user $(id -un);" 2>"$running/said" &
server=$!
for _ in $(seq 100); do
    [ ! -e "$running/nginx.pid" ] || break
    kill -0 "$server" 2>/dev/null || { cat "$running/said" >&2; exit 1; }
    sleep 0.05
done
[ -e "$running/nginx.pid" ] || { echo "demo.sh: nginx does not start" >&2; exit 1; }

show() {
    echo
    echo "\$ curl -i $*"
    local place=$1
    shift
    curl --silent --show-error --include --unix-socket "$running/socket" "http://localhost$place" "$@" | grep -vi '^\(server\|date\|connection\):' | tr -d '\r'
}

echo "nginx with the policy of bild.de: a page of welt.de, its preflight to a password-protected location, and an origin that is not allowed"
show / -H 'origin: https://welt.de'
show /account/ -X OPTIONS -H 'origin: https://welt.de' -H 'access-control-request-method: PUT' \
    -H 'access-control-request-headers: authorization'
show / -H 'origin: https://welt.de.evil.example'
echo
echo "The access log of these requests:"
cat "$running/access.log"

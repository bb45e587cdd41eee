#!/usr/bin/env bash
# Builds the module for the nginx that is installed, or for a source tree of nginx.
#
#   --source DIR   an unpacked source tree of the nginx version that will load the module; without it,
#                  the tree of Debian's package nginx-dev. It is copied, and not written to
#   --nginx FILE   the nginx that will load the module, which must be of the same version (the one in PATH,
#                  or /usr/sbin/nginx); `none` if it is not on this machine
#   --output DIR   the folder for the module and its object files (build/ next to this script)
#   --static       link the archive into the module, instead of the shared library
#   -- ARGUMENTS   for the source tree's ./configure, instead of --with-compat
#
# pkg-config locates corsac: set PKG_CONFIG_PATH if it is not installed in a system folder.
#
# usage: build.sh [--source DIR] [--nginx FILE] [--output DIR] [--static] [-- ARGUMENTS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

die() {
    echo "build.sh: $*" >&2
    exit 1
}

source= nginx= output=$here/build static= arguments=()
while [ $# -gt 0 ]; do
    case $1 in
    --source) source=${2:?"--source needs a folder"} && shift ;;
    --nginx) nginx=${2:?"--nginx needs a program, or none"} && shift ;;
    --output) output=${2:?"--output needs a folder"} && shift ;;
    --static) static=yes ;;
    --) shift && arguments=("$@") && break ;;
    *) die "\`$1\` is no argument: see the top of this file" ;;
    esac
    shift
done

for tool in cc make pkg-config tar; do
    command -v "$tool" >/dev/null || die "\`$tool\` is missing"
done
pkg-config --exists corsac || die "corsac is not where pkg-config looks: \`make install\` it, or set PKG_CONFIG_PATH"
CORSAC_CFLAGS=$(pkg-config --cflags corsac)
if [ -n "$static" ]; then
    # Hides the archive's symbols, because another module may contain its own copy.
    CORSAC_LIBS="-Wl,--exclude-libs,ALL $(pkg-config --variable=static corsac)"
else
    # The module loads the library from its current folder.
    CORSAC_LIBS="-Wl,-rpath,$(realpath "$(pkg-config --variable=libdir corsac)") $(pkg-config --libs corsac)"
fi
export CORSAC_CFLAGS CORSAC_LIBS

if [ -z "$source" ]; then
    source=/usr/share/nginx/src
    [ -f "$source/conf_flags" ] || die "nginx's sources are missing: install the package nginx-dev, or say --source DIR"
    NGX_CONF_FLAGS=()
    # Debian's own arguments, so that the module is compatible with Debian's nginx.
    # shellcheck disable=SC1091
    . "$source/conf_flags"
    arguments=(--with-cc-opt="-g -O2 -fPIC" --with-ld-opt=-fPIC "${NGX_CONF_FLAGS[@]}")
else
    [ -f "$source/configure" ] || [ -f "$source/auto/configure" ] || die "\`$source\` is no source tree of nginx"
    source=$(cd "$source" && pwd)
    [ "${#arguments[@]}" -gt 0 ] || arguments=(--with-compat)
fi
# Relative paths of the arguments start at the source tree.
for at in "${!arguments[@]}"; do
    name=${arguments[at]%%=*} value=${arguments[at]#*=}
    [[ ${arguments[at]} != --*=[!/]* || ! -e $source/$value ]] || arguments[at]=$name=$source/$value
done

# An nginx does not load modules of another version.
version=$(sed -n 's/^#define NGINX_VERSION *"\(.*\)"$/\1/p' "$source/src/core/nginx.h")
[ -n "$nginx" ] || nginx=$(PATH=$PATH:/usr/sbin command -v nginx) || nginx=none
if [ "$nginx" != none ]; then
    # `nginx version: nginx/1.22.1 (Ubuntu)`, or `openresty/1.21.4.1` for nginx 1.21.4
    binary=$("$nginx" -v 2>&1 | sed -n 's|^nginx version: [^/]*/\([0-9.]*\).*|\1|p')
    [ -n "$binary" ] || die "\`$nginx -v\` shows no version: \`$nginx\` is no nginx"
    case $binary in
    "$version" | "$version".*) ;;
    *) die "the source in \`$source\` is nginx $version, but \`$nginx\` is nginx $binary and would not load the module: use the source of nginx $binary, or say --nginx FILE if another nginx will load it (\`none\`: on another machine)" ;;
    esac
fi

mkdir -p "$output"
output=$(cd "$output" && pwd)
log=$output/build.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# nginx's configure overwrites the Makefile of the tree that it runs in.
tar -C "$source" --exclude=./objs --exclude=./.git --exclude=./.hg -cf - . | tar -C "$work" -xf -
cd "$work"
configure=configure
[ -f "$configure" ] || configure=auto/configure
{
    bash "$configure" "${arguments[@]}" --builddir="$output/objects" --add-dynamic-module="$here" &&
        make -f "$output/objects/Makefile" modules
} >"$log" 2>&1 || {
    tail -n 25 "$log" >&2
    die "the build failed; all of it is in $log"
}
module=$output/ngx_http_corsac_module.so
cp "$output/objects/ngx_http_corsac_module.so" "$module.new"
# In one step: an nginx that has the old one open goes on with it.
mv "$module.new" "$module"

# Versions may be equal and arguments of ./configure not.
if [ "$nginx" != none ]; then
    printf 'load_module "%s";\npid "%s/nginx.pid";\nerror_log stderr;\nevents {}\n' "$module" "$work" >"$work/nginx.conf"
    "$nginx" -t -q -p "$work" -c "$work/nginx.conf" >"$work/said" 2>&1 || {
        cat "$work/said" >&2
        die "\`$nginx\` does not load the module: pass the arguments that \`$nginx -V\` shows after \`--\`"
    }
fi
echo "$module"

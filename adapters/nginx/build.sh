#!/usr/bin/env bash
# Builds the module for the nginx that is installed, or for a source tree of nginx.
#
#   --source DIR   an unpacked source tree of the nginx version that will load the module; without it,
#                  the tree of Debian's package nginx-dev
#   --output DIR   the folder for the module and its object files (build/ next to this script)
#   --static       link the archive into the module, instead of the shared library
#   -- ARGUMENTS   for the source tree's ./configure, instead of --with-compat
#
# pkg-config locates corsac: set PKG_CONFIG_PATH if it is not installed in a system folder.
#
# usage: build.sh [--source DIR] [--output DIR] [--static] [-- ARGUMENTS]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

die() {
    echo "build.sh: $*" >&2
    exit 1
}

source= output=$here/build static= arguments=()
while [ $# -gt 0 ]; do
    case $1 in
    --source) source=${2:?"--source needs a folder"} && shift ;;
    --output) output=${2:?"--output needs a folder"} && shift ;;
    --static) static=yes ;;
    --) shift && arguments=("$@") && break ;;
    *) die "\`$1\` is no argument: see the top of this file" ;;
    esac
    shift
done

for tool in cc make pkg-config; do
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
configure=$source/configure
[ -f "$configure" ] || configure=$source/auto/configure

mkdir -p "$output"
output=$(cd "$output" && pwd)
cd "$source"
log=$output/build.log
{
    bash "$configure" "${arguments[@]}" --builddir="$output/objects" --add-dynamic-module="$here" &&
        make -f "$output/objects/Makefile" modules
} >"$log" 2>&1 || {
    tail -n 25 "$log" >&2
    die "the build failed; all of it is in $log"
}
cp "$output/objects/ngx_http_corsac_module.so" "$output/ngx_http_corsac_module.so"
echo "$output/ngx_http_corsac_module.so"

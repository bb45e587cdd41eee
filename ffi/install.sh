#!/usr/bin/env bash
# Builds the C libraries and installs them with their headers, for `make install` and the tests.
#
#   PREFIX   where they will be used from (/usr/local)
#   LIBDIR   the libraries' folder (PREFIX/lib)
#   DESTDIR  put before both, for packages (empty)
#   PROFILE  cargo's profile (release)
#   CARGO_BUILD_TARGET  for another machine, with the linker that cargo is configured with
#   LD, OBJCOPY, AR     of that machine (TARGET-ld and so on where there are such, else those of this one)
#
# The same sources and compiler make the same bytes, wherever they lie: no path of this machine is in them.
#
# usage: install.sh [install | uninstall]
set -euo pipefail
cd "$(dirname "$0")/.."

PREFIX=${PREFIX:-/usr/local}
PREFIX=${PREFIX%/}
LIBDIR=${LIBDIR:-$PREFIX/lib}
LIBDIR=${LIBDIR%/}
DESTDIR=${DESTDIR:-}
PROFILE=${PROFILE:-release}
SONAME=libcorsac.so.0
# What `--print native-static-libs` names, but for those that every C compiler links by itself.
SYSTEM_LIBS="-lpthread -lm -ldl -lrt -lutil"

include=$DESTDIR$PREFIX/include
lib=$DESTDIR$LIBDIR
installed=(
    "$include/corsac.h" "$include/corsac.hpp"
    "$lib/$SONAME" "$lib/libcorsac.so" "$lib/libcorsac.a"
    "$lib/pkgconfig/corsac.pc"
    "$lib/cmake/corsac/corsac-config.cmake" "$lib/cmake/corsac/corsac-config-version.cmake"
)

die() {
    echo "install.sh: $*" >&2
    exit 1
}

# Where PREFIX lies, seen from a folder in LIBDIR that is $2 deep; PREFIX itself, where LIBDIR is not
# below it. $1 is that folder, as the file that is written calls it.
prefix_from() {
    local below=${LIBDIR#"$PREFIX"/} up=$1 depth=$2
    if [ "$below" = "$LIBDIR" ]; then
        echo "$PREFIX"
        return
    fi
    depth=$((depth + $(tr / '\n' <<<"$below" | grep -c .)))
    while [ "$depth" -gt 0 ]; do
        up+=/..
        depth=$((depth - 1))
    done
    echo "$up"
}

# One object in which the functions of the header are the only names that are seen from outside, so
# that the archive can be linked beside another one made by Rust.
archive() {
    local from=$1 to=$2 work names
    work=$(mktemp -d)
    names=$(grep -oE '\bcorsac_[a-z_]+\(' include/corsac.h | tr -d '(' | sort -u)
    # shellcheck disable=SC2086 # one argument a name
    "$LD" -r --gc-sections --force-group-allocation $(printf -- '-u %s ' $names) "$from" -o "$work/all.o"
    echo "$names" >"$work/names"
    # What nothing refers to any more goes, too: left behind, a weak reference of Rust's to a function
    # that only newer systems have would be a strong one.
    "$OBJCOPY" --strip-unneeded -R .llvmbc -R .llvmcmd --keep-global-symbols="$work/names" "$work/all.o" "$work/corsac.o"
    rm -f "$to"
    "$AR" rcsD "$to" "$work/corsac.o"
    rm -r "$work"
}

fill() {
    local version=$1 url=$2 from=ffi/package/$3 to=$4
    local major=${version%%.*} minor=${version#*.}
    local pc_libdir=$LIBDIR
    # shellcheck disable=SC2016 # pkg-config's own variable
    [ "${LIBDIR#"$PREFIX"/}" = "$LIBDIR" ] || pc_libdir='${prefix}/'${LIBDIR#"$PREFIX"/}
    # shellcheck disable=SC2016 # variables of pkg-config and CMake
    sed -e "s|@PC_PREFIX@|$(prefix_from '${pcfiledir}' 1)|" -e "s|@PC_LIBDIR@|$pc_libdir|" \
        -e "s|@CMAKE_PREFIX@|$(prefix_from '${_corsac_here}' 2)|" \
        -e "s|@VERSION@|$version|" -e "s|@MAJOR@|$major|" -e "s|@MINOR@|${minor%%.*}|" \
        -e "s|@URL@|$url|" -e "s|@SONAME@|$SONAME|" -e "s|@SYSTEM_LIBS@|$SYSTEM_LIBS|" \
        -e "s|@CMAKE_SYSTEM_LIBS@|$(tr ' ' ';' <<<"${SYSTEM_LIBS//-l/}")|" "$from" >"$to"
    chmod 644 "$to"
}

case ${1:-install} in
install) ;;
uninstall)
    rm -f "${installed[@]}"
    [ ! -d "$lib/cmake/corsac" ] || rmdir --ignore-fail-on-non-empty "$lib/cmake/corsac"
    exit
    ;;
*) die "\`$1\` is neither install nor uninstall" ;;
esac

[ "$(uname -s)" = Linux ] || die "only Linux has an install step; link target/$PROFILE/libcorsac_ffi.a elsewhere"
# The tool of the machine that is built for: `aarch64-linux-gnu-objcopy` for `aarch64-unknown-linux-gnu`.
tool() {
    local given=$1 name=$2 triple=${CARGO_BUILD_TARGET:-}
    local prefixed=${triple/-unknown-/-}-$name
    if [ -z "$given" ] && [ -n "$triple" ] && command -v "$prefixed" >/dev/null; then
        given=$prefixed
    fi
    echo "${given:-$name}"
}
LD=$(tool "${LD:-}" ld) OBJCOPY=$(tool "${OBJCOPY:-}" objcopy) AR=$(tool "${AR:-}" ar)
for tool in "$LD" "$OBJCOPY" "$AR"; do
    command -v "$tool" >/dev/null || die "\`$tool\` is missing: install binutils"
done
case $PREFIX$LIBDIR in
/*[\|\&\\]*) die "PREFIX and LIBDIR hold a byte that the templates cannot take" ;;
/*) ;;
*) die "PREFIX is not absolute: \`$PREFIX\`" ;;
esac

cargo=${CARGO:-cargo}
metadata=$("$cargo" metadata --locked --no-deps --format-version 1)
field() { sed -n "s|.*\"$1\":\"\([^\"]*\)\".*|\1|p" <<<"$metadata"; }

# Flags of rustc, beside those that the caller gives: one a line, the last that fits a path counts.
remapped() {
    local folder
    echo "--remap-path-prefix=$("${RUSTC:-rustc}" --print sysroot)=rust"
    echo "--remap-path-prefix=$PWD=corsac"
    for folder in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/ "${CARGO_HOME:-$HOME/.cargo}"/git/checkouts/; do
        echo "--remap-path-prefix=${folder%/}=crates"
    done
    echo "--remap-path-prefix=$(field target_directory)=target"
}
flags=${CARGO_ENCODED_RUSTFLAGS-$(tr ' ' $'\x1f' <<<"${RUSTFLAGS:-}")}
flags+=$'\x1f'$(remapped | tr '\n' $'\x1f')
flags=$(tr -s $'\x1f' <<<"$flags")
flags=${flags#$'\x1f'}
# Of what cargo says of the libraries, the paths of the files.
files=$(CARGO_ENCODED_RUSTFLAGS=${flags%$'\x1f'} "$cargo" rustc --locked --quiet --profile "$PROFILE" \
    --message-format json-render-diagnostics -p corsac-ffi --lib --crate-type cdylib,staticlib -- \
    -C "link-arg=-Wl,-soname,$SONAME" | grep -o '"[^"]*/libcorsac_ffi\.[a-z]*"' | tr -d '"')
built() { grep "/libcorsac_ffi\.$1\$" <<<"$files" | head -n 1; }
version=$("$cargo" pkgid -p corsac-ffi)
version=${version##*[#@]}

install -d "$include" "$lib/pkgconfig" "$lib/cmake/corsac"
install -m 644 include/corsac.h include/corsac.hpp "$include"
"$OBJCOPY" --strip-debug "$(built so)" "$lib/$SONAME.new"
chmod 755 "$lib/$SONAME.new"
# In one step: a program that has the old one open goes on with it.
mv "$lib/$SONAME.new" "$lib/$SONAME"
ln -sf "$SONAME" "$lib/libcorsac.so"
archive "$(built a)" "$lib/libcorsac.a"
chmod 644 "$lib/libcorsac.a"
fill "$version" "$(field repository)" corsac.pc.in "$lib/pkgconfig/corsac.pc"
fill "$version" "$(field repository)" corsac-config.cmake.in "$lib/cmake/corsac/corsac-config.cmake"
fill "$version" "$(field repository)" corsac-config-version.cmake.in "$lib/cmake/corsac/corsac-config-version.cmake"

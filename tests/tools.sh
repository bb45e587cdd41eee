#!/usr/bin/env bash
# Installs what the tests use, when root on Debian; otherwise says what is missing.
#
# usage: tools.sh [demo|bench]
#   demo       only what the demonstration uses: compilers and libraries for C and C++, curl, and Python
#   bench      what the comparison with other libraries uses too: Go, and rs/cors
set -euo pipefail

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need cc build-essential
need c++ g++
need ld binutils
need python3 python3
python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
# The servers of examples/c and examples/cpp, which are asked one request.
need curl curl
need pkg-config pkg-config
has() { pkg-config --exists "$1" 2>/dev/null || missing+=("$2"); }
has libmicrohttpd libmicrohttpd-dev
has cpp-httplib libcpp-httplib-dev
if [ "${1:-}" != demo ]; then
    need chromedriver chromium-driver
    need chromium chromium
    need clang clang
    # What `clang -fsanitize=fuzzer` links.
    compgen -G '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a' >/dev/null || missing+=(libclang-rt-dev)
    need cmake cmake
    [ -x /usr/sbin/haproxy ] || need haproxy haproxy
    # Debian 12 has two packages of LuaJIT, of which only `luajit2` can be beside nginx's Lua module.
    need luajit luajit2
    [ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] || missing+=(libnginx-mod-http-lua luajit2)
    need make make
    [ -x /usr/sbin/nginx ] || need nginx nginx
    [ -e /usr/share/nginx/src/conf_flags ] || missing+=(nginx-dev)
    need node nodejs
    need npm npm
    need prlimit util-linux
    need setpriv util-linux
    need unshare util-linux
    need valgrind valgrind
    need wrk wrk
    /usr/bin/python3 -c 'import cffi' 2>/dev/null || missing+=(python3-cffi)
fi
if [ "${1:-}" = bench ]; then
    need go golang-go
    [ -d /usr/share/gocode/src/github.com/rs/cors ] || missing+=(golang-github-rs-cors-dev)
fi

if [ "${#missing[@]}" -gt 0 ]; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
        apt-get update -q
        apt-cache show luajit2 >/dev/null 2>&1 || missing=("${missing[@]/luajit2/luajit}")
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
    else
        echo "missing packages: ${missing[*]} (install them, or run as root on Debian)" >&2
        exit 1
    fi
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "missing: a Rust toolchain of at least version 1.88, with cargo" >&2
    exit 1
fi
[ "${1:-}" != demo ] || exit 0
for component in fmt clippy; do
    cargo "$component" --version >/dev/null 2>&1 || rustup component add "${component/fmt/rustfmt}"
done

"""The header as cffi reads it, and one request decided through the library.

decide.py HEADER LIBRARY   (the header after the preprocessor)
"""

import sys

import cffi

ffi = cffi.FFI()
with open(sys.argv[1], encoding="utf-8") as header:
    ffi.cdef(header.read())
corsac = ffi.dlopen(sys.argv[2])
assert corsac.corsac_abi_is_compatible(0x10000)

kept = []


def text(view):
    return ffi.unpack(view.ptr, view.len).decode() if view.ptr else None


def view(value):
    """A `corsac_str *`; what it points at is kept until the end."""
    data = ffi.from_buffer("char[]", value)
    made = ffi.new("corsac_str *", {"ptr": data, "len": len(value)})
    kept.extend([data, made])
    return made


document = b"""
version = 1
[policy.p]
allow_origins = ["https://*.example.com"]
allow_methods = ["PUT"]
"""
engine, reader, policy = ffi.new("corsac_engine **"), ffi.new("corsac_reader **"), ffi.new("corsac_policy *")
assert corsac.corsac_engine_new_from_text(view(document), corsac.CORSAC_FORMAT_TOML, engine, ffi.NULL) == corsac.CORSAC_STATUS_OK
assert corsac.corsac_reader_new(engine[0], reader) == corsac.CORSAC_STATUS_OK
assert corsac.corsac_engine_find_policy(engine[0], view(b"p"), policy) == corsac.CORSAC_STATUS_OK

request = ffi.new("corsac_request *", {"struct_size": ffi.sizeof("corsac_request"), "method": view(b"OPTIONS")[0]})
request.origin = {"ptr": view(b"https://a.example.com"), "len": 1}
request.request_method = {"ptr": view(b"PUT"), "len": 1}

decision = corsac.corsac_decide(reader[0], policy[0], request)
assert decision.error == corsac.CORSAC_STATUS_OK
assert decision.verdict == corsac.CORSAC_VERDICT_PREFLIGHT_ALLOWED
assert (decision.status, decision.generation) == (204, 1)
assert text(decision.rule) == "https://*.example.com"
headers = {text(decision.set[i].name): text(decision.set[i].value) for i in range(decision.set_len)}
assert headers["access-control-allow-origin"] == "https://a.example.com"
assert headers["access-control-allow-methods"] == "PUT"
assert corsac.corsac_decide(reader[0], policy[0], ffi.NULL).error == corsac.CORSAC_STATUS_INVALID_ARGUMENT
print("cffi:", ffi.string(corsac.corsac_verdict_name(corsac.CORSAC_VERDICT_PREFLIGHT_ALLOWED)).decode())
corsac.corsac_reader_free(reader[0])
corsac.corsac_engine_free(engine[0])

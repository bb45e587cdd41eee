-- The header as LuaJIT reads it, and one request decided through the library.
-- luajit decide.lua HEADER LIBRARY   (the header after the preprocessor)
local ffi = require("ffi")

local file = assert(io.open(arg[1]))
ffi.cdef(file:read("*a"))
file:close()
local corsac = ffi.load(arg[2])
assert(corsac.corsac_abi_is_compatible(0x10000))

local function str(text)
  return ffi.new("corsac_str", text, #text)
end

local function text(view)
  return view.ptr ~= nil and ffi.string(view.ptr, view.len) or nil
end

-- Strings of Lua are kept for as long as what points at them is in use.
local document = [[
version = 1
[policy.p]
allow_origins = ["https://*.example.com"]
allow_methods = ["PUT"]
]]
local engine, reader, id = ffi.new("corsac_engine *[1]"), ffi.new("corsac_reader *[1]"), ffi.new("corsac_policy[1]")
assert(corsac.corsac_engine_new_from_text(str(document), corsac.CORSAC_FORMAT_TOML, engine, nil) == corsac.CORSAC_STATUS_OK)
engine = ffi.gc(engine[0], corsac.corsac_engine_free)
assert(corsac.corsac_reader_new(engine, reader) == corsac.CORSAC_STATUS_OK)
reader = ffi.gc(reader[0], corsac.corsac_reader_free)
assert(corsac.corsac_engine_find_policy(engine, str("p"), id) == corsac.CORSAC_STATUS_OK)

local origin, method, options = "https://a.example.com", "PUT", "OPTIONS"
local lines = ffi.new("corsac_str[2]", { { origin, #origin }, { method, #method } })
local request = ffi.new("corsac_request")
request.struct_size = ffi.sizeof("corsac_request")
request.method.ptr, request.method.len = options, #options
request.origin.ptr, request.origin.len = lines, 1
request.request_method.ptr, request.request_method.len = lines + 1, 1

local decision = corsac.corsac_decide(reader, id[0], request)
assert(decision.error == corsac.CORSAC_STATUS_OK)
assert(decision.verdict == corsac.CORSAC_VERDICT_PREFLIGHT_ALLOWED)
assert(decision.status == 204 and decision.generation == 1)
assert(text(decision.rule) == "https://*.example.com")
local set = {}
for i = 0, tonumber(decision.set_len) - 1 do
  set[text(decision.set[i].name)] = text(decision.set[i].value)
end
assert(set["access-control-allow-origin"] == origin)
assert(set["access-control-allow-methods"] == "PUT")
assert(corsac.corsac_decide(reader, id[0], nil).error == corsac.CORSAC_STATUS_INVALID_ARGUMENT)
print("luajit: " .. ffi.string(corsac.corsac_verdict_name(corsac.CORSAC_VERDICT_PREFLIGHT_ALLOWED)))

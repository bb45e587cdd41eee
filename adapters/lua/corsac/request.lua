-- Passing a request to the library: every header line, byte for byte.
local ffi = require "ffi"
local header = require "corsac.header"
local view = require "corsac.view"

local find = string.find
local show = view.show

local M = {}

-- Filled again for each call. No other request can run in between, because nothing here yields.
local request = ffi.new "corsac_request"
request.struct_size = ffi.sizeof(request)
-- References to its fields, made once.
local sent_method, sent_host, sent_path = request.method, request.host, request.path
-- Keeps the strings alive to which the request points.
local held = {}

-- The method that the client sent: an internal redirect changes most methods to GET.
local function method()
  if ngx.req.is_internal() then
    local line = ngx.var.request
    local space = line and find(line, " ", 1, true)
    if space then return line:sub(1, space - 1) end
  end
  return ngx.req.get_method()
end

--- Decides the current request.
--
-- `policy`: an id; `path`: the path for routes, or nil. The decision is valid until the next one.
function M.decide(lib, reader, policy, path)
  held.headers, held.method = ngx.req.get_headers(0), method()
  held.host, held.path = path and ngx.var.host, path
  request.headers, request.headers_len = view.headers(held.headers)
  show(sent_method, held.method)
  show(sent_host, held.host)
  show(sent_path, held.path)
  local decision = lib.corsac_decide(reader, policy, request)
  if decision.error ~= header.STATUS_OK then
    ngx.log(ngx.ALERT, "corsac: a request could not be decided and was denied: ", ffi.string(lib.corsac_error_name(decision.error)))
  end
  return decision
end

return M

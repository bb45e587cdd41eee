-- Passing a request to the library: every line of the relevant headers, byte for byte.
local ffi = require "ffi"
local header = require "corsac.header"
local view = require "corsac.view"

local find, rawget = string.find, rawget
local count, show, show_lines = view.count, view.show, view.show_lines

local M = {}

-- Filled again for each call. No other request can run in between, because nothing here yields.
local request = ffi.new "corsac_request"
request.struct_size = ffi.sizeof(request)
-- References to its fields, made once.
local sent_method, sent_host, sent_path = request.method, request.host, request.path
local sent_origin, sent_request_method = request.origin, request.request_method
local sent_request_headers, sent_private_network = request.request_headers, request.request_private_network
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
  local headers = ngx.req.get_headers(0)
  local origin, request_method = rawget(headers, "origin"), rawget(headers, "access-control-request-method")
  local request_headers = rawget(headers, "access-control-request-headers")
  local private_network = rawget(headers, "access-control-request-private-network")
  held.headers, held.method = headers, method()
  held.host, held.path = path and ngx.var.host, path
  view.grow(count(origin) + count(request_method) + count(request_headers) + count(private_network))
  show(sent_method, held.method)
  local at = show_lines(sent_origin, origin, 0)
  at = show_lines(sent_request_method, request_method, at)
  at = show_lines(sent_request_headers, request_headers, at)
  show_lines(sent_private_network, private_network, at)
  show(sent_host, held.host)
  show(sent_path, held.path)
  local decision = lib.corsac_decide(reader, policy, request)
  if decision.error ~= header.STATUS_OK then
    ngx.log(ngx.ALERT, "corsac: a request could not be decided and was denied: ", ffi.string(lib.corsac_error_name(decision.error)))
  end
  return decision
end

return M

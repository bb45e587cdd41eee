-- A request, shown to the library as it came: every line of the headers that matter, byte for byte.
local ffi = require "ffi"
local header = require "corsac.header"
local view = require "corsac.view"

local find, rawget = string.find, rawget
local count, show, show_lines = view.count, view.show, view.show_lines

local M = {}

-- Filled anew for each call, which is possible because nothing is waited for in between.
local request = ffi.new "corsac_request"
request.struct_size = ffi.sizeof(request)
-- Views into it, made once.
local sent_method, sent_host, sent_path = request.method, request.host, request.path
local sent_origin, sent_request_method = request.origin, request.request_method
local sent_request_headers, sent_private_network = request.request_headers, request.request_private_network
-- Holds what it shows.
local held = {}

-- The method that the client sent: an internal redirect makes GET of most.
local function method()
  if ngx.req.is_internal() then
    local line = ngx.var.request
    local space = line and find(line, " ", 1, true)
    if space then return line:sub(1, space - 1) end
  end
  return ngx.req.get_method()
end

--- Has the library decide the request that is being served.
--
-- `policy`: its number; `path`: what routes choose by, or nil. The decision lives until the next one.
function M.decide(lib, reader, policy, path)
  local headers = ngx.req.get_headers(0)
  local origin, asked_method = rawget(headers, "origin"), rawget(headers, "access-control-request-method")
  local asked_headers = rawget(headers, "access-control-request-headers")
  local private_network = rawget(headers, "access-control-request-private-network")
  held.headers, held.method = headers, method()
  held.host, held.path = path and ngx.var.host, path
  view.grow(count(origin) + count(asked_method) + count(asked_headers) + count(private_network))
  show(sent_method, held.method)
  local at = show_lines(sent_origin, origin, 0)
  at = show_lines(sent_request_method, asked_method, at)
  at = show_lines(sent_request_headers, asked_headers, at)
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

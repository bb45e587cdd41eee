-- Mistakes in nginx's configuration that show only when a request is served. Each is logged once for each
-- place, so that traffic does not fill the log.

local M = {}

-- The places that are remembered, in each worker: clients choose paths.
local MOST = 64

local reported, count = {}, 0

-- Logs a mistake, unless it was logged for a path with the same first segment.
local function report(mistake, ...)
  local uri = ngx.var.uri or "/"
  local place = mistake .. " " .. (ngx.var.server_name or "") .. (uri:match "^/[^/]*/?" or "")
  if reported[place] or count >= MOST then return end
  reported[place], count = true, count + 1
  ngx.log(ngx.ERR, "corsac: ", ...)
end

--- A response was sent for which `access` decided and headers() never ran.
function M.report_headers()
  report("headers", "headers() did not run for this response, so that nothing of its decision was applied: the location has"
    .. " a header_filter_by_lua of its own; call `require(\"corsac\").headers(TARGET)` last in it")
end

--- A response was sent that must not have an `access-control-allow-origin`.
function M.check_closed()
  local value = ngx.var.sent_http_access_control_allow_origin
  if not value or value == "" then return end
  report("added", "`access-control-allow-origin: ", value, "` was added to a response after headers(), which lets an origin in"
    .. " that the policy does not allow; remove the add_header, or what follows headers() in header_filter_by_lua")
end

--- headers() decides, because `access` did not: right for what nginx refuses or redirects before it looks for
-- a location, and a mistake for a preflight or a request to be rejected that was served.
function M.check_access(decision)
  if decision.status == 0 then return end
  if ngx.status >= 300 and not ngx.var.upstream_addr then return end
  report("access", "access() did not run for this request, so that it was served although its policy answers it: the location"
    .. " has a rewrite_by_lua of its own; call `require(\"corsac\").access(TARGET)` first in it")
end

return M

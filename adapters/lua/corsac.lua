-- corsac for OpenResty and for nginx's Lua module: LuaJIT's FFI over the installed libcorsac.so.0. Its
-- other files are in the folder `corsac` next to this file.
--
-- There is a function for each phase: `open` when nginx reads its configuration, `start` when a worker
-- starts, `access` in the rewrite phase, `headers` when a response is sent, `log` when it was sent, and
-- `status` for content. See README.md for the directives to call them in. This code only passes requests to
-- the library and applies its decisions.
--
-- A mistake in the configuration never opens a response: a request that cannot be decided is answered with
-- 500, and a response to which no decision can be applied loses all CORS headers.
local ffi = require "ffi"
local header = require "corsac.header"
local mistakes = require "corsac.mistakes"
local policies = require "corsac.policies"
local request = require "corsac.request"
local response = require "corsac.response"
local status = require "corsac.status"
local view = require "corsac.view"

local byte, sub = string.byte, string.sub

local M = {}

-- The bytes of a buffer: enough for most decisions.
local BUFFER_SIZE = 1024

-- State of this Lua VM. nginx creates a VM for each configuration that it reads.
local lib, engine
-- State of this worker.
local reader

local needed, copied = ffi.new "size_t[1]", ffi.new "const corsac_decision *[1]"

-- Free buffers for copies of decisions. A copy is needed because the reader overwrites its decision for the
-- next request.
local free = {}

local function keep(decision)
  local slot = free[#free]
  if slot then
    free[#free] = nil
  else
    slot = { buffer = ffi.new("uint64_t[?]", BUFFER_SIZE / 8), size = BUFFER_SIZE }
  end
  local ended = lib.corsac_decision_copy(decision, slot.buffer, slot.size, needed, copied)
  if ended == header.STATUS_BUFFER_TOO_SMALL then
    slot.size = tonumber(needed[0])
    slot.buffer = ffi.new("uint64_t[?]", math.ceil(slot.size / 8))
    ended = lib.corsac_decision_copy(decision, slot.buffer, slot.size, needed, copied)
  end
  if ended ~= header.STATUS_OK then
    error("corsac: cannot copy a decision: " .. ffi.string(lib.corsac_error_name(ended)), 0)
  end
  slot.decision = copied[0]
  return slot
end

-- Names by number, set when the library is loaded.
local verdicts, reasons
local generations = { of = nil, shown = nil }

local function shown_generation(generation)
  if generations.of ~= generation then
    generations.of = generation
    generations.shown = string.format("%d", tonumber(generation))
  end
  return generations.shown
end

-- Sets the variables for the log.
local function publish(decision)
  local var = ngx.var
  var.corsac_policy = policies.name(decision.policy)
  var.corsac_verdict = verdicts[decision.verdict]
  var.corsac_reason = reasons[decision.reason]
  var.corsac_rule = view.text(decision.rule) or ""
  var.corsac_generation = shown_generation(decision.generation)
end

-- The selection that `$corsac_asked` keeps across internal redirects, which clear all other state: the path
-- for routes, `=` and the name of a policy, or `off`.
local function selection_of(target)
  if target == "off" then return target end
  -- Raises an error if there is no such policy.
  policies.id(target)
  return target == "route" and (ngx.var.uri or "/") or "=" .. target
end

local is_declared = false

local function remember(selection)
  if not is_declared then
    local function declare()
      local var = ngx.var
      var.corsac_asked, var.corsac_policy, var.corsac_verdict = selection, "", ""
      var.corsac_reason, var.corsac_rule, var.corsac_generation = "", "", ""
    end
    if not pcall(declare) then
      error("corsac: its variables are not declared; write `include corsac-variables.conf;`, with the path of that"
        .. " copy of variables.conf, into the http block", 0)
    end
    is_declared = true
  end
  ngx.var.corsac_asked = selection
end

-- What `ngx.ctx.corsac` is instead of a decision, once headers() has run: with or without an
-- `access-control-allow-origin` in the response, or without a decision.
local GRANTED, CLOSED, FAILED = {}, {}, {}

local function decide_by(selection)
  if selection == "off" then return nil end
  local name = byte(selection, 1) == 61 and sub(selection, 2)
  local slot = keep(request.decide(lib, reader, policies.id(name or "route"), not name and selection or nil))
  publish(slot.decision)
  ngx.ctx.corsac = slot
  return slot
end

-- The request's decision, made once, with the target of the first location; nil if corsac does not change
-- the request. Then, whether it is made only now although there is a target.
local function decided(target)
  local slot = ngx.ctx.corsac
  if slot and slot.decision then return slot end
  local selection = ngx.var.corsac_asked
  if selection and selection ~= "" then return decide_by(selection) end
  if not target then return nil end
  if not reader then error("corsac: this worker is not ready; call `corsac.start` in init_worker_by_lua", 0) end
  selection = selection_of(target)
  remember(selection)
  return decide_by(selection), true
end

-- The target that a function was given. One that is nil is a mistake, such as a misspelt variable, and is not
-- the same as none.
local function target_of(default, ...)
  if select("#", ...) == 0 then return default end
  local target = ...
  if type(target) ~= "string" then
    error("corsac: the target is " .. type(target) .. "; write the name of a policy, \"route\" or \"off\"", 0)
  end
  return target
end

--- Loads the policies, in init_by_lua. A rejected document is an error, and nginx does not start.
--
-- `settings`: `file`, the document; `policies`, the names that `access` and `headers` are given, or false if
-- requests choose them; `poll`, the seconds between two checks for changes (1; false: never); `thread`, whether
-- each worker loads on a thread (true); `library`.
function M.open(settings)
  lib, engine = policies.open(settings)
  verdicts, reasons = view.names(lib.corsac_verdict_name), view.names(lib.corsac_reason_name)
end

--- Prepares a worker for deciding and reloading, in init_worker_by_lua.
function M.start()
  reader = policies.start()
end

local function apply(...)
  local slot, is_late = decided(target_of(nil, ...))
  if not slot then return end
  if is_late then mistakes.check_access(slot.decision) end
  local is_granted = response.apply(lib, slot.decision)
  -- A second response to the same request, such as an error page, is decided again.
  ngx.ctx.corsac = is_granted and GRANTED or CLOSED
  free[#free + 1] = slot
end

--- Applies the decision to the headers of a response, in header_filter_by_lua.
--
-- `target`: as for `access`, for responses to requests that did not reach that phase.
function M.headers(...)
  if ngx.is_subrequest then return end
  local has_failed = ngx.ctx.corsac == FAILED
  if not has_failed then
    local is_applied, why = pcall(apply, ...)
    if is_applied then return end
    ngx.log(ngx.ERR, why)
  end
  response.close()
  ngx.ctx.corsac = FAILED
end

local CONDITIONS = { "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since" }

-- Responds with this status and no body; `headers` adds the headers. `error_page` does not apply, because an
-- error page could change the status and the headers that the browser evaluates.
local function answer(number)
  -- The request's body is invalid.
  if not pcall(ngx.req.discard_body) then return ngx.exit(ngx.HTTP_BAD_REQUEST) end
  -- Conditions of the request refer to the application's content.
  for _, name in ipairs(CONDITIONS) do
    ngx.req.clear_header(name)
  end
  ngx.status = number
  if number ~= 204 then ngx.header["Content-Length"] = 0 end
  ngx.header["Content-Type"] = nil
  ngx.send_headers()
  return ngx.exit(ngx.HTTP_OK)
end

local function decide_first(...)
  return decided(target_of("route", ...))
end

--- Decides a request in rewrite_by_lua, and responds to preflights.
--
-- `target`: the name of a policy, "route" (the default) or "off".
function M.access(...)
  if ngx.is_subrequest or ngx.ctx.corsac then return end
  -- The request came from another location, which has decided.
  if ngx.req.is_internal() and (ngx.var.corsac_asked or "") ~= "" then return end
  local is_decided, slot = pcall(decide_first, ...)
  if not is_decided then
    ngx.ctx.corsac = FAILED
    ngx.log(ngx.ERR, slot)
    return ngx.exit(ngx.HTTP_INTERNAL_SERVER_ERROR)
  end
  if not slot then return end
  response.guard()
  if slot.decision.status ~= 0 then return answer(slot.decision.status) end
end

--- Reports a response that was sent without its decision, in log_by_lua.
function M.log()
  local selection = ngx.var.corsac_asked
  if not selection or selection == "" or selection == "off" then return end
  -- Without a response, such as to a client that left, there is nothing that headers() could have changed.
  if ngx.is_subrequest or not ngx.headers_sent then return end
  local ended = ngx.ctx.corsac
  if ended == CLOSED then
    mistakes.check_closed()
  elseif ended ~= GRANTED and ended ~= FAILED then
    mistakes.report_headers()
  end
end

--- Responds with the state of this worker, as JSON, in content_by_lua.
function M.status()
  local sent = ngx.req.get_method()
  if sent ~= "GET" and sent ~= "HEAD" then return ngx.exit(405) end
  local shown = status.of_worker(lib, engine)
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Cache-Control"] = "no-store"
  ngx.header["Content-Length"] = #shown
  ngx.print(shown)
end

return M

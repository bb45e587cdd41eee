-- corsac for OpenResty and for nginx's Lua module: LuaJIT's FFI over the installed libcorsac.so.0. The
-- parts are in the folder `corsac` beside this file.
--
-- Each phase has its function: `open` when nginx reads its configuration, `start` when a worker starts,
-- `access` in the rewrite phase, `headers` when a response is sent, `status` as content. README.md says what stands where. Nothing here knows what an origin is, or makes a header:
-- requests are handed over, and decisions carried out.
local ffi = require "ffi"
local header = require "corsac.header"
local policies = require "corsac.policies"
local request = require "corsac.request"
local response = require "corsac.response"
local status = require "corsac.status"
local view = require "corsac.view"

local M = {}

-- Enough for most decisions.
local ROOM = 1024

-- Of this Lua VM, which is one for each configuration that nginx has read.
local lib, engine
-- Of this worker.
local reader

local needed, copied = ffi.new "size_t[1]", ffi.new "const corsac_decision *[1]"

-- Slots for copies of decisions, which are used again: the reader gives the next request the same place.
local free = {}

local function keep(decision)
  local slot = free[#free]
  if slot then
    free[#free] = nil
  else
    slot = { buffer = ffi.new("uint64_t[?]", ROOM / 8), size = ROOM }
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

-- Names by numbers, when the library is there.
local verdicts, reasons
local generations = { of = nil, shown = nil }

local function shown_generation(generation)
  if generations.of ~= generation then
    generations.of = generation
    generations.shown = string.format("%d", tonumber(generation))
  end
  return generations.shown
end

-- What a log shows.
local function publish(decision)
  local var = ngx.var
  var.corsac_verdict = verdicts[decision.verdict]
  var.corsac_reason = reasons[decision.reason]
  var.corsac_rule = view.text(decision.rule) or ""
  var.corsac_generation = shown_generation(decision.generation)
end

-- Who is asked, as `$corsac_asked` keeps it through internal redirects, which forget everything else: the
-- path that chooses a route, the number of a policy, or `off`.
local function asked_by(target)
  if target == "route" then return ngx.var.uri or "/" end
  if target == "off" then return target end
  return tostring(policies.id(target))
end

local is_declared = false

local function remember(asked)
  if not is_declared then
    if not pcall(function() ngx.var.corsac_asked = asked end) then
      error("corsac: its variables are not declared; write `include corsac-variables.conf;`, with the path of that"
        .. " copy of variables.conf, into the http block", 0)
    end
    is_declared = true
  end
  ngx.var.corsac_asked = asked
end

local function decide_by(asked)
  if asked == "off" then return nil end
  local id = tonumber(asked)
  local slot = keep(request.decide(lib, reader, id or header.POLICY_ROUTE, not id and asked or nil))
  publish(slot.decision)
  ngx.ctx.corsac = slot
  return slot
end

-- The request's decision, made once, by whom the first place names that the request met; nil where it is
-- left alone.
local function decided(target)
  local slot = ngx.ctx.corsac
  if slot then return slot end
  local asked = ngx.var.corsac_asked
  if not asked or asked == "" then
    if not target then return nil end
    if not reader then error("corsac: this worker is not ready; call `corsac.start` in init_worker_by_lua", 0) end
    asked = asked_by(target)
    remember(asked)
  end
  return decide_by(asked)
end

--- Loads the policies, in init_by_lua. A document that is refused is an error, with which nginx does not
-- start.
--
-- `file`: the document, or the settings: `file`; `poll`, the seconds between two looks whether it
-- changed (1; false: never); `thread`, whether each worker loads on a thread (true); `library`.
function M.open(file)
  lib, engine = policies.open(file)
  verdicts, reasons = view.names(lib.corsac_verdict_name), view.names(lib.corsac_reason_name)
end

--- Makes a worker ready to decide, and to reload, in init_worker_by_lua.
function M.start()
  reader = policies.start()
end

--- Carries the decision out on the head of a response, in header_filter_by_lua.
--
-- `target`: as for `access`, for responses to requests that did not come so far.
function M.headers(target)
  if ngx.is_subrequest then return end
  local slot = decided(target)
  if not slot then return end
  response.apply(lib, slot.decision)
  -- A second response to the same request, an error page in the place of a first one, is decided anew.
  ngx.ctx.corsac = nil
  free[#free + 1] = slot
end

local CONDITIONS = { "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since" }

-- With that status and no body; `headers` adds the rest. Not by way of `error_page`: the answer is for
-- the browser, and a page in its place would be another answer.
local function answer(number)
  -- A body that is no valid one.
  if not pcall(ngx.req.discard_body) then return ngx.exit(ngx.HTTP_BAD_REQUEST) end
  -- Conditions of the request are about what the application has.
  for _, name in ipairs(CONDITIONS) do
    ngx.req.clear_header(name)
  end
  ngx.status = number
  if number ~= 204 then ngx.header["Content-Length"] = 0 end
  ngx.header["Content-Type"] = nil
  ngx.send_headers()
  return ngx.exit(ngx.HTTP_OK)
end

--- Decides a request in rewrite_by_lua, and answers preflights.
--
-- `target`: the name of a policy, "route" (also if there is none) or "off".
function M.access(target)
  if ngx.is_subrequest or ngx.ctx.corsac then return end
  -- The request came from another place, which has decided.
  if ngx.req.is_internal() and (ngx.var.corsac_asked or "") ~= "" then return end
  local slot = decided(target or "route")
  if slot and slot.decision.status ~= 0 then return answer(slot.decision.status) end
end

--- Answers with the state of this worker, as JSON, in content_by_lua.
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

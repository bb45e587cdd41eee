-- Applying a decision to the headers of a response.
local ffi = require "ffi"
local header = require "corsac.header"
local view = require "corsac.view"

local byte, lower, pairs, sub, type = string.byte, string.lower, pairs, string.sub, type
local text = view.text

local M = {}

-- The header that lets a page read a response.
local ALLOW_ORIGIN = "access-control-allow-origin"
-- What it is until headers() has run. It matches no origin, and beside another line of the same name it makes
-- browsers refuse both (Fetch standard, "CORS check": all lines are one value).
local GUARD = "corsac-headers-did-not-run"

local all_lines, missing = ffi.new "corsac_lines", ffi.new "corsac_str"

-- `corsac_is_managed_header`, which the header defines inline, so that there is no function to call. The
-- decision is nil where only access-control-* headers count.
local function is_managed(decision, name)
  -- Most names differ in length or at the first byte.
  local first = byte(name, 1)
  if first == 97 or first == 65 then return lower(sub(name, 1, 15)) == "access-control-" end
  return #name == 19 and decision ~= nil and decision.manages_timing ~= 0 and lower(name) == "timing-allow-origin"
end

-- Removes the guard and leaves other lines of the header, which nginx has under names in any case.
local function take_guard(headers)
  if headers[ALLOW_ORIGIN] == nil then return end
  local others = {}
  for name, value in pairs(headers) do
    if #name == #ALLOW_ORIGIN and lower(name) == ALLOW_ORIGIN then
      if type(value) == "string" then value = { value } end
      for i = 1, #value do
        if value[i] ~= GUARD then others[#others + 1] = value[i] end
      end
      headers[name] = nil
    end
  end
  headers[ALLOW_ORIGIN] = others[1] and others
  ngx.header[ALLOW_ORIGIN] = headers[ALLOW_ORIGIN]
end

local function is_kept(decision, headers)
  -- A response that is made here has no upstream.
  if decision.upstream ~= header.UPSTREAM_KEEP or decision.status ~= 0 then return false end
  take_guard(headers)
  for name in pairs(headers) do
    if is_managed(nil, name) then return true end
  end
  return false
end

local function replace(decision, headers)
  local sent, set = ngx.header, {}
  for name in pairs(headers) do
    if is_managed(decision, name) then sent[name] = nil end
  end
  for i = 0, tonumber(decision.set_len) - 1 do
    local name, value = text(decision.set[i].name), text(decision.set[i].value)
    local before = set[name]
    if type(before) == "table" then
      before[#before + 1] = value
    else
      set[name] = before and { before, value } or value
    end
  end
  for name, value in pairs(set) do sent[name] = value end
  return set[ALLOW_ORIGIN] ~= nil
end

local function vary_of(headers)
  local found
  for name, value in pairs(headers) do
    if #name == 4 and lower(name) == "vary" then
      found = found or {}
      if type(value) == "string" then value = { value } end
      for i = 1, #value do found[#found + 1] = value[i] end
    end
  end
  return found
end

local function merge_vary(lib, decision, headers)
  local vary = vary_of(headers)
  view.lines(all_lines, vary)
  lib.corsac_vary_merge(decision, all_lines, missing)
  if missing.len == 0 then return end
  vary = vary or {}
  vary[#vary + 1] = text(missing)
  ngx.header["Vary"] = vary
end

--- Closes the response for pages until headers() has run, in case that it never does.
function M.guard()
  ngx.header[ALLOW_ORIGIN] = GUARD
end

--- Removes every header that could let a page read the response that is being sent.
function M.close()
  for name in pairs(ngx.resp.get_headers(0, true)) do
    local lowered = lower(name)
    if is_managed(nil, name) or lowered == "timing-allow-origin" then ngx.header[name] = nil end
  end
end

--- Applies a decision to the response that is being sent; returns whether it may have a header that allows
-- an origin. Applying it twice has no further effect.
function M.apply(lib, decision)
  local headers = ngx.resp.get_headers(0, true)
  local is_granted = is_kept(decision, headers) or replace(decision, headers)
  merge_vary(lib, decision, headers)
  return is_granted
end

return M

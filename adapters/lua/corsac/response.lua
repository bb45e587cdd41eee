-- The head of a response, on which a decision is carried out.
local ffi = require "ffi"
local header = require "corsac.header"
local view = require "corsac.view"

local lower, pairs, type = string.lower, pairs, type
local text = view.text

local M = {}

local all_lines, missing = ffi.new "corsac_lines", ffi.new "corsac_str"

local function is_kept(lib, decision, headers)
  -- There is no upstream for what is answered here.
  if decision.upstream ~= header.UPSTREAM_KEEP or decision.status ~= 0 then return false end
  for name in pairs(headers) do
    if lib.corsac_is_managed_header(nil, view.of(name)) then return true end
  end
  return false
end

local function replace(lib, decision, headers)
  local sent, set = ngx.header, {}
  for name in pairs(headers) do
    if lib.corsac_is_managed_header(decision, view.of(name)) then sent[name] = nil end
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
  view.grow(view.count(vary))
  view.show_lines(all_lines, vary, 0)
  lib.corsac_vary_merge(decision, all_lines, missing)
  if missing.len == 0 then return end
  vary = vary or {}
  vary[#vary + 1] = text(missing)
  ngx.header["Vary"] = vary
end

--- Carries a decision out on the response that is being sent. Done twice, it changes nothing more.
function M.apply(lib, decision)
  local headers = ngx.resp.get_headers(0, true)
  if not is_kept(lib, decision, headers) then replace(lib, decision, headers) end
  merge_vary(lib, decision, headers)
end

return M

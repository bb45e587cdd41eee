-- Applying a decision to the headers of a response.
local ffi = require "ffi"
local header = require "corsac.header"
local view = require "corsac.view"

local lower, pairs, sub, type = string.lower, pairs, string.sub, type
local text = view.text

local M = {}

-- The header that lets a page read a response.
local ALLOW_ORIGIN = "access-control-allow-origin"
-- What it is until headers() has run. It matches no origin, and beside another line of the same name it makes
-- browsers refuse both (Fetch standard, "CORS check": all lines are one value).
local GUARD = "corsac-headers-did-not-run"

-- Removes the guard from these headers, which have names in any case, and not from the response.
local function take_guard(headers)
  local values = headers[ALLOW_ORIGIN]
  if values == GUARD then
    headers[ALLOW_ORIGIN] = nil
  elseif type(values) == "table" then
    local others = {}
    for i = 1, #values do
      if values[i] ~= GUARD then others[#others + 1] = values[i] end
    end
    headers[ALLOW_ORIGIN] = others
  else
    return false
  end
  return true
end

-- What the library tells, filled again for each call.
local set, set_len, missing = ffi.new "const corsac_header *[1]", ffi.new "size_t[1]", ffi.new "corsac_str"
local removed, room = ffi.new "bool[64]", 64

-- The response's headers, to which the views of its lines point.
local held

-- The names of headers to remove, and the values of those that stay and allow an origin.
local function sort_lines(lines, len)
  local names, allowing = {}, nil
  for i = 0, len - 1 do
    local line = lines[i]
    if removed[i] then
      names[text(line.name)] = true
    elseif line.name.len == #ALLOW_ORIGIN and lower(text(line.name)) == ALLOW_ORIGIN then
      allowing = allowing or {}
      allowing[#allowing + 1] = text(line.value)
    end
  end
  return names, allowing
end

-- The headers to set, by their names: a string, or a table of several lines.
local function headers_to_set()
  local headers = {}
  for i = 0, tonumber(set_len[0]) - 1 do
    local name, value = text(set[0][i].name), text(set[0][i].value)
    local before = headers[name]
    if type(before) == "table" then
      before[#before + 1] = value
    else
      headers[name] = before and { before, value } or value
    end
  end
  return headers
end

local function vary_of(headers)
  local found = {}
  for name, value in pairs(headers) do
    if #name == 4 and lower(name) == "vary" then
      if type(value) == "string" then value = { value } end
      for i = 1, #value do found[#found + 1] = value[i] end
    end
  end
  return found
end

--- Closes the response for pages until headers() has run, in case that it never does.
function M.guard()
  ngx.header[ALLOW_ORIGIN] = GUARD
end

--- Removes every header that could let a page read the response that is being sent.
function M.close()
  for name in pairs(ngx.resp.get_headers(0, true)) do
    local lowered = lower(name)
    if sub(lowered, 1, 15) == "access-control-" or lowered == "timing-allow-origin" then ngx.header[name] = nil end
  end
end

-- Has the library compare the response's header lines with the decision.
local function compare(lib, decision, lines, len)
  if len > room then removed, room = ffi.new("bool[?]", 2 * len), 2 * len end
  if lib.corsac_apply(decision, lines, len, removed, set, set_len, missing) ~= header.STATUS_OK then
    ngx.log(ngx.ALERT, "corsac: a decision could not be applied, and the response lost its CORS headers")
  end
end

--- Applies a decision to the response that is being sent; returns whether it may have a header that allows
-- an origin. Applying it twice has no further effect.
function M.apply(lib, decision)
  local sent, headers = ngx.header, ngx.resp.get_headers(0, true)
  local was_guarded = take_guard(headers)
  held = headers
  local lines, len = view.headers(headers)
  compare(lib, decision, lines, len)
  local names, allowing = sort_lines(lines, len)
  -- nginx removes a name in any case, with the guard.
  if was_guarded then sent[ALLOW_ORIGIN] = allowing end
  for name in pairs(names) do sent[name] = nil end
  local values = headers_to_set()
  for name, value in pairs(values) do sent[name] = value end
  if missing.len ~= 0 then
    local vary = vary_of(headers)
    vary[#vary + 1] = text(missing)
    sent["Vary"] = vary
  end
  return allowing ~= nil or values[ALLOW_ORIGIN] ~= nil
end

return M

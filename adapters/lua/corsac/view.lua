-- Views of strings, the form in which the library receives and returns them.
local ffi = require "ffi"
require "corsac.header"

local M = {}

local shown = ffi.new "corsac_str"

--- The Lua string of a view; nil if it is absent.
function M.text(str)
  if str.ptr == nil then return nil end
  return ffi.string(str.ptr, str.len)
end

--- Points a view to a Lua string, or to nothing. The caller must keep the string alive while the view is used.
function M.show(str, value)
  str.ptr = value
  str.len = value and #value or 0
end

--- A view of this string, valid until the next call.
function M.of(value)
  M.show(shown, value)
  return shown
end

-- Buffer for the header lines of one call.
local lines, room = nil, 0

local function grow(len)
  local larger = ffi.new("corsac_header[?]", 2 * len)
  if lines then ffi.copy(larger, lines, room * ffi.sizeof "corsac_header") end
  lines, room = larger, 2 * len
end

local function show_line(at, name, value)
  if at >= room then grow(at + 16) end
  local line = lines[at]
  line.name.ptr, line.name.len = name, #name
  line.value.ptr, line.value.len = value, #value
  return at + 1
end

--- Views of header lines, by their names, and their number. They are valid until the next call, and only as long as the
-- table is.
function M.headers(headers)
  local len = 0
  for name, value in pairs(headers) do
    if type(value) == "table" then
      for i = 1, #value do len = show_line(len, name, value[i]) end
    else
      len = show_line(len, name, value)
    end
  end
  return lines, len
end

-- Buffer for the lines of one header.
local values, values_room = nil, 0

--- Views of all lines of one header: a list of strings, or nil.
function M.lines(field, list)
  local len = list and #list or 0
  if len > values_room then
    values_room = 2 * len
    values = ffi.new("corsac_str[?]", values_room)
  end
  field.ptr, field.len = len > 0 and values or nil, len
  for i = 1, len do M.show(values[i - 1], list[i]) end
end

--- A table of names by number, filled on demand by a function of the library.
function M.names(name)
  return setmetatable({}, {
    __index = function(known, number)
      known[number] = ffi.string(name(number))
      return known[number]
    end,
  })
end

return M

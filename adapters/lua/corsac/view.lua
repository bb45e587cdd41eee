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

--- Makes the buffer large enough for this many lines. Invalidates earlier views of lines.
function M.grow(len)
  if len <= room then return end
  room = math.max(2 * room, len, 16)
  lines = ffi.new("corsac_str[?]", room)
end

--- The number of lines of a header: none (nil), one (a string) or several (a table).
function M.count(value)
  if type(value) == "table" then return #value end
  return value and 1 or 0
end

--- Stores all lines of one header from this index; returns the index after them.
function M.show_lines(field, value, at)
  field.ptr, field.len = nil, 0
  if not value then return at end
  field.ptr = lines + at
  if type(value) == "string" then
    M.show(lines[at], value)
    field.len = 1
    return at + 1
  end
  for i = 1, #value do M.show(lines[at + i - 1], value[i]) end
  field.len = #value
  return at + #value
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

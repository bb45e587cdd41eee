-- Views of strings, as the library takes and gives them.
local ffi = require "ffi"
require "corsac.header"

local M = {}

local shown = ffi.new "corsac_str"

--- A string of Lua's out of a view; nil if it is absent.
function M.text(str)
  if str.ptr == nil then return nil end
  return ffi.string(str.ptr, str.len)
end

--- Has a view show a string of Lua's, or nothing. Somebody must hold the string for as long as it is looked at.
function M.show(str, value)
  str.ptr = value
  str.len = value and #value or 0
end

--- A view of this string, until the next one.
function M.of(value)
  M.show(shown, value)
  return shown
end

-- Lines of headers: room for those of one call.
local lines, room = nil, 0

--- Makes room for so many lines in one call. Views from before are not to be used any more.
function M.grow(len)
  if len <= room then return end
  room = math.max(2 * room, len, 16)
  lines = ffi.new("corsac_str[?]", room)
end

--- How many lines a header has: none (nil), one (a string) or several (a table).
function M.count(value)
  if type(value) == "table" then return #value end
  return value and 1 or 0
end

--- Shows all lines of one header, from this place on; gives the place behind them.
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

--- The name that a function of the library has for a number, asked once.
function M.names(name)
  return setmetatable({}, {
    __index = function(known, number)
      known[number] = ffi.string(name(number))
      return known[number]
    end,
  })
end

return M

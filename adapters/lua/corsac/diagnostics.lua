-- Diagnostics of a document, as lines for nginx's log.
local header = require "corsac.header"
local view = require "corsac.view"

local text = view.text
local M = {}

-- A list with one mistake in each row would fill the log.
local MOST_OF_A_CODE = 10

-- `file:line:column: [code] message; help`
local function line_of(diagnostic, document)
  local position = text(diagnostic.file) or document
  if diagnostic.line ~= 0 then position = position .. ":" .. diagnostic.line .. ":" .. diagnostic.column end
  local help = text(diagnostic.help)
  return position .. ": [" .. text(diagnostic.code) .. "] " .. text(diagnostic.message) .. (help and "; " .. help or "")
end

--- The lines of the diagnostics with at least this severity, at most ten of each code and a line with the
-- number of the others. Frees the diagnostics.
function M.take_lines(lib, diagnostics, severity, document)
  local lines, codes, counts = {}, {}, {}
  for i = 0, tonumber(lib.corsac_diagnostics_len(diagnostics)) - 1 do
    local diagnostic = lib.corsac_diagnostics_get(diagnostics, i)
    if diagnostic ~= nil and diagnostic.severity <= severity then
      local code = text(diagnostic.code)
      if not counts[code] then codes[#codes + 1] = code end
      -- What an engine keeps is cut already: its last entry of a code stands for the rest.
      local count = tonumber(diagnostic.count)
      counts[code] = (counts[code] or 0) + count
      if count == 1 and counts[code] <= MOST_OF_A_CODE then lines[#lines + 1] = line_of(diagnostic, document) end
    end
  end
  lib.corsac_diagnostics_free(diagnostics)
  for _, code in ipairs(codes) do
    local more = counts[code] - MOST_OF_A_CODE
    if more > 0 then lines[#lines + 1] = document .. ": [" .. code .. "] " .. more .. " more" end
  end
  return lines
end

--- The first error of a rejected document, and the number of the others. Frees the diagnostics.
function M.take_first_error(lib, diagnostics, document)
  local line, errors = "unknown error", 0
  for i = 0, tonumber(lib.corsac_diagnostics_len(diagnostics)) - 1 do
    local diagnostic = lib.corsac_diagnostics_get(diagnostics, i)
    if diagnostic ~= nil and diagnostic.severity == header.SEVERITY_ERROR then
      errors = errors + tonumber(diagnostic.count)
      if errors == 1 then line = line_of(diagnostic, document) end
    end
  end
  lib.corsac_diagnostics_free(diagnostics)
  return line .. (errors > 1 and " (and " .. errors - 1 .. " more)" or "")
end

return M

-- The policies of an nginx configuration: loaded in the master, and reloaded in each worker.
local ffi = require "ffi"
local diagnostics = require "corsac.diagnostics"
local header = require "corsac.header"
local view = require "corsac.view"

-- From the C library.
ffi.cdef [[
int usleep(unsigned int microseconds);
int mallopt(int parameter, int value);
]]
-- Of glibc, the only one with `mallopt`.
local M_ARENA_MAX = -8

local STATUS_OK, STATUS_CONFIG = header.STATUS_OK, header.STATUS_CONFIG
local POLL_UNSETTLED, POLL_RELOADED = header.POLL_UNSETTLED, header.POLL_RELOADED
local SEVERITY_ERROR, SEVERITY_WARNING = header.SEVERITY_ERROR, header.SEVERITY_WARNING

-- Seconds between two checks of files that were just written.
local UNSETTLED = 0.05
-- The number and length of the pauses in which a starting worker waits for such files.
local STARTS, START_MICROSECONDS = 100, 10000

local text = view.text
local M = {}

-- State of this Lua VM. nginx creates a VM for each configuration that it reads.
local lib, engine, settings
-- State of this worker.
local reader

local function error_name(status)
  return ffi.string(lib.corsac_error_name(status))
end

local function load_library(name)
  local loaded, found = pcall(ffi.load, name)
  if not loaded then
    error("corsac: `" .. name .. "` cannot be loaded: " .. found .. "; `make install` it, then run `ldconfig`", 0)
  end
  if not pcall(function() return found.corsac_abi_version end) then
    error("corsac: `" .. name .. "` is not corsac; write `library = \"libcorsac.so.0\"`", 0)
  end
  if not found.corsac_abi_is_compatible(header.ABI_VERSION) then
    error("corsac: `" .. name .. "` is release " .. ffi.string(found.corsac_version())
      .. ", which is not compatible with this corsac.lua; install both from the same release", 0)
  end
  return found
end

local KINDS = { file = "string", policies = "table", poll = "number", thread = "boolean", library = "string" }
-- How to write what has a kind of its own.
local SHAPES = { policies = "list of names, or false", poll = "number of seconds, or false" }

local function check_setting(key, value)
  local kind = KINDS[key]
  if not kind then
    error("corsac: `" .. tostring(key) .. "` is not a setting; use file, policies, poll, thread or library", 0)
  end
  if value == false and SHAPES[key] then return end
  if type(value) ~= kind or kind == "number" and value <= 0 then
    error("corsac: `" .. key .. "` cannot be `" .. tostring(value) .. "`; write a " .. (SHAPES[key] or kind), 0)
  end
end

local function read_settings(given)
  local read = { poll = 1, thread = true, library = "libcorsac.so.0" }
  for key, value in pairs(given) do
    check_setting(key, value)
    read[key] = value
  end
  if not read.file then
    error("corsac: no file was given; write `corsac.open { file = \"/etc/corsac/policy.toml\", policies = { \"NAME\" } }`", 0)
  end
  if read.policies == nil then
    error("corsac: no policies were given; write `policies = { \"NAME\" }` with each name that `access` and `headers` are"
      .. " given, \"route\" included, or `policies = false` if they take names from requests", 0)
  end
  if read.file:sub(1, 1) ~= "/" then read.file = ngx.config.prefix() .. read.file end
  return read
end

local function new_engine(file)
  local created, rejected = ffi.new "corsac_engine *[1]", ffi.new "corsac_diagnostics *[1]"
  local status = lib.corsac_engine_new_from_file(view.of(file), created, rejected)
  if status == STATUS_CONFIG then
    local lines = diagnostics.take_lines(lib, rejected[0], SEVERITY_ERROR, file)
    error("corsac: the policies were rejected\n" .. table.concat(lines, "\n"), 0)
  elseif status ~= STATUS_OK then
    error("corsac: `" .. file .. "` cannot be loaded: " .. error_name(status), 0)
  end
  return ffi.gc(created[0], lib.corsac_engine_free)
end

-- The ids of the policies that the configuration names, by their names.
local ids

-- Looks up the policies that the configuration names. From now on, a reload without them is rejected.
local function require_policies(names)
  ids = {}
  for key in pairs(names or {}) do
    if type(key) ~= "number" then
      error("corsac: `policies` cannot have the key `" .. tostring(key) .. "`; write a list of names", 0)
    end
  end
  for _, name in ipairs(names or {}) do
    local found = ffi.new("corsac_policy[1]", header.POLICY_ROUTE)
    if name == "route" then
      if lib.corsac_engine_require_routes(engine) ~= STATUS_OK then
        error("corsac: `policies` has \"route\", and `" .. settings.file .. "` has no routes; add a [[route]], or remove it", 0)
      end
    elseif type(name) ~= "string" or lib.corsac_engine_require_policy(engine, view.of(name), found) ~= STATUS_OK then
      error("corsac: there is no policy `" .. tostring(name) .. "` in `" .. settings.file
        .. "`; use the name of an existing [policy.NAME] in `policies`", 0)
    end
    ids[name] = found[0]
  end
end

local function log_warnings()
  local warnings = ffi.new "corsac_diagnostics *[1]"
  if lib.corsac_engine_warnings(engine, warnings) ~= STATUS_OK then return end
  for _, line in ipairs(diagnostics.take_lines(lib, warnings[0], SEVERITY_WARNING, settings.file)) do
    ngx.log(ngx.WARN, "corsac: ", line)
  end
end

--- Loads the policies; returns the library and the engine. Raises the errors of `corsac.open`.
function M.open(given)
  settings = read_settings(type(given) == "table" and given or { file = given })
  lib = load_library(settings.library)
  engine = new_engine(settings.file)
  require_policies(settings.policies)
  log_warnings()
  return lib, engine
end

local function log_reload()
  ngx.log(ngx.NOTICE, "corsac: `", settings.file, "` reloaded, generation ",
    tonumber(lib.corsac_engine_generation(engine)))
  -- One worker is enough: all read the same.
  if ngx.worker.id() == 0 then log_warnings() end
  -- The reader of an idle worker would hold the old policies until its next request.
  lib.corsac_reader_release(reader)
end

local function log_rejection(why)
  ngx.log(ngx.ERR, "corsac: `", settings.file, "` was rejected; the previous policies stay in use: ", why)
end

-- Checks for a change and loads it; returns a corsac_poll, or nil after an error.
local function load()
  local poll, rejected = ffi.new "uint32_t[1]", ffi.new "corsac_diagnostics *[1]"
  local status = lib.corsac_engine_poll(engine, poll, rejected)
  if status == STATUS_CONFIG then
    log_rejection(diagnostics.take_first_error(lib, rejected[0], settings.file))
  elseif status ~= STATUS_OK then
    ngx.log(ngx.ALERT, "corsac: `", settings.file, "` cannot be checked for changes: ", error_name(status))
  else
    if poll[0] == POLL_RELOADED then log_reload() end
    return poll[0]
  end
end

-- The master's policies may be outdated when a worker replaces one that died. The worker has no requests
-- yet, so it can wait here.
local function catch_up()
  for _ = 1, STARTS do
    if not lib.corsac_engine_changed(engine) or load() ~= POLL_UNSETTLED then return end
    ffi.C.usleep(START_MICROSECONDS)
  end
end

--- The engine's status, as JSON.
function M.status()
  local made, shown = ffi.new "corsac_text *[1]", ffi.new "corsac_str"
  if lib.corsac_engine_status(engine, made) ~= STATUS_OK then return nil end
  lib.corsac_text_view(made[0], shown)
  local status = text(shown)
  lib.corsac_text_free(made[0])
  return status
end

-- The same line as `line_of`, from a diagnostic in the JSON of the engine's status. Its keys are in a fixed
-- order, and a quote inside a string is preceded by a backslash.
local function line_of_json(shown)
  local code, column, file, rest = shown:match '^{"code":"(.-)","column":(%w+),"file":"?(.-)"?,"help":(.*)$'
  if not column then return shown end
  local help, line, message = rest:match '^(.-),"line":(%w+),"message":"(.-)","policy":'
  if not help then return shown end
  local position = column == "null" and file or file .. ":" .. line .. ":" .. column
  local found = position .. ": [" .. code .. "] " .. message .. (help == "null" and "" or "; " .. help:sub(2, -2))
  return (found:gsub("\\(.)", { n = " ", ['"'] = '"', ["\\"] = "\\" }))
end

local function rejection_of(shown)
  local counts, diagnostics_shown = shown:match '"counts":%[(.-)%],"diagnostics":(.*)$'
  if not counts then return shown end
  local errors = 0
  for count in counts:gmatch '"count":(%d+),"severity":"error"' do errors = errors + tonumber(count) end
  for diagnostic in diagnostics_shown:gmatch '{"code":".-,"severity":"%w+"}' do
    if diagnostic:find('"severity":"error"}', -19, true) then
      return line_of_json(diagnostic) .. (errors > 1 and " (and " .. errors - 1 .. " more)" or "")
    end
  end
  return shown
end

-- The timer function of a worker with a loading thread: logs the thread's results.
local function result_logger()
  local logged, last_error = lib.corsac_engine_generation(engine), "null"
  return function()
    local generation = lib.corsac_engine_generation(engine)
    if generation ~= logged then
      logged = generation
      log_reload()
    end
    local status = M.status()
    local error_shown = status and status:match '"last_error":(.*),"loaded_at":' or "null"
    if error_shown ~= last_error then
      last_error = error_shown
      if last_error ~= "null" then log_rejection(rejection_of(last_error)) end
    end
  end
end

-- The timer function of a worker without a thread: checks for changes and loads them.
local function poller()
  local is_retry_pending = false
  local function poll_once()
    is_retry_pending = false
    if not ngx.worker.exiting() and load() == POLL_UNSETTLED then
      is_retry_pending = ngx.timer.at(UNSETTLED, poll_once) ~= nil
    end
  end
  local freed = lib.corsac_engine_generation(engine)
  return function()
    if is_retry_pending then return end
    local before = lib.corsac_engine_generation(engine)
    -- The check after a reload frees the replaced policies, whether the files changed or not.
    if before ~= freed or lib.corsac_engine_changed(engine) then
      poll_once()
      freed = before
    end
  end
end

local function start_polling()
  local on_timer
  if settings.thread then
    -- Otherwise glibc gives the thread a heap of its own, and keeps what was free at its end after a load.
    pcall(function() ffi.C.mallopt(M_ARENA_MAX, 1) end)
    local status = lib.corsac_engine_watch(engine)
    if status == STATUS_OK then
      on_timer = result_logger()
    else
      ngx.log(ngx.ERR, "corsac: cannot start a thread to load policies; requests will wait during reloads: ", error_name(status))
    end
  end
  on_timer = on_timer or poller()
  local started, why = ngx.timer.every(settings.poll, function(is_ending)
    -- What an ending worker still sends was decided before.
    if is_ending then return lib.corsac_engine_unwatch(engine) end
    on_timer()
  end)
  if not started then ngx.log(ngx.ALERT, "corsac: `", settings.file, "` will not be reloaded: ", why) end
end

--- Prepares a worker for deciding and reloading; returns its reader.
function M.start()
  if not engine then error("corsac: no policies loaded; call `corsac.open` in init_by_lua", 0) end
  local made = ffi.new "corsac_reader *[1]"
  local status = lib.corsac_reader_new(engine, made)
  if status ~= STATUS_OK then error("corsac: cannot create a reader: " .. error_name(status), 0) end
  reader = ffi.gc(made[0], lib.corsac_reader_free)
  if not settings.poll then return reader end
  catch_up()
  local file = io.open(settings.file)
  if file then
    file:close()
  else
    -- The master may be able to read files that a worker cannot: warn now, not at the first change.
    ngx.log(ngx.WARN, "corsac: `", settings.file, "` will not be reloaded: the worker's user cannot read it; give it read permission")
  end
  start_polling()
  return reader
end

--- The id of a policy, or of the routes. A name that the configuration did not announce is an error, or, if it
-- announced none, a name that the document never had.
function M.id(name)
  local id = ids[name]
  if id then return id end
  if settings.policies then
    error("corsac: `" .. name .. "` is not among the `policies` of `corsac.open`; add it there, or correct it here", 0)
  end
  local found = ffi.new("corsac_policy[1]", header.POLICY_ROUTE)
  if name ~= "route" and lib.corsac_engine_find_policy(engine, view.of(name), found) ~= STATUS_OK then
    error("corsac: `" .. name .. "` is not a policy of `" .. settings.file .. "`", 0)
  end
  ids[name] = found[0]
  return found[0]
end

-- The names of policies, by their ids as numbers, which are exact up to the two millionth engine of a process.
local names = {}

--- The name of the policy that decided; empty if there is none.
function M.name(id)
  local number = tonumber(id)
  local name = names[number]
  if name then return name end
  local shown = ffi.new "corsac_str"
  lib.corsac_engine_policy_name(engine, id, shown)
  names[number] = text(shown) or ""
  return names[number]
end

return M

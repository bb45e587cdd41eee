-- The state of a worker, as JSON.
local ffi = require "ffi"
local header = require "corsac.header"
local policies = require "corsac.policies"
local view = require "corsac.view"

local M = {}

-- `"verdict":{"reason":7}` for each count that is not 0.
local function counts(lib, stats)
  local verdicts, reasons = view.names(lib.corsac_verdict_name), view.names(lib.corsac_reason_name)
  local by_verdict, verdict = {}, 0
  while verdicts[verdict] ~= "unknown" do
    local by_reason, reason = {}, 0
    while reasons[reason] ~= "unknown" do
      local number = tonumber(lib.corsac_stats_count(stats, verdict, reason))
      if number > 0 then by_reason[#by_reason + 1] = string.format('"%s":%d', reasons[reason], number) end
      reason = reason + 1
    end
    if #by_reason > 0 then
      by_verdict[#by_verdict + 1] = '"' .. verdicts[verdict] .. '":{' .. table.concat(by_reason, ",") .. "}"
    end
    verdict = verdict + 1
  end
  return table.concat(by_verdict, ",")
end

--- JSON with the engine's status and the decision counters.
function M.of_worker(lib, engine)
  local made = ffi.new "corsac_stats *[1]"
  if lib.corsac_engine_stats(engine, made) ~= header.STATUS_OK then return nil end
  local stats = made[0]
  local shape = '{"pid":%d,"engine":%s,"decisions":{"total":%d,"by":{%s}},"readers":%d,"retired":%d}\n'
  local status = shape:format(ngx.worker.pid(), policies.status(), tonumber(lib.corsac_stats_total(stats)),
    counts(lib, stats), tonumber(lib.corsac_stats_readers(stats)), tonumber(lib.corsac_stats_retired(stats)))
  lib.corsac_stats_free(stats)
  return status
end

return M

-- Counts answers that are not whole: what one exposes belongs to whom it lets in, since both are of one
-- policy. wrk shares this between its connections, so an answer is not held against its request.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  asked, mixed = 0, 0
end

function request()
  asked = asked + 1
  return wrk.format("GET", "/", { Origin = asked % 2 == 0 and "https://a.example" or "https://b.example" })
end

function response(status, headers)
  local reader = headers["access-control-allow-origin"]
  local expected = reader and reader:gsub("^https://(%w+)%.example$", "x-%1")
  local is_whole = status == 200 and headers["Vary"] == "Origin" and headers["access-control-expose-headers"] == expected
  if not is_whole then
    mixed = mixed + 1
  end
end

function done(summary)
  local sum = 0
  for _, thread in ipairs(threads) do
    sum = sum + thread:get("mixed")
  end
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  print(("answered=%d failed=%d mixed=%d"):format(summary.requests, failed, sum))
end

// The wrapper from a second translation unit: ownership.
#include "wrapper.h"

#include <string>
#include <utility>
#include <vector>

using corsac::Engine;
using corsac::OwnedDecision;
using corsac::Policy;
using corsac::Reader;
using corsac::Request;

Engine an_engine() {
    auto engine = Engine::from_text(document);
    CHECK(engine);
    return *std::move(engine);
}

static void is_closed(const corsac::Decision& decision) {
    CHECK(decision.verdict() == corsac::Verdict::denied && decision.reason() == corsac::Reason::internal);
    CHECK(decision.error() != corsac::Status::ok && decision.set().empty());
    CHECK(decision.upstream() == corsac::Upstream::replace);
}

/* By reference, so that no compiler sees that both are one. */
template <class T>
static void assign(T& to, T& from) {
    to = std::move(from);
}

void handles_can_be_moved() {
    Engine engine = an_engine();
    const Policy api = engine.find_policy("api");
    Reader reader = engine.reader();

    Engine second = std::move(engine);
    engine = std::move(second);
    assign(engine, engine);
    CHECK(engine && !second);
    engine = an_engine();
    CHECK(engine.generation() == 1);
    // The one that was replaced is gone; its reader goes on.
    CHECK(reader.decide(api, Request("GET").origin(app)).verdict() == corsac::Verdict::allowed);

    Reader moved = std::move(reader);
    Reader again = std::move(moved);
    CHECK(!reader && !moved && again);
    CHECK(again.decide(api, Request("GET").origin(app)).verdict() == corsac::Verdict::allowed);
    is_closed(reader.decide(api, Request("GET").origin(app)));
    CHECK(moved.origin_allowed(api, Request("GET").origin(app)) == corsac::OriginAnswer::not_allowed);
    moved.release();
    again.release();
    CHECK(again.decide(api, Request("GET").origin(app)).verdict() == corsac::Verdict::allowed);

    // Empty ones give nothing, and end in nothing.
    const Engine none;
    CHECK(!none.reader() && !none.find_policy("api") && !none.require("api") && none.generation() == 0 && !none.changed());
    CHECK(!none.poll() && none.reload() && none.reload_text(document) && none.reload_file("x"));
    const auto nothing = none.status();
    CHECK(none.warnings().empty() && nothing.view().empty() && none.stats().total() == 0);
    CHECK(none.watch() == corsac::Status::invalid_argument);
    none.unwatch();
    const auto error = none.poll().error();
    CHECK(error.text() == "invalid-argument");

    corsac_engine* raw = engine.release_raw();
    CHECK(raw != nullptr && !engine);
    const Engine adopted(raw);
    CHECK(adopted.raw() == raw && adopted.find_policy("api"));
    CHECK(adopted.watch() == corsac::Status::ok && adopted.watch() == corsac::Status::ok);
    adopted.unwatch();
}

void copies_outlive_their_reader() {
    std::vector<OwnedDecision> kept;
    std::vector<std::string> origins;
    char pool[2048];
    std::optional<corsac::Decision> pooled;
    {
        const Engine engine = an_engine();
        Reader reader = engine.reader();
        const Policy api = engine.find_policy("api");
        for (int index = 0; index < 100; index++) {
            std::string origin = "https://p" + std::to_string(index) + ".pages.example.com";
            const auto decision = reader.decide(api, Request("GET").origin(origin));
            kept.push_back(decision.copy());
            if (index == 0) {
                CHECK(!decision.copy_into(pool, 8) && !decision.copy_into(nullptr, 0));
                CHECK(decision.copy_size() <= sizeof pool);
                pooled = decision.copy_into(pool, sizeof pool);
            }
            origins.push_back(origin);
            origin.assign(origin.size(), '#');
        }
    }
    for (std::size_t index = 0; index < kept.size(); index++) {
        CHECK(kept[index].set()[0].value == origins[index] && kept[index].rule() == "https://*.pages.example.com");
    }
    CHECK(pooled && pooled->set()[0].value == origins[0] && pooled->is_managed("timing-allow-origin"));

    OwnedDecision first = std::move(kept[0]), second = std::move(first);
    is_closed(first);
    is_closed(kept[0]);
    first = second.copy();
    assign(first, first);
    CHECK(first.set()[0].value == origins[0] && second.set()[0].value == origins[0]);
    CHECK(first.set()[0].value.data() != second.set()[0].value.data());
    const corsac::Decision view = first;
    CHECK(view.raw() == first.raw());
    second = std::move(kept[1]);
    CHECK(second.set()[0].value == origins[1]);
    is_closed(OwnedDecision());
    is_closed(corsac::Decision());
    is_closed(OwnedDecision().copy());
}

//! The contestants.

use serde_json::{Value, json};

use crate::decide::Decide;
use crate::prepared::Preparation;
use crate::scenario::Scenario;
use crate::{actix, floor, tower};

/// The resolved versions of this build.
const LOCK: &str = include_str!("../../../../Cargo.lock");

type Prepare = fn(&Scenario) -> Result<Preparation, String>;

struct Contestant {
    name: &'static str,
    /// The crate with this version.
    package: &'static str,
    prepare: Prepare,
}

const CONTESTANTS: [Contestant; 9] = [
    Contestant { name: "decide", package: "corsac", prepare: decide },
    Contestant { name: "tower: corsac", package: "corsac-tower", prepare: tower::corsac },
    Contestant { name: "tower: bare service", package: "tower-service", prepare: tower::bare },
    Contestant { name: "tower-http list", package: "tower-http", prepare: tower::list },
    Contestant { name: "tower-http predicate", package: "tower-http", prepare: tower::predicate },
    Contestant { name: "actix-cors", package: "actix-cors", prepare: actix::cors },
    Contestant { name: "actix: bare service", package: "actix-web", prepare: actix::bare },
    Contestant { name: "floor: hash probe", package: "hashbrown", prepare: floor::hash_probe },
    Contestant { name: "floor: label walk", package: "hashbrown", prepare: floor::label_walk },
];

/// The first line of the driver.
pub(crate) fn list() -> Value {
    let contestant = |one: &Contestant| {
        json!({
            "name": one.name,
            "version": version(one.package),
            "runtime": env!("RUSTC_VERSION"),
            "is_corsac": one.package == "corsac" || one.package == "corsac-tower",
        })
    };
    json!({ "contestants": CONTESTANTS.iter().map(contestant).collect::<Vec<_>>() })
}

/// Configures a contestant for a scenario.
///
/// # Errors
/// The name or the scenario is wrong.
pub(crate) fn prepare(name: &str, scenario: &Scenario) -> Result<Preparation, String> {
    let contestant = CONTESTANTS.iter().find(|one| one.name == name);
    (contestant.ok_or_else(|| format!("no contestant is named `{name}`"))?.prepare)(scenario)
}

fn decide(scenario: &Scenario) -> Result<Preparation, String> {
    Decide::new(scenario).map(Preparation::ready)
}

/// The version of a crate; the highest, if several versions are linked.
fn version(package: &str) -> &'static str {
    let start = format!("name = \"{package}\"\n");
    let found = LOCK.rsplit("[[package]]\n").find_map(|entry| entry.strip_prefix(start.as_str()));
    found.and_then(|rest| rest.strip_prefix("version = \"")?.split('"').next()).unwrap_or("unknown")
}

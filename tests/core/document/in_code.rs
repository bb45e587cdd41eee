//! Policies in code say what documents say: a setter for each key, and one rule for all setters.

use corsac::document::{KEYS, Kind, Section};
use corsac::{Code, DeniedRequests, GrantBuilder, Policies, PolicyBuilder, Preflight, PreflightAnswer, Upstream};
use corsac_tests::engine;

/// A key, two values or elements as a document has them, and its setter called once with each.
type Setter = (&'static str, [&'static str; 2], fn(&mut PolicyBuilder<'_>));

/// Every key of a policy.
const SETTERS: [Setter; 16] = [
    ("allow_origins", ["\"https://a.example\"", "\"https://b.example\""], |policy| {
        policy.allow_origins(["https://a.example"]).allow_origins(["https://b.example"]);
    }),
    ("allow_methods", ["\"POST\"", "\"PUT\""], |policy| {
        policy.allow_methods(["POST"]).allow_methods(["PUT"]);
    }),
    ("allow_headers", ["\"x-a\"", "\"x-b\""], |policy| {
        policy.allow_headers(["x-a"]).allow_headers(["x-b"]);
    }),
    ("expose_headers", ["\"x-c\"", "\"x-d\""], |policy| {
        policy.expose_headers(["x-c"]).expose_headers(["x-d"]);
    }),
    ("allow_credentials", ["false", "true"], |policy| {
        policy.allow_credentials(false).allow_credentials(true);
    }),
    ("max_age", ["60", "600"], |policy| {
        policy.max_age(60).max_age(600);
    }),
    ("own_origins", ["\"https://c.example\"", "\"https://d.example\""], |policy| {
        policy.own_origins(["https://c.example"]).own_origins(["https://d.example"]);
    }),
    ("denied_requests", ["\"forward\"", "\"reject\""], |policy| {
        policy.denied_requests(DeniedRequests::Forward).denied_requests(DeniedRequests::Reject);
    }),
    ("preflight", ["\"answer\"", "\"forward\""], |policy| {
        policy.preflight(Preflight::Answer).preflight(Preflight::Forward);
    }),
    ("preflight_answer", ["\"list\"", "\"requested\""], |policy| {
        policy.preflight_answer(PreflightAnswer::List).preflight_answer(PreflightAnswer::Requested);
    }),
    ("preflight_status", ["204", "200"], |policy| {
        policy.preflight_status(204).preflight_status(200);
    }),
    ("refused_preflight_status", ["403", "400"], |policy| {
        policy.refused_preflight_status(403).refused_preflight_status(400);
    }),
    ("upstream", ["\"replace\"", "\"keep\""], |policy| {
        policy.upstream(Upstream::Replace).upstream(Upstream::Keep);
    }),
    ("timing_allow_origin", ["\"https://e.example\"", "\"https://f.example\""], |policy| {
        policy.timing_allow_origin(["https://e.example"]).timing_allow_origin(["https://f.example"]);
    }),
    ("allow_private_network", ["false", "true"], |policy| {
        policy.allow_private_network(false).allow_private_network(true);
    }),
    (
        "grant",
        ["{ allow_origins = [\"https://g.example\"] }", "{ allow_origins = [\"https://h.example\"], max_age = 5 }"],
        |policy| {
            let (mut first, mut second) = (GrantBuilder::new(), GrantBuilder::new());
            first.allow_origins(["https://g.example"]);
            second.allow_origins(["https://h.example"]).max_age(5);
            policy.grant(first).grant(second);
        },
    ),
];

/// The document with these keys, written back.
fn read(keys: &str) -> String {
    let origins = if keys.starts_with("allow_origins") { "" } else { "allow_origins = [\"https://app.example\"]\n" };
    engine::policies(&format!("version = 1\n[policy.p]\n{origins}{keys}\n")).to_document()
}

fn built(change: impl FnOnce(&mut PolicyBuilder<'_>)) -> Policies {
    let mut policy = PolicyBuilder::new("p");
    change(&mut policy);
    Policies::new([policy.build().unwrap()]).unwrap()
}

fn is_list(key: &str) -> bool {
    let kind = KEYS.iter().find(|known| known.name == key).unwrap().kind;
    matches!(kind, Kind::Strings(_) | Kind::Rows | Kind::Tables(_))
}

#[test]
fn every_key_of_a_policy_has_a_setter() {
    let keys = Section::Policy.keys().map(|key| key.name);
    // Who writes a policy in code tests it in code.
    let mut keys: Vec<_> = keys.filter(|key| *key != "expect").collect();
    let mut setters: Vec<_> = SETTERS.iter().map(|(key, ..)| *key).collect();
    keys.sort_unstable();
    setters.sort_unstable();
    assert_eq!(keys, setters);
}

#[test]
fn a_second_call_appends_to_a_list_and_replaces_a_value() {
    for (key, [first, second], set_both) in SETTERS {
        let policies = built(|policy| {
            if key != "allow_origins" {
                policy.allow_origins(["https://app.example"]);
            }
            set_both(policy);
        });
        let value = if is_list(key) { format!("[{first}, {second}]") } else { second.into() };
        assert_eq!(policies.to_document(), read(&format!("{key} = {value}")), "{key}");
    }
}

/// The lists of a grant follow the same rule, and an empty one counts as set.
#[test]
fn setters_of_a_grant_append_too() {
    let policies = built(|policy| {
        policy.allow_origins(["https://app.example"]).allow_methods(["PUT"]).allow_headers(["x-z"]);
        let mut grant = GrantBuilder::new();
        grant.allow_origins(["https://a.example"]).allow_origins(["https://b.example"]);
        grant.allow_methods(["POST"]).allow_methods(["DELETE"]);
        grant.allow_headers(["x-a"]).allow_headers(["x-b"]).expose_headers(["x-c"]).expose_headers(["x-d"]);
        let mut empty = GrantBuilder::new();
        empty.allow_origins(["https://c.example"]).allow_methods::<&str>([]).allow_headers::<&str>([]);
        policy.grant(grant).grant(empty);
    });
    let document = "allow_methods = [\"PUT\"]\nallow_headers = [\"x-z\"]\n\
        [[policy.p.grant]]\nallow_origins = [\"https://a.example\", \"https://b.example\"]\n\
        allow_methods = [\"POST\", \"DELETE\"]\nallow_headers = [\"x-a\", \"x-b\"]\nexpose_headers = [\"x-c\", \"x-d\"]\n\
        [[policy.p.grant]]\nallow_origins = [\"https://c.example\"]\nallow_methods = []\nallow_headers = []\n";
    assert_eq!(policies.to_document(), read(document));
}

#[test]
fn statuses_that_documents_refuse_are_refused_in_code() {
    for status in [0, 100, 199, 201, 302, 404, 500, 999, u16::MAX] {
        for refused in [false, true] {
            let mut policy = PolicyBuilder::new("p");
            policy.allow_origins(["https://app.example"]);
            let policy =
                if refused { policy.refused_preflight_status(status) } else { policy.preflight_status(status) };
            let error = policy.build().unwrap_err();
            let codes: Vec<_> = error.diagnostics().iter().map(|found| found.code()).collect();
            assert_eq!(codes, [Code::DocumentWrongValue], "{status}");
        }
    }
}

//! Policies that nginx's configuration names: a reload of the document without them is refused.

use corsac_tests::proxy::Running;
use corsac_tests::proxy::lua::Lua;
use corsac_tests::proxy::nginx::{Dialect, GLOBAL, HTTP, Module, Server, check};
use corsac_tests::proxy::process::{free_port, until};
use corsac_tests::proxy::wire::{Client, Request};
use corsac_tests::scratch::Scratch;
use serde_json::Value;

/// Two policies, one of which nginx names, and a route.
const POLICY: &str = r#"version = 1
[policy.api]
allow_origins = ["https://a.example"]
[policy.tenant]
allow_origins = ["https://a.example"]
[[route]]
path = "/routed"
policy = "api"
"#;

/// One of the two adapters.
struct Adapter {
    dialect: &'static dyn Dialect,
    /// Lines of the http block, where the named policy is this one.
    http: fn(&str) -> String,
    target: fn(&str) -> String,
    status: &'static str,
}

const NGINX: Adapter = Adapter {
    dialect: &Module,
    http: |_| "corsac_policy_file policy.toml poll=20ms;".into(),
    target: |name| format!("corsac {name};"),
    status: "corsac_status;",
};

const LUA: Adapter = Adapter {
    dialect: &Lua,
    http: |name| {
        Lua::open(&format!("file = \"policy.toml\", policies = {{ {name:?}, \"route\" }}, poll = 0.02, thread = false"))
    },
    target: |name| Lua::target(name),
    status: "content_by_lua_block { require(\"corsac\").status() }",
};

const LUA_THREAD: Adapter = Adapter {
    http: |name| Lua::open(&format!("file = \"policy.toml\", policies = {{ {name:?}, \"route\" }}, poll = 0.02")),
    ..LUA
};

fn configuration(adapter: &Adapter, address: &str, name: &str) -> String {
    let target = adapter.target;
    format!(
        "{}\n{GLOBAL}\nhttp {{\n{HTTP}\n{}
server {{
    listen {address};
    location / {{ {} return 200 ok; }}
    location /routed {{ {} return 200 ok; }}
    location = /status {{ {} }}
}}
}}\n",
        adapter.dialect.main(),
        (adapter.http)(name),
        target(name),
        target("route"),
        adapter.status
    )
}

fn replace(server: &Server, document: &str) {
    let new = server.scratch().write("policy.new", document);
    std::fs::rename(new, server.scratch().document()).unwrap();
}

fn lets_in(server: &Server, path: &str, origin: &str) -> bool {
    let response = Client::new(server.address()).send(&Request::new("GET", path).header("origin", origin)).unwrap();
    response.line("access-control-allow-origin").as_deref() == Some(origin)
}

fn engine(server: &Server) -> Value {
    let response = Client::new(server.address()).send(&Request::new("GET", "/status")).unwrap();
    serde_json::from_slice::<Value>(&response.body).unwrap()["engine"].take()
}

/// Holds that this document is refused while nginx runs, with this code, and that its users notice nothing.
fn is_refused(server: &Server, document: &str, code: &str) {
    let generation = engine(server)["generation"].clone();
    replace(server, document);
    until(&format!("{code} is in the status"), || engine(server)["last_error"]["diagnostics"][0]["code"] == code);
    server.until_logged("was rejected; the previous policies stay in use: ");
    server.until_logged(&format!("[{code}] "));
    assert_eq!(engine(server)["generation"], generation);
    assert!(lets_in(server, "/", "https://a.example") && lets_in(server, "/routed", "https://a.example"));
}

fn holds_what_is_named(adapter: &Adapter) {
    let scratch = Scratch::with("policy.toml", POLICY);
    let server = Server::start(scratch, |address, _| configuration(adapter, &address.to_string(), "api"));
    let renamed = POLICY.replace("policy.api]", "policy.apis]").replace("\"api\"", "\"apis\"");
    is_refused(&server, &renamed, "reload/policy-missing");
    let unrouted = POLICY.split("[[route]]").next().unwrap();
    is_refused(&server, unrouted, "reload/routes-missing");
    // What is not named may go, and what is named may change.
    let changed = POLICY.replace("[policy.tenant]", "[policy.other]").replace("a.example", "b.example");
    replace(&server, &changed);
    until("the change is served", || lets_in(&server, "/", "https://b.example"));
    assert_eq!(engine(&server)["last_error"], Value::Null);

    // The requirement ends with the cycle that had it.
    let address = server.address().to_string();
    replace(&server, &renamed);
    until("the renamed one is refused", || engine(&server)["last_error"] != Value::Null);
    server.scratch().write("nginx.conf", configuration(adapter, &address, "apis"));
    let before = server.started_workers(1);
    server.signal("HUP");
    until("there is another worker, and only one", || {
        let workers = server.workers();
        workers.len() == 1 && workers != before
    });
    assert!(lets_in(&server, "/", "https://a.example"));
    is_refused(&server, POLICY, "reload/policy-missing");
}

#[test]
fn n_a_policy_that_is_named_cannot_be_reloaded_away() {
    holds_what_is_named(&NGINX);
    // What is refused while nginx runs is refused when it starts.
    let scratch =
        Scratch::with("policy.toml", POLICY.replace("policy.api]", "policy.apis]").replace("\"api\"", "\"apis\""));
    let said = check(scratch.folder(), &configuration(&NGINX, &free_port().to_string(), "api")).said();
    assert!(said.contains("there is no policy `api` in") && said.contains("test failed"), "{said}");
}

#[test]
fn l_a_policy_that_is_named_cannot_be_reloaded_away() {
    holds_what_is_named(&LUA);
    holds_what_is_named(&LUA_THREAD);
}

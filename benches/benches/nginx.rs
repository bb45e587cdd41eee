//! The cost of decisions in nginx: instructions for each request, compared with a location that does
//! nothing, and with lists in nginx's own language.
//!
//! The instructions of the single process are counted by cachegrind, because they are the same in every
//! run. The difference of two runs, one with more requests of one kind, excludes everything that belongs
//! to no request. Arguments select the variants whose names contain them.

use std::path::Path;
use std::process::Command;

use corsac_bench::diverse;
use corsac_tests::proxy::Running;
use corsac_tests::proxy::lua::Lua;
use corsac_tests::proxy::nginx::{Dialect, GLOBAL, HTTP, Server, build, installed_as, program};
use corsac_tests::proxy::wire::{Client, Request};
use corsac_tests::scratch::Scratch;

/// Requests of each kind before the counted ones.
const BEFORE: usize = 200;
/// More of them with Lua, so that LuaJIT has compiled the code.
const BEFORE_LUA: usize = 2000;
/// Counted requests.
const COUNTED: usize = 1000;

/// One way to allow the origins of a list.
struct Variant {
    name: &'static str,
    /// Lines of the configuration: of its top level, of its http block (below), and of the location (below).
    main: String,
    http: String,
    place: String,
    /// The content of `policy.toml`.
    document: String,
    before: usize,
    origins: usize,
}

impl Variant {
    fn new(name: &'static str, origins: usize) -> Self {
        Self {
            name,
            main: String::new(),
            http: String::new(),
            place: String::new(),
            document: String::new(),
            before: BEFORE,
            origins,
        }
    }

    /// nginx's `map` with a line for each origin.
    fn map(name: &'static str, line: impl Fn(&str) -> String) -> Self {
        let lines: String = diverse(500, "").iter().map(|origin| line(origin)).collect();
        Self {
            http: format!("map_hash_bucket_size 128; map $http_origin $reader {{ default \"\"; {lines} }}"),
            place: "add_header Access-Control-Allow-Origin $reader always; add_header Vary Origin always;".into(),
            ..Self::new(name, 500)
        }
    }

    fn module(name: &'static str, origins: usize, module: &Path) -> Self {
        let rows: String = diverse(origins, "").iter().map(|origin| format!("{origin:?},\n")).collect();
        Self {
            main: format!("load_module {};", module.display()),
            http: "corsac_policy_file policy.toml poll=off;".into(),
            place: "corsac p;".into(),
            document: format!("version = 1\n[policy.p]\nallow_origins = [\n{rows}]\n"),
            ..Self::new(name, origins)
        }
    }

    fn lua(name: &'static str, origins: usize, library: &Path) -> Self {
        Self {
            main: Lua.main(),
            http: Lua::open_library(library, "file = \"DOCUMENT\", policies = { \"p\" }, poll = 60"),
            place: Lua::target("p"),
            before: BEFORE_LUA,
            ..Self::module(name, origins, Path::new(""))
        }
    }
}

/// All variants; the first does nothing.
fn variants() -> Vec<Variant> {
    let installed = installed_as("release");
    let module = build(&installed, &[]);
    vec![
        Variant::new("nothing", 0),
        Variant::map("`map` of 500 origins", |origin| format!("{origin:?} $http_origin;\n")),
        Variant::map("`map` of 500 expressions", |origin| {
            format!("\"~^{}$\" $http_origin;\n", origin.replace('.', r"\."))
        }),
        Variant::module("corsac, 500 origins", 500, &module),
        Variant::module("corsac, 100,000 origins", 100_000, &module),
        Variant::lua("corsac in Lua, 500 origins", 500, &installed.join("lib/libcorsac.so.0")),
    ]
}

/// Kinds of requests, in the order of the columns.
const KINDS: [&str; 4] = ["no origin", "listed", "not listed", "preflight"];

fn request(kind: &str, variant: &Variant) -> Request {
    let list = diverse(variant.origins.max(500), "");
    let listed = &list[list.len() * 9 / 10];
    match kind {
        "no origin" => Request::new("GET", "/"),
        "listed" => Request::new("GET", "/").header("origin", listed),
        "not listed" => Request::new("GET", "/").header("origin", &diverse(1, "other")[0]),
        _ => Request::new("OPTIONS", "/").header("origin", listed).header("access-control-request-method", "GET"),
    }
}

/// Sends so many requests of a kind, and checks the responses.
fn send(client: &mut Client, variant: &Variant, kind: &str, count: usize) {
    let request = request(kind, variant);
    for _ in 0..count {
        let response = client.send(&request).unwrap();
        let origin = request.lines("origin").first().copied();
        let reader = origin.filter(|_| kind != "not listed" && variant.origins > 0);
        assert_eq!(response.lines("access-control-allow-origin"), Vec::from_iter(reader), "{}: {kind}", variant.name);
    }
    assert_eq!(client.connections, 1);
}

/// Instructions of a whole run, with additional requests of one kind.
fn count(variant: &Variant, more: Option<&str>) -> i64 {
    let logs = tempfile::tempdir().unwrap();
    let log = logs.path().join("log");
    let counted = || {
        let mut command = Command::new("valgrind");
        command.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
        command.arg(format!("--log-file={}", log.display())).arg(program().get_program());
        command
    };
    let server = Server::start_by(counted, Scratch::with("policy.toml", &variant.document), |address, folder| {
        let Variant { main, http, place, .. } = variant;
        let http = http.replace("DOCUMENT", &folder.join("policy.toml").display().to_string());
        format!(
            "{main}\n{GLOBAL}\nmaster_process off;\nhttp {{\n{HTTP}\n{http}
server {{ listen {address}; location / {{ {place} return 200 ok; }} }}\n}}\n"
        )
    });
    let mut client = Client::new(server.address());
    for kind in KINDS {
        send(&mut client, variant, kind, variant.before);
    }
    if let Some(kind) = more {
        send(&mut client, variant, kind, COUNTED);
    }
    drop(server);
    let written = std::fs::read_to_string(&log).unwrap();
    let number = written.lines().find_map(|line| line.split_once("refs:")).unwrap_or_else(|| panic!("{written}")).1;
    number.trim().replace(',', "").parse().unwrap()
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let variants = variants();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    println!("instructions for each request, in addition to those of a location that does nothing");
    println!("{:<26} {}", "", KINDS.map(|kind| format!("{kind:>11}")).concat());
    let mut nothing = [0; KINDS.len()];
    for variant in &variants {
        if variant.origins > 0 && !is_wanted(variant.name) {
            continue;
        }
        let base = count(variant, None);
        let each = KINDS.map(|kind| (count(variant, Some(kind)) - base) / COUNTED as i64);
        if variant.origins == 0 {
            nothing = each;
            println!("{:<26} {}", "(those:", each.map(|each| format!("{each:>11}")).concat() + ")");
            continue;
        }
        let more: Vec<String> =
            each.iter().zip(nothing).map(|(each, nothing)| format!("{:>11}", each - nothing)).collect();
        println!("{:<26} {}", variant.name, more.concat());
    }
}

//! The configurations that users start from, `adapters/nginx/example` and `adapters/lua/example`: both give
//! the same responses.

use corsac_tests::native::root;
use corsac_tests::proxy::Running;
use corsac_tests::proxy::lua::Lua;
use corsac_tests::proxy::nginx::{Module, Server};
use corsac_tests::proxy::process::refusing_port;
use corsac_tests::proxy::wire::{Client, Request};
use corsac_tests::scratch::Scratch;

/// Starts the example of this adapter, with the paths and ports of a test, and sends it requests.
fn serves(adapter: &str, elsewhere: &[(&str, &str)]) {
    let example = root().join("adapters").join(adapter).join("example");
    let text = std::fs::read_to_string(example.join("nginx.conf")).unwrap();
    let scratch = Scratch::without("policy.toml");
    std::fs::copy(example.join("users"), scratch.folder().join("users")).unwrap();
    let server = Server::start(scratch, |address, _| {
        let (policies, address) = (root().join("examples"), address.to_string());
        let dead = refusing_port().to_string();
        let everywhere = [
            ("../../../examples", policies.to_str().unwrap()),
            ("127.0.0.1:8080", &address),
            ("127.0.0.1:9000", &dead),
            ("127.0.0.1:9001", &dead),
            ("events {}", "events {} daemon off; user root;"),
        ];
        elsewhere.iter().chain(&everywhere).fold(text.clone(), |text, (from, to)| {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text.replace(from, to)
        })
    });
    let mut client = Client::new(server.address());
    let page = |path: &str| Request::new("GET", path).header("origin", "https://welt.de");
    let preflight = |origin: &str| {
        let request = Request::new("OPTIONS", "/account/").header("origin", origin);
        request.header("access-control-request-method", "PUT")
    };
    for (request, status, granted) in [
        (page("/"), 200, Some("https://welt.de")),
        (preflight("https://welt.de"), 204, Some("https://welt.de")),
        (preflight("https://welt.de.evil.example"), 403, None),
        (page("/account/"), 401, Some("https://welt.de")),
        (page("/other/"), 502, None),
        (page("/corsac"), 200, None),
    ] {
        let response = client.send(&request).unwrap();
        let origin = response.line("access-control-allow-origin");
        assert_eq!((response.status, origin.as_deref()), (status, granted), "{request:?}");
    }
}

#[test]
fn n_the_example_serves() {
    serves("nginx", &[("../build/ngx_http_corsac_module.so", Module::path().to_str().unwrap())]);
}

#[test]
fn l_the_example_serves() {
    let adapter = root().join("adapters/lua");
    let library = format!("library = \"{}\"", Lua::library().display());
    serves(
        "lua",
        &[
            ("${prefix}../?.lua", adapter.join("?.lua").to_str().unwrap()),
            ("../variables.conf", adapter.join("variables.conf").to_str().unwrap()),
            ("poll = 1", &library),
        ],
    );
}

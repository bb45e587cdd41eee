//! The configuration that users start from, `adapters/nginx/example`.

use corsac_tests::native::root;
use corsac_tests::proxy::Running;
use corsac_tests::proxy::nginx::{Module, Server};
use corsac_tests::proxy::wire::{Client, Request};
use corsac_tests::scratch::Scratch;

#[test]
fn n_the_example_serves() {
    let example = root().join("adapters/nginx/example");
    let text = std::fs::read_to_string(example.join("nginx.conf")).unwrap();
    let scratch = Scratch::without("policy.toml");
    std::fs::copy(example.join("users"), scratch.folder().join("users")).unwrap();
    let server = Server::start(scratch, |address, _| {
        let mut text = text.clone();
        for (from, to) in [
            ("../build/ngx_http_corsac_module.so", Module::path().to_str().unwrap()),
            ("../../../examples", root().join("examples").to_str().unwrap()),
            ("127.0.0.1:8080", &address.to_string()),
            ("events {}", "events {} daemon off; user root;"),
        ] {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text = text.replace(from, to);
        }
        text
    });
    let mut client = Client::new(server.address());
    let page = Request::new("GET", "/").header("origin", "https://welt.de");
    let preflight = |origin: &str| {
        let request = Request::new("OPTIONS", "/account/").header("origin", origin);
        request.header("access-control-request-method", "PUT")
    };
    for (request, status, granted) in [
        (page, 200, Some("https://welt.de")),
        (preflight("https://welt.de"), 204, Some("https://welt.de")),
        (preflight("https://welt.de.evil.example"), 403, None),
        (Request::new("GET", "/account/").header("origin", "https://welt.de"), 401, Some("https://welt.de")),
        (Request::new("GET", "/other/").header("origin", "https://welt.de"), 502, None),
        (Request::new("GET", "/corsac").header("origin", "https://welt.de"), 200, None),
    ] {
        let response = client.send(&request).unwrap();
        let origin = response.line("access-control-allow-origin");
        assert_eq!((response.status, origin.as_deref()), (status, granted), "{request:?}");
    }
}

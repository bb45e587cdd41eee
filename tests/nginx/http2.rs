//! HTTP/2, whose heads nginx takes apart on other ways, through curl.

use std::process::Command;

use corsac_tests::binary::bounded;
use corsac_tests::proxy::Running;
use corsac_tests::proxy::nginx::{GLOBAL, HTTP, Module, Server};
use corsac_tests::scratch::Scratch;

const POLICY: &str = r#"version = 1
[policy.p]
allow_origins = ["https://a.example"]
allow_methods = ["PUT"]
allow_headers = ["x-one", "x-two"]
"#;

/// The head of the response to a request with these arguments of curl's: its status, and what is ours.
fn ask(server: &Server, arguments: &[&str]) -> Vec<String> {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--include", "--http2-prior-knowledge"]).args(arguments);
    curl.arg(format!("http://{}/", server.address()));
    let ended = bounded(curl, None, 60);
    assert!(ended.status.success(), "{}", ended.said());
    let said = String::from_utf8(ended.stdout).unwrap();
    let head = said.split("\r\n\r\n").next().unwrap();
    let is_ours = |line: &&str| ["HTTP/", "access-", "vary", "x-corsac"].iter().any(|start| line.starts_with(start));
    head.lines().filter(is_ours).map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn n_http2() {
    let server = Server::start(Scratch::with("policy.toml", POLICY), |address, _| {
        let module = Module::path().display();
        format!(
            "load_module {module};\n{GLOBAL}\nhttp {{\n{HTTP}\ncorsac_policy_file policy.toml;\nserver {{
    listen {address} http2;
    location / {{ corsac p; add_header Access-Control-Allow-Origin *; error_page 418 @page; return 418; }}
    location @page {{ add_header x-corsac-reason $corsac_reason always; return 200 ok; }}
}} }}\n"
        )
    });
    let preflight = ["-X", "OPTIONS", "-H", "origin: https://a.example", "-H", "access-control-request-method: PUT"];
    let vary = "vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
    let allowed = [
        "HTTP/2 204",
        "access-control-allow-origin: https://a.example",
        "access-control-allow-methods: PUT",
        "access-control-allow-headers: x-one, x-two",
        vary,
    ];
    let lines = ["-H", "access-control-request-headers: x-two", "-H", "access-control-request-headers: x-one"];
    assert_eq!(ask(&server, &[&preflight[..], &lines].concat()), allowed);
    assert_eq!(
        ask(&server, &["-H", "origin: https://a.example"]),
        ["HTTP/2 418", "x-corsac-reason: ok", "access-control-allow-origin: https://a.example", "vary: Origin"]
    );
    assert_eq!(
        ask(&server, &["-H", "origin: https://a.example", "-H", "origin: https://a.example"]),
        ["HTTP/2 418", "x-corsac-reason: origin-repeated", "vary: Origin"]
    );
}

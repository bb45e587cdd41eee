//! Any bytes as a log of requests: `corsac replay` reads it to its end, answers or counts every line,
//! and answers in JSON.

use std::fs;
use std::sync::OnceLock;

use corsac_cli::Output;
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::bytes::shown;

const POLICY: &str = r#"version = 1
[policy.api]
allow_origins = ["https://app.example.com", "https://*.example.org"]
allow_methods = ["PUT"]
allow_headers = ["x-a"]
[policy.open]
allow_origins = ["*"]
[[route]]
host = "api.example.com"
path = "/"
policy = "api"
"#;

pub(super) fn run(input: &[u8]) {
    static DOCUMENT: OnceLock<NamedTempFile> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        fs::write(file.path(), POLICY).unwrap();
        file
    });
    let arguments = ["corsac", "replay", "--format", "json", document.path().to_str().unwrap(), "-"];
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = corsac_cli::run(
        arguments.map(Into::into),
        &mut &*input,
        &mut Output::new(&mut out),
        &mut Output::new(&mut err),
    );
    let errors = String::from_utf8(err).expect("what people read is UTF-8");
    assert!(status <= 2, "status {status} by `{}`", shown(input));
    assert!(status < 2 || !errors.is_empty(), "`{}` fails in silence", shown(input));
    assert!(!errors.contains("panicked"), "{errors} by `{}`", shown(input));
    for line in out.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let answer: Value = serde_json::from_slice(line).unwrap_or_else(|error| panic!("{error}: `{}`", shown(line)));
        assert!(answer.is_object(), "`{}` is no object", shown(line));
    }
}

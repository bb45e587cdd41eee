//! The servers of `examples/c` and `examples/cpp`, built as their READMEs say, and asked with curl.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::documents::blocks;
use super::server::Server;
use super::tree::{Tree, command, copy_folder, read, run, scratch, workspace};

/// The programs of both examples, with the languages that they are in.
fn examples() -> &'static [(&'static str, PathBuf); 2] {
    static EXAMPLES: OnceLock<[(&str, PathBuf); 2]> = OnceLock::new();
    EXAMPLES.get_or_init(|| {
        let tree = Tree::shared();
        let projects = scratch("examples");
        copy_folder(&workspace().join("examples/c"), &projects.join("c"));
        copy_folder(&workspace().join("examples/cpp"), &projects.join("cpp"));
        run(tree.command("make").arg("-B").current_dir(projects.join("c")));
        run(tree.command("cmake").current_dir(projects.join("cpp")).args(["-S", ".", "-B", "build"]));
        run(tree.command("cmake").current_dir(projects.join("cpp")).args(["--build", "build"]));
        [("c", projects.join("c/server")), ("cpp", projects.join("cpp/build/server"))]
    })
}

const ORIGIN: &str = "Origin: https://www.example.com";
const ALLOWED: [&str; 1] = ["https://www.example.com"];
const EVIL: &str = "Origin: https://evil.example";
const PUT: &str = "Access-Control-Request-Method: PUT";

#[test]
fn they_answer_as_the_policy_says() {
    for (language, program) in examples() {
        let document = workspace().join("examples/policies/small-service.toml");
        let server = Server::start(Tree::shared(), program, &document, "api");

        let allowed = server.ask("GET", &[ORIGIN]);
        assert_eq!((allowed.status, allowed.allowed()), (200, ALLOWED.to_vec()), "{language}");
        assert_eq!(allowed.lines("vary"), ["Accept-Encoding", "Origin"], "{language}");
        assert_eq!(allowed.lines("access-control-expose-headers"), ["x-request-id"]);
        assert_eq!(allowed.body, "[\"milk\",\"bread\"]\n");
        // Each response has them, also one that the server makes itself.
        let missing = server.ask_for("/nothing", "GET", &[ORIGIN]);
        assert_eq!((missing.status, missing.allowed()), (404, ALLOWED.to_vec()), "{language}");
        let written = server.ask("PUT", &[ORIGIN]);
        assert_eq!((written.status, written.allowed()), (200, ALLOWED.to_vec()), "{language}");
        assert_eq!(written.body, "written\n");

        // The application's `*` reaches nobody.
        let denied = server.ask("GET", &[EVIL]);
        assert!(denied.status == 403 && !denied.has_cors() && denied.body.is_empty(), "{language}: {denied:?}");
        assert_eq!((denied.lines("vary"), denied.lines("cache-control")), (vec!["Origin"], vec!["no-store"]));
        let repeated = server.ask("GET", &[ORIGIN, ORIGIN]);
        assert!(repeated.status == 403 && !repeated.has_cors(), "{language}: {repeated:?}");
        let not_cors = server.ask("GET", &[]);
        assert!(not_cors.status == 200 && !not_cors.has_cors(), "{language}: {not_cors:?}");
        assert_eq!(not_cors.lines("vary"), ["Accept-Encoding", "Origin"], "{language}");
        for reason in ["GET: allowed ok", "GET: denied origin-not-allowed", "GET: denied origin-repeated"] {
            assert!(server.log().lines().any(|line| line == reason), "{language}: {reason}: {}", server.log());
        }
        server.stop();
    }
}

#[test]
fn they_answer_preflights() {
    for (language, program) in examples() {
        let document = workspace().join("examples/policies/small-service.toml");
        let server = Server::start(Tree::shared(), program, &document, "api");
        let requested = "access-control-request-headers: content-type";

        let allowed = server.ask("OPTIONS", &[ORIGIN, PUT, requested]);
        assert_eq!((allowed.status, allowed.allowed()), (204, ALLOWED.to_vec()), "{language}");
        assert_eq!(allowed.lines("access-control-allow-headers"), ["authorization, content-type"]);
        assert_eq!(allowed.lines("access-control-max-age"), ["600"]);
        assert!(allowed.body.is_empty());
        let denied = server.ask("OPTIONS", &[EVIL, PUT]);
        assert!(denied.status == 403 && !denied.has_cors(), "{language}: {denied:?}");

        // However many lines a header has, the last one counts, too.
        let mut lines = vec![ORIGIN, PUT];
        lines.extend([requested; 9]);
        assert_eq!(server.ask("OPTIONS", &lines).status, 204);
        assert_eq!(server.log().lines().last(), Some("OPTIONS: preflight-allowed ok"), "{language}");
        *lines.last_mut().unwrap() = "Access-Control-Request-Headers: x-evil";
        let refused = server.ask("OPTIONS", &lines);
        assert_eq!(refused.lines("access-control-allow-headers"), ["authorization, content-type"], "{language}");
        assert_eq!(server.log().lines().last(), Some("OPTIONS: preflight-denied header-not-allowed"), "{language}");
        server.stop();
    }
}

/// A refused document changes nothing; what replaces it is served without a restart.
#[test]
fn they_reload() {
    for (language, program) in examples() {
        let document = scratch(&format!("reload-{language}")).join("policy.toml");
        let write = |origin| {
            let text = format!("version = 1\n[policy.api]\nallow_origins = [\"{origin}\"]\n");
            let written = document.with_extension("new");
            fs::write(&written, text).unwrap();
            fs::rename(written, &document).unwrap();
        };
        write("https://old.example.com");
        let server = Server::start(Tree::shared(), program, &document, "api");
        let (old, new) = ("Origin: https://old.example.com", "Origin: https://new.example.com");
        assert_eq!(server.ask("GET", &[old]).allowed(), ["https://old.example.com"], "{language}");
        write("https://*");
        assert_eq!(server.ask("GET", &[old]).allowed(), ["https://old.example.com"], "{language}");
        write("https://new.example.com");
        server.ask_until(&[new], |response| response.allowed() == ["https://new.example.com"]);
        let denied = server.ask("GET", &[old]);
        assert!(denied.status == 200 && !denied.has_cors(), "{language}: {denied:?}");
        assert_eq!(denied.lines("vary"), ["Accept-Encoding", "Origin"], "{language}");
        server.stop();
    }
}

#[test]
fn they_answer_what_their_readmes_say() {
    for (language, program) in examples() {
        let readme = read(Path::new("examples").join(language).join("README.md"));
        let (requests, responses) = (blocks(&readme, "request"), blocks(&readme, "response"));
        assert!(requests.len() >= 3 && requests.len() == responses.len(), "{language}");
        let document = workspace().join("examples/policies/small-service.toml");
        let server = Server::start(Tree::shared(), program, &document, "api");
        for (request, expected) in requests.iter().zip(responses) {
            let response = run(command("sh").args(["-c", request]).env("URL", &server.url)).replace('\r', "");
            let left_out =
                |line: &&str| !["Date:", "Connection:", "Keep-Alive:"].iter().any(|name| line.starts_with(name));
            let shown: Vec<&str> = response.lines().filter(left_out).collect();
            assert_eq!(shown, expected.lines().collect::<Vec<_>>(), "{language}: {request}");
        }
        server.stop();
    }
}

#[test]
fn they_say_why_they_do_not_start() {
    let tree = Tree::shared();
    for (language, program) in examples() {
        let document = scratch(&format!("refused-{language}")).join("refused.toml");
        fs::write(&document, "version = 1\n[policy.api]\nallow_origins = [\"https://a.example/\"]\n").unwrap();
        for (arguments, said) in [
            (vec![document.to_str().unwrap(), "api"], "origin/trailing-slash"),
            (vec!["/nonexistent/policy.toml", "api"], "document/unreadable"),
            (vec![], "usage: server DOCUMENT POLICY"),
        ] {
            let output = tree.command(program).args(&arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{language} {arguments:?}");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(stderr.contains(said), "{language} {arguments:?}: {stderr}");
        }
    }
}

/// As in `make demo`: the command line and both examples decide one request alike.
#[test]
fn all_bindings_decide_alike() {
    let mut bindings = command(workspace().join("examples/bindings.sh"));
    let printed = run(bindings.arg(corsac_tests::binary::path()).arg(Tree::shared().prefix()));
    assert!(printed.contains("\n204 preflight-allowed ok\naccess-control-allow-origin: "), "{printed}");
}

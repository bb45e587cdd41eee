//! A build without the feature `suffix-list` takes exact origins and ports, and rejects every row
//! whose names it cannot tell the owners of. Run by `cargo test -p corsac --no-default-features`.
#![cfg(not(feature = "suffix-list"))]

use corsac::{PolicyBuilder, Request, Row, Verdict};

#[test]
fn exact_rows_need_no_list() {
    let mut builder = PolicyBuilder::new("p");
    builder.allow_origins(["https://app.example.com", "http://localhost:*"]).allow_credentials(true);
    let policy = builder.build().unwrap();
    for (origin, verdict) in [
        ("https://app.example.com", Verdict::Allowed),
        ("http://localhost:3000", Verdict::Allowed),
        ("https://other.example.com", Verdict::Denied),
    ] {
        assert_eq!(policy.decide(&Request::new("GET").origin(origin)).verdict(), verdict, "{origin}");
    }
}

#[test]
fn rows_that_need_the_list_are_rejected() {
    for row in [
        Row::new("https://*.example.com"),
        Row::new("https://*.example.com").dangerously_allow_public_suffix(),
        Row::new("https://pr-*.example.com"),
        Row::new("https://team-app-*.vercel.app").dangerously_allow_public_suffix(),
        Row::regex(r"https://[a-z]+\.example\.com"),
        Row::regex(r"https://[a-z]+\.example\.com").dangerously_unproved(),
    ] {
        let error = PolicyBuilder::new("p").row(row).build().unwrap_err();
        let [diagnostic] = error.diagnostics() else { panic!("one diagnostic: {error}") };
        assert!(diagnostic.message().contains("no public suffix list"), "{diagnostic}");
        assert!(diagnostic.help().is_some_and(|help| help.contains("`suffix-list`")), "{diagnostic}");
    }
}

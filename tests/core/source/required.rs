//! Documents that are right in themselves, without what the running service requires.

use std::fs;

use corsac_source::{Format, Poll, Source};
use corsac_tests::live::{By, Live, Scenario, document, play};
use corsac_tests::scratch::Scratch;

const SCENARIOS: &[Scenario] = &[("the policy is renamed", the_policy_is_renamed)];

fn renamed(origins: &str) -> String {
    document(origins, &[]).replace("[policy.p]", "[policy.q]")
}

#[test]
fn by_polling() {
    play(By::Poll, SCENARIOS);
}

#[test]
fn by_watching() {
    play(By::Watch, SCENARIOS);
}

fn the_policy_is_renamed(by: By) {
    let mut live = Live::plain(by);
    live.source.engine().require("p").unwrap();
    fs::write(live.scratch.document(), renamed("b")).unwrap();
    live.is_refused("reload/policy-missing");
    fs::write(live.scratch.document(), document("c", &[])).unwrap();
    live.becomes("c");
    live.ends();
}

/// A document that is refused for this does not become the source either, and is tried again by
/// whoever asks.
#[test]
fn the_document_stays_with_its_policies() {
    let code = |poll: &Poll| match poll {
        Poll::Refused(error) => error.diagnostics()[0].code().as_str(),
        _ => panic!("not refused: {poll:?}"),
    };
    let scratch = Scratch::with("policy.toml", document("a", &[]));
    let other = scratch.write("other.toml", renamed("b"));
    let source = Source::open(scratch.document()).unwrap();
    source.engine().require("p").unwrap();
    assert_eq!(code(&source.reload_file(&other)), "reload/policy-missing");
    assert_eq!(code(&source.reload_text("text", renamed("b").as_bytes(), Format::Toml, &[])), "reload/policy-missing");
    let status = source.status();
    assert_eq!((source.path().as_deref(), status.generation), (Some(scratch.document()), 1));
    assert_eq!(status.sources, [scratch.document()]);
    let error = status.last_error.unwrap().findings;
    assert_eq!(error.diagnostics()[0].location().unwrap().file(), "text");

    fs::write(scratch.document(), renamed("b")).unwrap();
    assert_eq!(code(&source.reload()), "reload/policy-missing");
    assert_eq!(code(&source.reload()), "reload/policy-missing");
    source.engine().release("p");
    assert!(matches!(source.reload(), Poll::Reloaded(_)));
    assert!(source.status().last_error.is_none());
}

//! What an engine serves can be written down and read again, and decides as before: over every
//! document of the corpus, and over generated ones. `to_document` of the second is that of the first.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;

use corsac::document::Format;
use corsac::{Engine, Policies, PolicyId, PolicySize, Reader, Request, Target};
use corsac_tests::answer::Answer;
use corsac_tests::bytes::shown;
use corsac_tests::corpus::{self, Case};
use corsac_tests::engine;
use corsac_tests::generate::{self, Dice, hold, origins, requests};
use corsac_tests::scratch::Scratch;
use proptest::prelude::*;

const GENERATED: u32 = 1_500;
const REQUESTS_EACH: usize = 60;

/// A request that is asked before and after.
struct TestRequest {
    method: Vec<u8>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Host and path, where routes are to find the policy.
    route: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for TestRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pair = |(one, other): &(Vec<u8>, Vec<u8>)| (shown(one), shown(other));
        let headers: Vec<_> = self.headers.iter().map(pair).collect();
        write!(f, "{} {headers:?} {:?}", shown(&self.method), self.route.as_ref().map(pair))
    }
}

impl TestRequest {
    fn of(case: &Case) -> Self {
        let bytes = |text: &corsac_tests::bytes::Text| text.to_bytes().unwrap();
        let headers = case.headers.iter().map(|(name, value)| (bytes(name), bytes(value))).collect();
        let route = case.route.as_ref().map(|route| (bytes(&route.host), bytes(&route.path)));
        Self { method: bytes(&case.method), headers, route }
    }

    fn rolled(dice: &mut Dice, policy: &generate::Policy) -> Self {
        let mut request = requests::Request { method: requests::method_line(dice), ..Default::default() };
        if dice.percent(60) {
            request.method = b"OPTIONS".to_vec();
            request.request_methods.push(requests::method_line(dice));
            request.request_headers = requests::header_lines(dice);
            request.private_network.extend(dice.percent(20).then(|| b"true".to_vec()));
        }
        request.origins.extend(dice.percent(95).then(|| origins::origin(dice, policy)));
        let headers = request.headers().into_iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        let route = dice.percent(30).then(|| {
            let host = *dice.pick(&["p.example", "q.example:444", "P.EXAMPLE.", "other.example", ""]);
            let path = *dice.pick(&["/", "/v1", "/v1/x?y", "/v10", "//v1", "/v1/..", "/v1;a/x", ""]);
            (host.into(), path.into())
        });
        Self { method: request.method, headers, route }
    }

    /// The whole decision, and the policy that it names.
    fn ask(&self, reader: &mut Reader, policy: PolicyId) -> (Answer, Option<PolicyId>) {
        let lines: Vec<(&[u8], &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
        let target = match &self.route {
            Some((host, path)) => Target::Route { host, path },
            None => Target::Policy(policy),
        };
        let decision = reader.decide(target, &Request::from_headers(&self.method, &lines));
        (Answer::of(&decision), decision.policy())
    }
}

/// All that can be read back of a set but its rows, for comparison.
fn outline(policies: &Policies) -> (Vec<(String, PolicySize)>, Vec<String>, String) {
    let sizes = policies.iter().map(|(_, policy)| (policy.name().into(), policy.size())).collect();
    let name = |id| policies.get(id).unwrap().name();
    let routes = policies.routes().map(|route| format!("{:?} {} {}", route.host, route.path, name(route.policy)));
    (sizes, routes.collect(), format!("{:?}", policies.unrouted()))
}

/// Loads what the policies are written down as, and compares everything before and after; gives the
/// number of decisions that were compared, or what is wrong.
fn round_trip(policies: Policies, asked: &[TestRequest]) -> Result<usize, String> {
    let engine = Engine::new(policies);
    let ids: Vec<PolicyId> = engine.policies().iter().map(|(id, _)| id).collect();
    let (mut reader, text) = (engine.reader(), engine.policies().to_document());
    let pairs: Vec<_> = asked.iter().flat_map(|asked| ids.iter().map(move |id| (asked, *id))).collect();
    let before: Vec<_> = pairs.iter().map(|(asked, id)| asked.ask(&mut reader, *id)).collect();
    let loaded =
        engine::load(text.as_bytes(), Format::Toml).map_err(|error| format!("{error}\nin what was written\n{text}"))?;
    let first = outline(&engine.policies());
    if engine.reload(loaded.policies).unwrap() != 2 {
        return Err("the second set is generation 2".into());
    }
    let second = outline(&engine.policies());
    if first != second {
        return Err(format!("{first:?} has become {second:?} by\n{text}"));
    }
    for ((asked, id), (answer, policy)) in pairs.iter().zip(&before) {
        let (after, of) = asked.ask(&mut reader, *id);
        let differences = answer.differences(&after);
        if !differences.is_empty() || *policy != of {
            return Err(format!("{asked:?}: {differences:#?}, {policy:?}, {of:?} by\n{text}"));
        }
    }
    let again = engine.policies().to_document();
    if again != text {
        return Err(format!("written again it is\n{again}\nnot\n{text}"));
    }
    Ok(before.len())
}

#[test]
fn every_document_of_the_corpus_decides_as_before() {
    let (mut documents, mut decisions, mut failures) = (0, 0, vec![]);
    for theme in corpus::read() {
        for (name, text) in &theme.documents {
            let cases: Vec<_> = theme.cases.iter().filter(|case| case.document == *name).map(TestRequest::of).collect();
            documents += 1;
            match round_trip(engine::policies(text), &cases) {
                Ok(count) => decisions += count,
                Err(error) => failures.push(format!("{}: `{name}`: {error}", theme.file)),
            }
        }
    }
    println!("{documents} documents, {decisions} decisions");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(decisions > 1_000, "only {decisions} decisions were compared");
}

/// Documents that are there for their diagnostics, with list files; asked with what all cases of the
/// corpus ask.
#[test]
fn every_accepted_load_of_the_corpus_decides_as_before() {
    let themes = corpus::read();
    let asked: Vec<_> = themes.iter().flat_map(|theme| &theme.cases).map(TestRequest::of).collect();
    let (mut documents, mut decisions, mut failures) = (0, 0, vec![]);
    for theme in &themes {
        for load in theme.loads.iter().filter(|load| load.is_accepted()) {
            let loaded = corsac_source::load_file(Scratch::of(load).document()).unwrap();
            documents += 1;
            match round_trip(loaded.policies, &asked) {
                Ok(count) => decisions += count,
                Err(error) => failures.push(format!("{}: `{}`: {error}", theme.file, load.name)),
            }
        }
    }
    println!("{documents} documents, {decisions} decisions");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(documents > 50, "only {documents} documents are accepted");
}

/// A line of a policy's or a grant's table, or none.
fn key(dice: &mut Dice, lines: &[&str]) -> String {
    if dice.percent(50) { format!("{}\n", dice.pick(lines)) } else { String::new() }
}

fn rights(dice: &mut Dice) -> String {
    let methods = [
        "allow_methods = [\"PUT\", \"DELETE\", \"PUT\"]",
        "allow_methods = [\"*\"]",
        "allow_methods = []",
        "allow_methods = [\"patch\", \"OPTIONS\"]",
    ];
    let headers = [
        "allow_headers = [\"X-A\", \"x-b\", \"x-a\"]",
        "allow_headers = [\"*\"]",
        "allow_headers = [\"*\", \"authorization\"]",
        "allow_headers = [\"content-type\", \"x-very-long-header-name\"]",
    ];
    let expose = ["expose_headers = [\"X-Id\"]", "expose_headers = []", "expose_headers = [\"x-a\", \"x-b\"]"];
    let max_age = ["max_age = 0", "max_age = 600", "max_age = 86400"];
    [key(dice, &methods), key(dice, &headers), key(dice, &expose), key(dice, &max_age)].concat()
}

fn settings(dice: &mut Dice) -> String {
    [
        key(dice, &["denied_requests = \"forward\"", "denied_requests = \"reject\""]),
        key(dice, &["preflight = \"answer\"", "preflight = \"forward\""]),
        key(dice, &["preflight_answer = \"list\"", "preflight_answer = \"requested\""]),
        key(dice, &["preflight_status = 200", "preflight_status = 204"]),
        key(dice, &["refused_preflight_status = 200", "refused_preflight_status = 400"]),
        key(dice, &["upstream = \"keep\"", "upstream = \"replace\""]),
        key(
            dice,
            &["timing_allow_origin = [\"*\"]", "timing_allow_origin = [\"https://t.example\", \"http://u.test:81\"]"],
        ),
        key(dice, &["allow_private_network = true", "allow_private_network = false"]),
    ]
    .concat()
}

/// A row with what it needs where there are credentials; without those that nothing can excuse.
fn overridden(line: &str) -> String {
    if line.contains("null") || line.contains("unproved") {
        return String::new();
    }
    let Some((_, pattern)) = line.strip_prefix("  \"").and_then(|rest| rest.rsplit_once("\",").map(|row| ("", row.0)))
    else {
        return line.into();
    };
    let base = pattern.split_once("*.").map_or("", |(_, base)| base.split(':').next().unwrap().trim_end_matches('.'));
    let is_suffix = ["com", "example", "test"].contains(&base) || pattern.contains(".app");
    let mut row = format!("  {{ pattern = \"{pattern}\"");
    row.push_str(if pattern.starts_with("http:") { ", dangerously_allow_insecure_scheme = true" } else { "" });
    row.push_str(if is_suffix { ", dangerously_allow_public_suffix = true" } else { "" });
    row + " },\n"
}

/// A document of a generated policy, with keys by the dice; beside it a policy for any origin and
/// routes to both.
fn document(policy: &generate::Policy, dice: &mut Dice, credentials: bool) -> String {
    let mut grants = policy.grants.len();
    let keys = format!("{}{}allow_credentials = {credentials}\n", rights(dice), settings(dice));
    // What letting in anyone is an error with.
    let strict = credentials || keys.contains("allow_private_network = true");
    let mut text = String::new();
    // Rights stand behind the rows of each grant, and the policy's own keys behind those of the first.
    for line in policy.to_toml(&keys).replace("[policy.p]", "[policy.\"p.1-a_\"]").split_inclusive('\n') {
        let line = line.replace("[[policy.p.grant]]", "[[policy.\"p.1-a_\".grant]]");
        let line = if strict { overridden(&line) } else { line };
        text.push_str(&line);
        if line.contains(".grant]]") {
            grants -= 1;
            text.push_str(&rights(dice));
            text.push_str(&format!("allow_credentials = {}\n", credentials && dice.percent(50)));
        }
    }
    assert_eq!(grants, 1);
    if dice.percent(60) {
        let any = format!("[policy.any]\nallow_origins = [\"*\"]\n{}", rights(dice));
        text = if dice.percent(50) { text + &any } else { text.replacen('\n', &format!("\n{any}"), 1) };
        for place in ["host = \"p.example\"", "host = \"q.example\"\npath = \"/v1\"", "path = \"/v1\"", "path = \"/\""]
        {
            if dice.percent(60) {
                text.push_str(&format!("[[route]]\n{place}\npolicy = \"{}\"\n", dice.pick(&["any", "p.1-a_"])));
            }
        }
    }
    if dice.percent(50) { text.replacen('\n', "\nunrouted = \"pass\"\n", 1) } else { text }
}

/// Grants that inherit long lists say so, and do not repeat them: what is written grows with what is
/// held.
#[test]
fn what_is_inherited_is_not_repeated() {
    let names: Vec<String> = (0..400).map(|index| format!("\"x-{index:0>248}\"")).collect();
    let names = names.join(", ");
    let grants: String =
        (0..100).map(|index| format!("[[policy.p.grant]]\nallow_origins = [\"https://g{index}.example\"]\n")).collect();
    let text = format!(
        "version = 1\n[policy.p]\nallow_origins = [\"https://a.example\"]\nallow_headers = [{names}]\n\
         expose_headers = [{names}]\n{grants}"
    );
    let written = engine::policies(&text).to_document();
    assert!(written.len() < 2 * text.len(), "{} bytes are written of {}", written.len(), text.len());
    round_trip(engine::policies(&text), &[]).unwrap();
}

#[test]
fn a_generated_document_decides_as_before() {
    let (decisions, refused) = (Cell::new(0), RefCell::new(BTreeMap::<&str, u32>::new()));
    let accepted = Cell::new(0_u32);
    hold(GENERATED, &(generate::grants(), any::<u64>()), |(policy, seed)| {
        let mut dice = Dice::new(seed);
        let policy = policy.without_shadowed();
        let credentials = dice.percent(25);
        let text = document(&policy, &mut dice, credentials);
        let loaded = match engine::load(text.as_bytes(), Format::Toml) {
            Ok(loaded) => loaded,
            Err(_) => {
                for code in engine::errors(&text) {
                    *refused.borrow_mut().entry(code).or_default() += 1;
                }
                return;
            }
        };
        accepted.set(accepted.get() + 1);
        let asked: Vec<_> = (0..REQUESTS_EACH).map(|_| TestRequest::rolled(&mut dice, &policy)).collect();
        match round_trip(loaded.policies, &asked) {
            Ok(count) => decisions.set(decisions.get() + count),
            Err(error) => panic!("{error}\nof the document\n{text}"),
        }
    });
    println!(
        "{} documents of {GENERATED}, {} decisions; refused for {:?}",
        accepted.get(),
        decisions.get(),
        refused.borrow()
    );
    assert!(accepted.get() > GENERATED / 2, "most documents are refused: {:?}", refused.borrow());
}

//! What is set on a response comes from the document, but for an origin that matched and tokens that
//! were checked: no generated request, however hostile, brings any other byte into an answer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use corsac::{Policies, Request};
use corsac_tests::bytes::shown;
use corsac_tests::engine;
use corsac_tests::generate::{Dice, Policy, Row, hold, origins, requests};
use corsac_tests::oracle::lists::{Rights, is_token};
use corsac_tests::oracle::{Judgement, Oracle};
use proptest::prelude::*;

/// Every way of answering: lists, `*`, the request's own, with and without credentials.
fn settings() -> Vec<Setting> {
    let mut settings = vec![];
    for (methods, headers) in [
        (None, &["*"][..]),
        (Some(&[][..]), &[]),
        (Some(&["PUT", "PATCH"]), &["x-a", "content-type", "x-very-long-header-name"]),
        (Some(&["*"]), &["*"]),
        (Some(&["*"]), &["*", "authorization"]),
        (Some(&["DELETE"]), &["*"]),
    ] {
        for (credentials, requested) in [(false, false), (true, false), (false, true), (true, true)] {
            for any_origin in [false, true] {
                if !(any_origin && credentials) {
                    let list = |names: &[&str]| names.iter().map(|name| (*name).into()).collect();
                    let (methods, headers) = (methods.map(list), list(headers));
                    settings.push(Setting::new(Rights { methods, headers, credentials, requested }, any_origin));
                }
            }
        }
    }
    settings
}

struct Setting {
    text: String,
    policies: Policies,
    policy: Policy,
    /// Nothing for an any-origin policy.
    oracle: Option<Oracle>,
    rights: Rights,
    /// The values that are written in the document, by header.
    fixed: BTreeMap<&'static str, String>,
}

impl Setting {
    fn new(rights: Rights, any_origin: bool) -> Self {
        let mut rows: Vec<Row> = [
            "https://a.example",
            "https://*.b.example:*",
            "https://c.example:*",
            "https://pre-*-post.d.example:*",
            "app://x",
        ]
        .map(Row::new)
        .into();
        let mut dice = Dice::new(1);
        for expression in [r"https://(.*\.)?e\.example(:\d+)?", r"https://[^.]+\.(foo|bar)\.h\.example"] {
            rows.push(Row::expression(expression, &mut dice));
        }
        // What nothing can excuse is not beside private network access.
        let has_null = !rights.credentials && !rights.requested;
        let private_network = !any_origin && !has_null;
        if has_null {
            rows.push(Row::new("null"));
        }
        let own = if any_origin { vec![] } else { vec!["https://own.example".into()] };
        let grants = vec![if any_origin { vec![Row::new("*")] } else { rows }];
        let policy = Policy { grants, own };
        let answer = if rights.requested { "requested" } else { "list" };
        let keys = format!(
            "{}allow_headers = {:?}\nallow_credentials = {}\npreflight_answer = \"{answer}\"\n\
             expose_headers = [\"x-e\", \"x-f\"]\nmax_age = 600\ntiming_allow_origin = [\"https://t.example\"]\n\
             allow_private_network = {private_network}\n{}",
            rights.methods.as_ref().map_or(String::new(), |methods| format!("allow_methods = {methods:?}\n")),
            rights.headers,
            rights.credentials,
            if any_origin { "" } else { "denied_requests = \"reject\"\n" },
        );
        let text = policy.to_toml(&keys);
        let oracle = (!any_origin).then(|| policy.to_oracle());
        let fixed = BTreeMap::from([
            ("access-control-allow-credentials", "true".into()),
            ("access-control-expose-headers", "x-e, x-f".into()),
            ("access-control-allow-methods", rights.listed_methods()),
            ("access-control-allow-headers", rights.headers.join(", ")),
            ("access-control-max-age", "600".into()),
            ("access-control-allow-private-network", "true".into()),
            ("timing-allow-origin", "https://t.example".into()),
            ("cache-control", "no-store".into()),
        ]);
        Self { policies: engine::policies(&text), policy, oracle, rights, fixed, text }
    }

    fn request(&self, dice: &mut Dice) -> requests::Request {
        let method = *dice.pick(&["OPTIONS", "OPTIONS", "OPTIONS", "GET", "PUT", "options", "\0"]);
        let origins = *dice.pick(&[0, 1, 1, 1, 1, 1, 1, 1, 2]);
        let mut origins: Vec<Vec<u8>> = (0..origins).map(|_| origins::origin(dice, &self.policy)).collect();
        if dice.percent(20) {
            origins = origins.into_iter().map(|origin| requests::hostile(dice, origin)).collect();
        }
        let methods = *dice.pick(&[0, 1, 1, 1, 1, 1, 1, 2]);
        requests::Request {
            method: method.as_bytes().to_vec(),
            origins,
            request_methods: (0..methods).map(|_| requests::method_line(dice)).collect(),
            request_headers: requests::header_lines(dice),
            private_network: (0..dice.below(3))
                .map(|_| dice.pick(&["true", "false", "true\r\n"]).as_bytes().to_vec())
                .collect(),
        }
    }

    /// What is wrong with an answer, and which headers took something of the request.
    fn judge(&self, request: &requests::Request) -> Result<BTreeSet<&'static str>, String> {
        let lines = request.headers();
        let decision =
            self.policies.decide(engine::only(&self.policies), &Request::from_headers(&request.method, &lines));
        let (mut taken, mut count) = (BTreeSet::new(), BTreeMap::<&str, usize>::new());
        let mut echoed = vec![];
        for (name, value) in decision.set() {
            *count.entry(name).or_default() += 1;
            let fail = |why: &str| Err(format!("{name}: `{}`: {why}", shown(value)));
            if !name.bytes().chain(value.iter().copied()).all(|byte| (0x20..=0x7e).contains(&byte)) {
                return fail("a byte that is no visible ASCII");
            }
            if !is_token(name.as_bytes()) || name != name.to_ascii_lowercase() {
                return fail("the name is no lower-case token");
            }
            if value.is_empty() {
                return fail("an empty value");
            }
            if self.fixed.get(name).is_some_and(|fixed| fixed.as_bytes() == value) {
                continue;
            }
            if name == "access-control-allow-methods" && value == b"GET, HEAD" {
                continue;
            }
            let (is_fine, why) = match name {
                "access-control-allow-origin" => (self.may_echo_origin(value, request), "no origin that matched"),
                "access-control-allow-methods" => (
                    self.rights.echoes_method() && is_token(value) && request.request_methods == [value],
                    "not the method that was asked for",
                ),
                "access-control-allow-headers" => {
                    echoed.push(value);
                    (self.rights.echoes_headers() && is_list_of_tokens(value), "not the names that were asked for")
                }
                _ => (false, "not from the document"),
            };
            if !is_fine {
                return fail(why);
            }
            taken.insert(name);
        }
        let named = |line: &&[u8]| line.iter().any(|byte| !b" ,".contains(byte));
        let asked: Vec<&[u8]> = request.request_headers.iter().map(|line| line.trim_ascii()).filter(named).collect();
        if !echoed.is_empty() && echoed != asked {
            return Err("not all lines of names, each as it came".into());
        }
        if count.iter().any(|(name, count)| *count > 1 && *name != "access-control-allow-headers") {
            return Err(format!("a header is set twice: {count:?}"));
        }
        if count.values().sum::<usize>() > 10 || count.values().any(|count| *count > 4) {
            return Err(format!("too many headers: {count:?}"));
        }
        Ok(taken)
    }

    fn may_echo_origin(&self, value: &[u8], request: &requests::Request) -> bool {
        match &self.oracle {
            None => value == b"*",
            Some(oracle) => {
                let clean = !value.iter().any(|byte| b", ".contains(byte));
                let matched = matches!(oracle.judge(value), Judgement::Granted { .. });
                clean && matched && request.origins == [value]
            }
        }
    }
}

fn is_list_of_tokens(value: &[u8]) -> bool {
    let mut elements = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    elements.all(|element| element.is_empty() || is_token(element))
}

#[test]
fn only_what_was_checked_reaches_an_answer() {
    let settings = settings();
    let (count, taken) = (RefCell::new(0_u64), RefCell::new(BTreeMap::<_, u64>::new()));
    hold(20_000, &(0..settings.len(), any::<u64>()), |(index, seed)| {
        let (setting, mut dice) = (&settings[index], Dice::new(seed));
        for _ in 0..10 {
            let request = setting.request(&mut dice);
            match setting.judge(&request) {
                Ok(names) => names.into_iter().for_each(|name| *taken.borrow_mut().entry(name).or_default() += 1),
                Err(error) => {
                    let asked: Vec<_> =
                        request.headers().iter().map(|(n, v)| format!("{}: {}", shown(n), shown(v))).collect();
                    panic!("{error}\nto {}\n{}\nby\n{}", shown(&request.method), asked.join("\n"), setting.text);
                }
            }
            *count.borrow_mut() += 1;
        }
    });
    println!("{} answers; taken from the request: {:?}", count.borrow(), taken.borrow());
    for name in ["access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers"] {
        assert!(taken.borrow()[name] > 1500, "{name} is hardly ever taken from a request");
    }
}

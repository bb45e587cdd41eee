//! Any bytes in the headers that decisions depend on: nginx and the module live on, nothing is kept of
//! them, and what is answered is what the engine says.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;

use corsac::{Decision, Policies, Target};
use corsac_tests::bytes::shown;
use corsac_tests::engine;
use corsac_tests::generate::requests;
use corsac_tests::generate::wild_requests::wild_request;
use corsac_tests::generate::{Dice, Policy, Row};
use corsac_tests::proxy::Running;
use corsac_tests::proxy::corpus::{set_in, show};
use corsac_tests::proxy::nginx::{GLOBAL, HTTP, Module, Server};
use corsac_tests::proxy::process::memory;
use corsac_tests::proxy::wire::{Client, Line, Request, Response};
use corsac_tests::scratch::Scratch;

/// Ways of answering, by the policy's name.
const SETTINGS: [(&str, &str); 4] = [
    (
        "list",
        "allow_methods = [\"PUT\", \"PATCH\"]\nallow_headers = [\"x-a\", \"content-type\", \"x-very-long-header-name\"]\n\
         allow_credentials = true\nexpose_headers = [\"x-e\"]\nmax_age = 600\n",
    ),
    (
        "requested",
        "allow_methods = [\"*\"]\nallow_headers = [\"*\", \"authorization\"]\nallow_credentials = true\n\
         preflight_answer = \"requested\"\nallow_private_network = true\n",
    ),
    ("reject", "allow_methods = [\"*\"]\nallow_headers = [\"*\"]\ndenied_requests = \"reject\"\n"),
    ("forward", "preflight = \"forward\"\npreflight_answer = \"requested\"\nallow_headers = [\"x-a\", \"x-b\"]\n"),
];

/// Rows of each kind.
fn rows() -> Policy {
    let patterns = [
        "https://a.example",
        "https://*.b.example:*",
        "https://c.example:*",
        "https://pre-*-post.d.example:*",
        "app://x",
    ];
    let mut rows: Vec<Row> = patterns.map(Row::new).into();
    rows.push(Row::expression(r"https://(.*\.)?e\.example(:\d+)?", &mut Dice::new(1)));
    Policy { grants: vec![rows], own: vec!["https://own.example".into()] }
}

fn document(rows: &Policy) -> String {
    let policies = SETTINGS.map(|(name, keys)| rows.to_toml(keys).replace("[policy.p]", &format!("[policy.{name}]")));
    let version = "version = 1\n";
    version.to_owned() + &policies.concat().replace(version, "")
}

fn start(document: &str) -> Server {
    let places: String =
        SETTINGS.iter().map(|(name, _)| format!("location /{name}/ {{ corsac {name}; return 200 ok; }}\n")).collect();
    Server::start(Scratch::with("policy.toml", document), |address, _: &Path| {
        format!(
            "load_module {};\n{GLOBAL}\nworker_processes 2;\nhttp {{\n{HTTP}\ncorsac_policy_file policy.toml poll=off;
server {{
    listen {address} reuseport;
    large_client_header_buffers 8 128k;
    add_header x-corsac-verdict $corsac_verdict always;
    add_header x-corsac-reason $corsac_reason always;
    add_header x-corsac-rule $corsac_rule always;
    {places}
}}
}}\n",
            Module::path().display()
        )
    })
}

/// What nginx makes of a header's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reading {
    /// It is the value, without the spaces around it.
    Taken,
    /// 400: NUL, and CR before anything but the line's end.
    Refused,
    /// What is behind an LF is another line, or another request.
    Split,
}

/// The value as nginx reads it. CRs at the end of a line are its end; tabs are not spaces.
fn read(value: &[u8]) -> (&[u8], Reading) {
    if value.contains(&b'\n') {
        return (value, Reading::Split);
    }
    let trim = |byte: &u8| *byte == b' ';
    let end = value.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
    let value = &value[..end];
    let start = value.iter().position(|byte| !trim(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !trim(byte)).map_or(start, |last| last + 1);
    let reading = if value.iter().any(|byte| b"\0\r".contains(byte)) { Reading::Refused } else { Reading::Taken };
    (&value[start..end], reading)
}

/// What the response to such a decision is, without its generation.
fn expected(decision: &Decision<'_>) -> String {
    let set: Vec<Line> = decision.set().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
    let mut vary: Vec<String> = decision.vary().names().map(str::to_ascii_lowercase).collect();
    vary.sort();
    let status = decision.status().unwrap_or(200);
    let words = [Some(decision.verdict().as_str()), Some(decision.reason().as_str()), decision.rule()];
    format!("{status} {words:?} {vary:?} {}", show(set))
}

fn found(response: &Response) -> String {
    let words = ["verdict", "reason", "rule"].map(|name| response.line(&format!("x-corsac-{name}")));
    format!(
        "{} {:?} {:?} {}",
        response.status,
        words.each_ref().map(Option::as_deref),
        response.vary(),
        show(set_in(response))
    )
}

type Count = BTreeMap<(Reading, u16), usize>;

/// Asks so many times over one connection, or a new one where nginx ended the last.
fn ask(address: SocketAddr, seed: u64, count: usize, rows: &Policy, policies: &Policies) -> Count {
    let (mut dice, mut client, mut counts) = (Dice::new(seed), Client::new(address), Count::new());
    for _ in 0..count {
        let (name, _) = *dice.pick(&SETTINGS);
        let asked = wild_request(&mut dice, rows);
        let (response, reading) = send(&mut client, name, &asked);
        *counts.entry((reading, response.status)).or_default() += 1;
        match reading {
            Reading::Taken => {
                let lines: Vec<_> = asked.headers().into_iter().map(|(name, value)| (name, read(value).0)).collect();
                let target = Target::Policy(policies.id(name).unwrap());
                let decision = policies.decide(target, &corsac::Request::from_headers(&asked.method, &lines));
                assert_eq!(found(&response), expected(&decision), "seed {seed}, {name}: {}", told(&asked));
            }
            Reading::Refused => assert_eq!(response.status, 400, "seed {seed}: {}", told(&asked)),
            // What is read as the next request is answered, too, and by nobody waited for.
            Reading::Split => client = Client::new(address),
        }
    }
    counts
}

fn send(client: &mut Client, place: &str, asked: &requests::Request) -> (Response, Reading) {
    let mut request = Request::new("", &format!("/{place}/"));
    request.method.clone_from(&asked.method);
    let mut reading = Reading::Taken;
    for (name, value) in asked.headers() {
        request.headers.push((String::from_utf8_lossy(name).into_owned(), value.to_vec()));
        reading = reading.max(read(value).1);
    }
    let response = client.send(&request).unwrap_or_else(|error| panic!("{error}: {}", told(asked)));
    (response, reading)
}

fn told(asked: &requests::Request) -> String {
    let lines: Vec<_> =
        asked.headers().iter().map(|(name, value)| format!("{}: {}", shown(name), shown(value))).collect();
    format!("{} {lines:#?}", shown(&asked.method))
}

#[test]
fn n_random_bytes_are_answered_as_the_engine_says() {
    const CLIENTS: u64 = 4;
    let asked = std::env::var("CORSAC_REQUESTS").map_or(100_000, |number| number.parse().unwrap());
    let rows = rows();
    let document = document(&rows);
    let policies = engine::policies(&document);
    let server = start(&document);
    let workers = server.started_workers(2);
    let counts = Mutex::new(Count::new());
    let ask_all = |first_seed: u64, count: usize| {
        std::thread::scope(|scope| {
            for seed in 0..CLIENTS {
                let (server, rows, policies, counts) = (&server, &rows, &policies, &counts);
                scope.spawn(move || {
                    let counted = ask(server.address(), first_seed + seed, count / CLIENTS as usize, rows, policies);
                    let mut counts = counts.lock().unwrap();
                    counted.into_iter().for_each(|(key, count)| *counts.entry(key).or_default() += count);
                });
            }
        });
        workers.iter().map(|id| memory(*id)).sum::<u64>()
    };
    let first = ask_all(1, asked / 5);
    let last = ask_all(1 + CLIENTS, asked - asked / 5);
    let counts = counts.into_inner().unwrap();
    for ((reading, status), count) in &counts {
        println!("{count} {reading:?}, answered {status}");
    }
    println!("workers: {first} KiB after {}, {last} KiB after {asked}", asked / 5);
    assert_eq!(counts.values().sum::<usize>(), asked);
    // Most is decided, both ways, and some of it is what nginx refuses.
    let at_least = |reading, status, share| {
        let count = counts.get(&(reading, status)).copied().unwrap_or(0);
        assert!(count * share >= asked, "{count} {reading:?} answered {status}");
    };
    at_least(Reading::Taken, 200, 4);
    at_least(Reading::Taken, 204, 100);
    at_least(Reading::Taken, 403, 10);
    at_least(Reading::Refused, 400, 100);
    assert_eq!(server.workers(), workers, "{}", server.log());
    for bad in ["exited on signal", "[alert]", "[crit]", "[emerg]"] {
        assert!(!server.log().contains(bad), "{bad}: {}", server.log());
    }
    assert!(last <= first + 512, "{first} KiB became {last}");
}

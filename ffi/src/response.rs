//! Applying a decision to a response.

use std::mem::MaybeUninit;

use corsac::{Vary, is_managed_header};

use crate::decision::{corsac_decision, corsac_upstream};
use crate::guard;
use crate::pointer::{self, Constant};
use crate::status::corsac_status;
use crate::view::{self, corsac_header, corsac_lines, corsac_str};

/// For calls without a decision.
static CLOSED: Constant = Constant(corsac_decision::closed(corsac_status::InvalidArgument));

/// What a decision changes in a response.
#[derive(Clone, Copy, Debug)]
struct Changes<'d> {
    status: corsac_status,
    decision: &'d corsac_decision,
    upstream: &'d [corsac_header],
    /// With `CORSAC_UPSTREAM_KEEP`: the upstream has CORS headers of its own, which stay.
    keeps: bool,
    /// The headers to set.
    set: &'d [corsac_header],
}

impl<'d> Changes<'d> {
    /// Without a decision, or without lines that can be read, nothing is set and no managed header is kept.
    fn new(decision: Option<&'d corsac_decision>, upstream: Option<&'d [corsac_header]>) -> Self {
        let lines = upstream.unwrap_or_default();
        let is_valid = decision.is_some() && upstream.is_some() && lines.iter().all(|line| line.read().is_some());
        let decision = decision.unwrap_or(&CLOSED.0);
        // A response of the server's own, with a status, has no upstream whose headers could be kept.
        let may_keep = is_valid && decision.upstream == corsac_upstream::Keep as u32 && decision.status == 0;
        let keeps =
            may_keep && lines.iter().any(|line| line.read().is_some_and(|(name, _)| is_managed_header(name, false)));
        Self {
            status: if is_valid { corsac_status::Ok } else { corsac_status::InvalidArgument },
            decision,
            upstream: lines,
            keeps,
            set: if is_valid && !keeps { pointer::headers(decision) } else { &[] },
        }
    }

    /// Whether a line of the response is removed: one that is managed, one that is set instead, and one
    /// that cannot be read.
    fn removes(&self, index: usize) -> bool {
        let Some((name, _)) = self.upstream.get(index).and_then(corsac_header::read) else { return true };
        let is_set = |set: &corsac_header| set.read().is_some_and(|(set, _)| set.eq_ignore_ascii_case(name));
        !self.keeps && (is_managed_header(name, self.decision.manages_timing != 0) || self.set.iter().any(is_set))
    }

    /// What is missing from the `Vary` of the response.
    fn vary(&self) -> &'static str {
        let lines = self.upstream.iter().filter_map(corsac_header::read);
        let vary = lines.filter(|(name, _)| name.eq_ignore_ascii_case(b"vary")).map(|(_, value)| value);
        Vary::from_bits(self.decision.vary as u8).missing(vary).value()
    }
}

/// Applies a decision to the response of the upstream, or to one that the server generates: tells which of
/// its header lines to remove, which headers to add then, and what to add to its `Vary`. This is all that
/// `upstream`, `set` and `vary` of the decision ask for. The caller changes the response; applying the same
/// decision again changes nothing.
///
/// `upstream` has the `upstream_len` header lines of the response, with names in any case. `remove` has room
/// for as many flags: `remove[i]` becomes true if line `i` is to be removed. Append the names in `*vary`, if
/// there are any, as a new line `vary`, or after `, ` to the last that is there.
///
/// Returns: `CORSAC_STATUS_OK`; `CORSAC_STATUS_INVALID_ARGUMENT` if a pointer is `NULL`, or if a line cannot
/// be read. All results are written in either case. In the second they remove every header that could allow an
/// origin, and set none.
///
/// Memory: `*set` refers to the headers of `decision`; `*vary` to a static string. Nothing is kept of
/// `upstream`.
///
/// Thread safety: any thread, concurrently, while no call overwrites `decision`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_apply(
    decision: Option<&corsac_decision>,
    upstream: *const corsac_header,
    upstream_len: usize,
    remove: *mut bool,
    set: Option<&mut MaybeUninit<*const corsac_header>>,
    set_len: Option<&mut MaybeUninit<usize>>,
    vary: Option<&mut MaybeUninit<corsac_str>>,
) -> corsac_status {
    let mut changes = Changes { status: corsac_status::Panic, ..Changes::new(None, None) };
    let mut missing = changes.vary();
    guard::or_else((), || {
        let flags = pointer::flags(remove, upstream_len);
        changes = Changes::new(decision, view::headers(upstream, upstream_len).filter(|_| flags.is_some()));
        missing = changes.vary();
        for (index, flag) in flags.into_iter().flatten().enumerate() {
            flag.write(changes.removes(index));
        }
    });
    let written = [
        pointer::write(set, changes.set.as_ptr()),
        pointer::write(set_len, changes.set.len()),
        pointer::write(vary, corsac_str::of(missing.as_bytes())),
    ];
    if written == [true; 3] { changes.status } else { corsac_status::InvalidArgument }
}

/// The names that are missing from a response's `Vary` lines: append them to a line, or add them as
/// a new line. Nothing is missing if a line contains `*`; merging twice has no further effect.
///
/// Returns: nothing; writes the names, joined with `, `, to `*out`: empty if nothing is missing.
///
/// Memory: `*out` refers to a static string.
///
/// Thread safety: any thread, concurrently, while no call overwrites `decision`.
#[unsafe(no_mangle)]
pub extern "C" fn corsac_vary_merge(
    decision: Option<&corsac_decision>,
    lines: Option<&corsac_lines>,
    out: Option<&mut MaybeUninit<corsac_str>>,
) {
    let missing = guard::or_else("", || {
        let lines = lines.and_then(corsac_lines::views).unwrap_or_default();
        let vary = decision.map_or(0, |decision| decision.vary);
        let vary = Vary::from_bits(vary as u8);
        vary.missing(lines.iter().map(|line| line.line().unwrap_or_default())).value()
    });
    pointer::write(out, corsac_str::of(missing.as_bytes()));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use corsac::{Engine, Request, Target};
    use corsac_source::Format;
    use corsac_tower::CorsacLayer;
    use proptest::prelude::*;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use super::*;

    /// Policies that differ in what they do to a response.
    const POLICIES: [&str; 5] = [
        "",
        "timing_allow_origin = [\"*\"]",
        "upstream = \"keep\"",
        "upstream = \"keep\"\ntiming_allow_origin = [\"https://a.example\"]",
        "denied_requests = \"reject\"\nexpose_headers = [\"x-a\"]",
    ];

    const ORIGINS: [Option<&str>; 3] = [None, Some("https://a.example"), Some("https://evil.example")];

    const LINES: [(&str, &str); 14] = [
        ("Access-Control-Allow-Origin", "*"),
        ("access-control-allow-origin", "https://a.example"),
        ("access-control-expose-headers", "x-b"),
        ("access-control", "x"),
        ("access-control-", "x"),
        ("Timing-Allow-Origin", "*"),
        ("cache-control", "max-age=600"),
        ("Vary", "accept-encoding"),
        ("vary", "origin, accept"),
        ("vary", "*"),
        ("vary", ""),
        ("set-cookie", "a=b"),
        ("set-cookie", "c=d"),
        ("x-a", ""),
    ];

    type Lines = Vec<(String, String)>;

    fn engine() -> Engine {
        let policy = |(index, keys)| format!("[policy.p{index}]\nallow_origins = [\"https://a.example\"]\n{keys}\n");
        let policies: String = POLICIES.iter().enumerate().map(policy).collect();
        let document = format!("version = 1\n{policies}");
        let loaded = corsac_source::load_text_in(".".as_ref(), "policies", document.as_bytes(), Format::Toml).unwrap();
        Engine::new(loaded.policies)
    }

    /// All lines by name, in their order, and the members of `Vary`.
    fn normal(lines: &Lines) -> (BTreeMap<String, Vec<String>>, BTreeSet<String>) {
        let (mut by_name, mut vary) = (BTreeMap::<_, Vec<_>>::new(), BTreeSet::new());
        for (name, value) in lines {
            let name = name.to_ascii_lowercase();
            if name == "vary" {
                vary.extend(value.split(',').map(|member| member.trim().to_ascii_lowercase()));
            } else {
                by_name.entry(name).or_default().push(value.clone());
            }
        }
        vary.remove("");
        (by_name, vary)
    }

    fn by_tower(
        engine: &Engine,
        name: &str,
        request: &[(&str, &str)],
        method: &str,
        upstream: &Lines,
    ) -> (bool, Lines) {
        let handler = service_fn(|_: http::Request<()>| async {
            let mut response = http::Response::new(String::from("handled"));
            for (name, value) in upstream {
                let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
                response.headers_mut().append(name, value.parse().unwrap());
            }
            Ok::<_, std::convert::Infallible>(response)
        });
        let mut asked = http::Request::builder().method(method).uri("/");
        for (name, value) in request {
            asked = asked.header(*name, *value);
        }
        let service = CorsacLayer::named(engine, name).unwrap().layer(handler);
        let response = futures_executor::block_on(service.oneshot(asked.body(()).unwrap())).unwrap();
        let lines =
            response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        (response.body() == "handled", lines.collect())
    }

    fn view(text: &str) -> corsac_str {
        corsac_str::of(text.as_bytes())
    }

    fn text(view: &corsac_str) -> String {
        String::from_utf8(view.line().unwrap().to_vec()).unwrap()
    }

    /// Changes a response as `corsac_apply` says.
    fn applied(decision: &corsac_decision, upstream: &Lines) -> Lines {
        let lines: Vec<_> =
            upstream.iter().map(|(name, value)| corsac_header { name: view(name), value: view(value) }).collect();
        let changes = Changes::new(Some(decision), Some(&lines));
        assert_eq!(changes.status, corsac_status::Ok);
        let left =
            upstream.iter().enumerate().filter(|(index, _)| !changes.removes(*index)).map(|(_, line)| line.clone());
        let mut result: Lines = left.collect();
        result.extend(changes.set.iter().map(|header| (text(&header.name), text(&header.value))));
        if !changes.vary().is_empty() {
            result.push(("vary".into(), changes.vary().into()));
        }
        result
    }

    proptest! {
        /// The same response as the layer for tower makes of it, and nothing more when applied again.
        #[test]
        fn a_response_is_changed_as_by_the_layer_for_tower(
            policy in 0..POLICIES.len(),
            origin in proptest::sample::select(&ORIGINS[..]),
            preflight in proptest::option::of(proptest::sample::select(&["GET", "PUT"][..])),
            indices in proptest::collection::vec(0..LINES.len(), 0..8),
        ) {
            let engine = engine();
            let name = format!("p{policy}");
            let method = if preflight.is_some() { "OPTIONS" } else { "POST" };
            let mut request: Vec<(&str, &str)> = origin.map(|origin| ("origin", origin)).into_iter().collect();
            request.extend(preflight.map(|method| ("access-control-request-method", method)));
            let upstream: Lines =
                indices.iter().map(|&index| (LINES[index].0.to_owned(), LINES[index].1.to_owned())).collect();

            let bytes: Vec<_> = request.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
            let mut reader = engine.reader();
            let id = engine.policies().id(&name).unwrap();
            let decision = reader.decide(Target::Policy(id), &Request::from_headers(method, &bytes));
            let set: Vec<_> = decision
                .set()
                .map(|(name, value)| corsac_header { name: view(name), value: corsac_str::of(value) })
                .collect();
            let raw = corsac_decision::of(&decision, &set);

            let (forwarded, expected) = by_tower(&engine, &name, &request, method, &upstream);
            prop_assert_eq!(forwarded, raw.status == 0);
            // What the layer responds itself has no lines of the service.
            let upstream = if forwarded { upstream } else { vec![] };
            let once = applied(&raw, &upstream);
            prop_assert_eq!(normal(&once), normal(&expected));
            prop_assert_eq!(normal(&applied(&raw, &once)), normal(&once));
        }
    }
}

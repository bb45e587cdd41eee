//! The corpus through the layer around an axum router: every case that HTTP's types can carry, once
//! with a handler that says nothing of CORS and once with one that does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN};
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use corsac::{Engine, Verdict};
use corsac_tests::corpus::{self, Case, Theme};
use corsac_tests::engine;
use corsac_tests::proxy::corpus::show;
use corsac_tower::CorsacLayer;
use futures_executor::block_on;
use tower::ServiceExt;

/// What a handler says, which no decision does.
const HANDLED: StatusCode = StatusCode::IM_USED;

/// What a handler grants on its own, where it is asked to.
const GRANTED: &str = "https://granted-by-handler.example";

type Lines = Vec<(String, Vec<u8>)>;

#[test]
fn every_case_is_answered_as_expected() {
    let (mut served, mut not_carried, mut failures) = (0, BTreeMap::<_, usize>::new(), vec![]);
    for theme in corpus::read() {
        for case in &theme.cases {
            match request(case).and_then(|request| Ok((request, layer(case, &theme)?))) {
                Ok((request, layer)) => {
                    served += 1;
                    let differences = play(case, &request, &layer);
                    failures
                        .extend(differences.iter().map(|found| format!("{}: `{}`: {found}", theme.file, case.name)));
                }
                Err(reason) => *not_carried.entry(reason).or_default() += 1,
            }
        }
    }
    println!("{served} cases answered, {not_carried:?}");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(served > 1_000, "{served} cases");
    let expected = [("a path begins with a slash", 8), ("a value has no control bytes", 59)];
    assert_eq!(not_carried, BTreeMap::from(expected));
}

/// A request without a body, of which there can be more than one.
#[derive(Clone, Debug)]
struct TestRequest {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

/// The case as a request, or why it cannot be one.
fn request(case: &Case) -> Result<TestRequest, &'static str> {
    let method = Method::from_bytes(&case.method.to_bytes().unwrap()).map_err(|_| "a method is a token")?;
    let path = case.route.as_ref().map_or(b"/".to_vec(), |route| route.path.to_bytes().unwrap());
    let uri: Uri = Uri::try_from(path.clone()).map_err(|_| "a path begins with a slash")?;
    if uri.path_and_query().map(|uri| uri.as_str().as_bytes()) != Some(&path) {
        return Err("a path begins with a slash");
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &case.headers {
        let name = HeaderName::from_bytes(&name.to_bytes().unwrap()).map_err(|_| "a header's name is a token")?;
        let value = HeaderValue::from_bytes(&value.to_bytes().unwrap()).map_err(|_| "a value has no control bytes")?;
        headers.append(name, value);
    }
    if let Some(route) = &case.route {
        let host =
            HeaderValue::from_bytes(&route.host.to_bytes().unwrap()).map_err(|_| "a value has no control bytes")?;
        headers.insert("host", host);
    }
    Ok(TestRequest { method, uri, headers })
}

/// The layer that is to decide, or why there can be none.
fn layer(case: &Case, theme: &Theme) -> Result<CorsacLayer, &'static str> {
    let engine = Engine::new(engine::policies(&theme.documents[&case.document]));
    let policies = engine.policies();
    match (&case.route, &case.policy) {
        (Some(_), _) if policies.has_routes() => Ok(CorsacLayer::new(&engine)),
        (Some(_), _) => Err("without routes the only policy decides"),
        (None, Some(name)) => CorsacLayer::named(&engine, name).map_err(|_| "a policy that is not there is refused"),
        (None, None) if policies.has_routes() => {
            let only = policies.get(policies.only().unwrap()).unwrap();
            Ok(CorsacLayer::named(&engine, only.name()).unwrap())
        }
        (None, None) => Ok(CorsacLayer::new(&engine)),
    }
}

/// Asks twice, the second time with a handler that lets somebody in on its own.
fn play(case: &Case, request: &TestRequest, layer: &CorsacLayer) -> Vec<String> {
    let set: Lines = case.expect.set.iter().map(|(name, value)| (name.clone(), value.to_bytes().unwrap())).collect();
    let mut vary: Vec<String> = case.expect.vary.iter().map(|name| name.to_ascii_lowercase()).collect();
    let mut differences = play_once(case, request, (&set, &vary), layer, handled(&[("x-app", "1")]));

    let is_forwarded = case.expect.status.is_none();
    let kept = case.expect.upstream == "keep" && is_forwarded;
    let granting = [("access-control-allow-origin", GRANTED), ("vary", "accept"), ("x-app", "1")];
    let set = if kept { vec![("access-control-allow-origin".into(), GRANTED.into())] } else { set };
    if is_forwarded {
        vary.insert(0, "accept".into());
    }
    let granted = play_once(case, request, (&set, &vary), layer, handled(&granting));
    differences.extend(granted.iter().map(|found| format!("with a handler that grants: {found}")));
    differences
}

fn handled(headers: &[(&'static str, &'static str)]) -> Response {
    let mut response = HANDLED.into_response();
    for (name, value) in headers {
        response.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    response
}

fn play_once(
    case: &Case,
    request: &TestRequest,
    (set, vary): (&Lines, &Vec<String>),
    layer: &CorsacLayer,
    handled: Response,
) -> Vec<String> {
    let handled = Arc::new(handled.into_parts().0);
    let seen = Arc::new(std::sync::Mutex::new(vec![]));
    let handler = {
        let seen = Arc::clone(&seen);
        move |request: Request| {
            seen.lock().unwrap().push(origins(request.headers()));
            let response = Response::from_parts((*handled).clone(), Body::from("app"));
            async move { response }
        }
    };
    let app: Router = Router::new().fallback(handler).layer(layer.clone());
    let mut asked = Request::new(Body::empty());
    *asked.method_mut() = request.method.clone();
    *asked.uri_mut() = request.uri.clone();
    *asked.headers_mut() = request.headers.clone();
    let before = counts(layer);
    let response = block_on(app.oneshot(asked)).unwrap();

    let expect = &case.expect;
    let mut differences = vec![];
    let mut compare = |what: &str, expected: String, found: String| {
        if expected != found {
            differences.push(format!("{what}: expected {expected}, not {found}"));
        }
    };
    let is_forwarded = expect.status.is_none();
    compare("status", expect.status.unwrap_or(HANDLED.as_u16()).to_string(), response.status().as_u16().to_string());
    compare("set", show(set.clone()), show(set_in(response.headers())));
    let mut vary = vary.clone();
    vary.sort();
    compare("vary", format!("{vary:?}"), format!("{:?}", vary_in(response.headers())));
    compare("the handler's", is_forwarded.to_string(), response.headers().contains_key("x-app").to_string());
    let forwarded = if is_forwarded { vec![origins(&request.headers)] } else { vec![] };
    compare("forwarded, with Origin", format!("{forwarded:?}"), format!("{:?}", seen.lock().unwrap()));
    let decided: Vec<_> = counts(layer).into_iter().filter(|count| !before.contains(count)).collect();
    let decided = decided.iter().map(|(verdict, reason, _)| format!("{verdict} {reason}")).collect::<Vec<_>>();
    compare("decided", format!("{:?}", [format!("{} {}", expect.verdict, expect.reason)]), format!("{decided:?}"));
    differences
}

fn origins(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers.get_all(ORIGIN).iter().cloned().collect()
}

fn counts(layer: &CorsacLayer) -> Vec<(Verdict, corsac::Reason, u64)> {
    layer.engine().stats().iter().collect()
}

/// The lines of a response that decisions speak of.
fn set_in(headers: &HeaderMap) -> Lines {
    let is_set =
        |name: &str| name.starts_with("access-control-") || name == "timing-allow-origin" || name == "cache-control";
    let lines = headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()));
    lines.filter(|(name, _)| is_set(name)).collect()
}

/// The members of all `Vary` lines, sorted, in lower case.
fn vary_in(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all("vary").iter().flat_map(|line| line.to_str().unwrap().split(','));
    let mut members: Vec<String> = lines.map(|member| member.trim().to_ascii_lowercase()).collect();
    members.sort();
    members
}

//! The layer as a part of a server: what it passes on, what it replaces, and what it takes from an
//! engine that changes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::future::{Future, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use axum::routing::get;
use corsac::{DeniedRequests, Engine, Policies, Policy, PolicyBuilder, Upstream};
use corsac_tests::engine;
use corsac_tower::CorsacLayer;
use futures_executor::block_on;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

const OLD: &str = "https://old.example.com";
const NEW: &str = "https://new.example.com";
const ALLOW_ORIGIN: &str = "access-control-allow-origin";

fn allowing(name: &str, origin: &str) -> Policy {
    PolicyBuilder::new(name).allow_origins([origin]).allow_methods(["PUT"]).build().unwrap()
}

fn request(origin: &str) -> Request<Body> {
    Request::get("/").header("origin", origin).body(Body::empty()).unwrap()
}

fn preflight(path: &str, origin: &str) -> Request<Body> {
    let request = Request::options(path).header("origin", origin).header("access-control-request-method", "PUT");
    request.body(Body::empty()).unwrap()
}

fn ask(app: &Router, request: Request<Body>) -> Response<Body> {
    block_on(app.clone().oneshot(request)).unwrap()
}

fn allowed(headers: &HeaderMap) -> Option<&str> {
    headers.get(ALLOW_ORIGIN).map(|value| value.to_str().unwrap())
}

/// One service that lives on, as that of a connection does.
#[test]
fn a_reload_is_seen_by_services_that_serve() {
    let engine = Engine::new(allowing("api", OLD).into());
    let handler = service_fn(|_: Request<Body>| ready(Ok::<_, ()>(Response::new(Body::empty()))));
    let mut service = CorsacLayer::named(&engine, "api").unwrap().layer(handler);
    let mut ask = |origin| {
        let response = block_on(service.call(request(origin))).unwrap();
        allowed(response.headers()).map(str::to_owned)
    };
    assert_eq!(ask(OLD).as_deref(), Some(OLD));
    assert_eq!(ask(NEW), None);
    engine.reload(allowing("api", NEW).into()).unwrap();
    assert_eq!(ask(OLD), None);
    assert_eq!(ask(NEW).as_deref(), Some(NEW));
    let missing = engine.reload(allowing("other", NEW).into()).unwrap_err();
    assert_eq!(missing.policies().collect::<Vec<_>>(), ["api"]);
    assert_eq!(ask(NEW).as_deref(), Some(NEW), "its policy is required");
    assert_eq!(engine.sweep(), 0, "a set is held that no decision is made by");
    drop(service);
    engine.reload(allowing("other", NEW).into()).unwrap();
    assert!(CorsacLayer::named(&engine, "api").is_err(), "its id is left, but no policy");
}

/// Routes that choose are required like a name, by all clones together.
#[test]
fn a_reload_without_routes_is_refused_while_they_choose() {
    let routed = |path| {
        let policies = Policies::builder().policy(allowing("api", OLD)).route(None, path, "api");
        policies.build().unwrap()
    };
    let engine = Engine::new(routed("/"));
    let layer = CorsacLayer::new(&engine);
    let clone = layer.clone();
    assert!(engine.reload(allowing("api", NEW).into()).unwrap_err().routes());
    drop(layer);
    assert!(engine.reload(allowing("api", NEW).into()).is_err());
    engine.reload(routed("/v1")).unwrap();
    drop(clone);
    engine.reload(allowing("api", NEW).into()).unwrap();
    let _only = CorsacLayer::new(&engine);
    engine.reload(routed("/")).unwrap();
}

/// With several policies and no routes, no policy would decide, and nothing would be rejected.
#[test]
fn a_reload_to_several_policies_is_refused_while_the_only_one_is_used() {
    let two = || Policies::new([allowing("api", OLD), allowing("web", OLD)]).unwrap();
    let engine = Engine::new(allowing("api", OLD).into());
    let layer = CorsacLayer::new(&engine);
    assert!(engine.reload(two()).unwrap_err().routes());
    engine.reload(allowing("web", NEW).into()).unwrap();
    drop(layer);
    engine.reload(two()).unwrap();
}

/// Servers clone a service for each request; taking a reader each time would cost a lock.
#[test]
fn a_thread_has_one_reader_for_all_clones() {
    let engine = Engine::new(allowing("api", OLD).into());
    let app: Router = Router::new().route("/", get(|| async {})).layer(CorsacLayer::new(&engine));
    std::thread::scope(|scope| {
        let threads =
            [0; 4].map(|_| scope.spawn(|| (0..100).all(|_| allowed(ask(&app, request(OLD)).headers()) == Some(OLD))));
        assert!(threads.into_iter().all(|thread| thread.join().unwrap()));
    });
    let stats = engine.stats();
    assert_eq!(stats.total(), 400);
    assert!(stats.readers() <= 4, "{} readers", stats.readers());
}

/// Only a service that is ready may be called; whether it is says the service that is wrapped.
#[test]
fn a_service_that_is_not_ready_is_waited_for() {
    #[derive(Clone)]
    struct Slow(Arc<AtomicUsize>);
    impl Service<Request<Body>> for Slow {
        type Response = Response<Body>;
        type Error = &'static str;
        type Future = std::future::Ready<Result<Response<Body>, &'static str>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Poll::Pending,
                1 => Poll::Ready(Ok(())),
                _ => Poll::Ready(Err("closed")),
            }
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            ready(Err("failed"))
        }
    }
    let mut service = CorsacLayer::from(allowing("api", OLD)).layer(Slow(Arc::default()));
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(service.poll_ready(&mut context), Poll::Pending);
    assert_eq!(service.poll_ready(&mut context), Poll::Ready(Ok(())));
    assert_eq!(service.poll_ready(&mut context), Poll::Ready(Err("closed")));
    assert_eq!(block_on(service.call(request(OLD))).unwrap_err(), "failed");
    assert_eq!(block_on(service.call(preflight("/", OLD))).unwrap().status(), StatusCode::NO_CONTENT);
}

#[test]
fn a_response_that_takes_long_gets_its_headers_when_it_comes() {
    let (send, receive) = futures_channel::oneshot::channel::<Response<Body>>();
    let mut receive = Some(receive);
    let handler = service_fn(move |_: Request<Body>| receive.take().unwrap());
    let engine = Engine::new(allowing("api", OLD).into());
    let mut service = CorsacLayer::new(&engine).layer(handler);
    let mut response = pin!(service.call(request(OLD)));
    let mut context = Context::from_waker(Waker::noop());
    assert!(response.as_mut().poll(&mut context).is_pending());
    // What was decided when the request came holds.
    engine.reload(allowing("api", NEW).into()).unwrap();
    send.send(Response::new(Body::empty())).unwrap();
    let Poll::Ready(Ok(response)) = response.as_mut().poll(&mut context) else { panic!("there is no response") };
    assert_eq!(allowed(response.headers()), Some(OLD));
}

#[test]
fn every_response_of_a_router_has_headers() {
    let app: Router = Router::new()
        .route("/", get(|| async {}))
        .route("/error", get(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
        .layer(CorsacLayer::from(allowing("api", OLD)));
    for (method, path, status) in [
        ("GET", "/", StatusCode::OK),
        ("HEAD", "/", StatusCode::OK),
        ("GET", "/error", StatusCode::INTERNAL_SERVER_ERROR),
        ("GET", "/missing", StatusCode::NOT_FOUND),
        ("POST", "/", StatusCode::METHOD_NOT_ALLOWED),
        ("OPTIONS", "/", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        let request = Request::builder().method(method).uri(path).header("origin", OLD).body(Body::empty()).unwrap();
        let response = ask(&app, request);
        assert_eq!((response.status(), allowed(response.headers())), (status, Some(OLD)), "{method} {path}");
    }
    for path in ["/", "/error", "/missing"] {
        let response = ask(&app, preflight(path, OLD));
        assert_eq!((response.status(), allowed(response.headers())), (StatusCode::NO_CONTENT, Some(OLD)), "{path}");
        assert!(block_on(to_bytes(response.into_body(), 1)).unwrap().is_empty());
    }
}

#[test]
fn what_is_around_a_refusal_is_not_asked() {
    let mut builder = PolicyBuilder::new("api");
    builder.allow_origins([OLD]).denied_requests(DeniedRequests::Reject);
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let handler = service_fn(move |_: Request<Body>| {
        counter.fetch_add(1, Ordering::Relaxed);
        ready(Ok::<_, ()>(Response::new(Body::empty())))
    });
    let mut service = ServiceBuilder::new().layer(CorsacLayer::from(builder.build().unwrap())).service(handler);
    let response = block_on(service.call(request(NEW))).unwrap();
    assert_eq!((response.status(), asked.load(Ordering::Relaxed)), (StatusCode::FORBIDDEN, 0));
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(block_on(service.call(request(OLD))).unwrap().status(), StatusCode::OK);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

/// `cache-control` is no managed header, but it is set; a handler's `Vary: *` says all.
#[test]
fn headers_of_the_handler_are_replaced_kept_and_merged() {
    let answered = |upstream, lines: &'static [(&'static str, &'static str)]| {
        let mut builder = PolicyBuilder::new("api");
        builder.allow_origins([OLD]).timing_allow_origin(["*"]).upstream(upstream);
        let app: Router = Router::new()
            .route("/", get(move || ready(axum::response::AppendHeaders(lines.to_vec()))))
            .layer(CorsacLayer::from(builder.build().unwrap()));
        let response = ask(&app, request(OLD));
        let mut lines: Vec<String> =
            response.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        lines.retain(|line| !line.starts_with("content-length:"));
        lines.sort();
        lines
    };
    let granted = "access-control-allow-origin: https://old.example.com";
    let own: &[_] = &[
        ("access-control-allow-origin", "*"),
        ("access-control-allow-origin", NEW),
        ("access-control-x", "1"),
        ("timing-allow-origin", NEW),
        ("x-app", "1"),
    ];
    assert_eq!(answered(Upstream::Replace, own), [granted, "timing-allow-origin: *", "vary: Origin", "x-app: 1"]);
    assert_eq!(
        answered(Upstream::Keep, own),
        [
            "access-control-allow-origin: *",
            "access-control-allow-origin: https://new.example.com",
            "access-control-x: 1",
            "timing-allow-origin: https://new.example.com",
            "vary: Origin",
            "x-app: 1",
        ]
    );
    let timing: &[(&str, &str)] = &[("timing-allow-origin", "https://new.example.com")];
    assert_eq!(answered(Upstream::Keep, timing), [granted, "timing-allow-origin: *", "vary: Origin"]);
    for (vary, merged) in [
        (&[("vary", "accept")] as &[_], &["vary: accept, Origin"] as &[_]),
        (&[("vary", "accept"), ("vary", "cookie")], &["vary: accept, Origin", "vary: cookie"]),
        (&[("vary", "accept, ORIGIN")], &["vary: accept, ORIGIN"]),
        (&[("vary", "*")], &["vary: *"]),
        (&[("vary", " ")], &["vary: Origin"]),
    ] {
        let lines = answered(Upstream::Replace, vary);
        assert_eq!(lines[..2], [granted, "timing-allow-origin: *"]);
        assert_eq!(lines[2..], *merged);
    }
}

#[test]
fn routes_are_chosen_by_the_host_of_the_target_and_by_its_path() {
    let policies = engine::policies(
        r#"
        version = 1
        [policy.a]
        allow_origins = ["https://a.example"]
        [policy.b]
        allow_origins = ["https://b.example"]
        [[route]]
        host = "one.example"
        policy = "a"
        [[route]]
        path = "/b"
        policy = "b"
        "#,
    );
    let engine = Engine::new(policies);
    let app: Router = Router::new().fallback(|| async {}).layer(CorsacLayer::new(&engine));
    for (uri, host, origin, is_allowed) in [
        ("/", "one.example", "https://a.example", true),
        ("/", "ONE.example:8080", "https://a.example", true),
        ("http://one.example/", "two.example", "https://a.example", true),
        ("http://user@one.example:80/", "two.example", "https://a.example", true),
        ("http://two.example/", "one.example", "https://a.example", false),
        ("/", "two.example", "https://a.example", false),
        ("/b/c?d", "two.example", "https://b.example", true),
        ("/c?/b", "two.example", "https://b.example", false),
    ] {
        let request = Request::get(uri).header("host", host).header("origin", origin).body(Body::empty()).unwrap();
        assert_eq!(allowed(ask(&app, request).headers()).is_some(), is_allowed, "{uri} {host} {origin}");
    }
}

#[test]
fn several_policies_need_a_name() {
    let both = || Policies::new([allowing("a", OLD), allowing("b", NEW)]).unwrap();
    let engine = Engine::new(both());
    let answered = |layer: CorsacLayer| {
        let app: Router = Router::new().fallback(|| async {}).layer(layer);
        [OLD, NEW].map(|origin| allowed(ask(&app, request(origin)).headers()).is_some())
    };
    assert_eq!(answered(CorsacLayer::named(&engine, "a").unwrap()), [true, false]);
    assert_eq!(answered(CorsacLayer::named(&engine, "b").unwrap()), [false, true]);
    assert_eq!(answered(CorsacLayer::from(both())), [false, false]);
    let error = CorsacLayer::named(&engine, "c").unwrap_err().to_string();
    assert_eq!(error, "there is no policy `c`; the document has `a`, `b`");
}

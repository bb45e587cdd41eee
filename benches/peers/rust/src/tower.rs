//! Layers of tower around a service that answers an empty 200.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use corsac_tower::CorsacLayer;
use foldhash::fast::RandomState;
use hashbrown::HashSet;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use tower_http::cors::{AllowHeaders, AllowMethods, AllowOrigin, CorsLayer};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::Answer;
use crate::prepared::{Ask, Preparation};
use crate::scenario::{Policy, Scenario, is_any};
use crate::{decide, pending};

/// The wrapped service.
#[derive(Clone, Copy)]
struct Empty;

impl Service<Request<()>> for Empty {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        drop(request);
        ready(Ok(Response::new(())))
    }
}

struct Tower<S> {
    service: S,
    requests: Vec<Request<()>>,
}

pub(crate) fn bare(scenario: &Scenario) -> Result<Preparation, String> {
    Tower::prepare(Empty, scenario)
}

pub(crate) fn corsac(scenario: &Scenario) -> Result<Preparation, String> {
    Tower::prepare(CorsacLayer::from(decide::policy(&scenario.policy)?).layer(Empty), scenario)
}

/// Configured as in its documentation.
pub(crate) fn list(scenario: &Scenario) -> Result<Preparation, String> {
    let policy = &scenario.policy;
    if !policy.is_for_any() && policy.allow_origins.iter().any(|row| row.contains('*')) {
        return Ok(Preparation::Cannot("its lists have no wildcards"));
    }
    let list = || values(policy.exact()).map(AllowOrigin::list);
    let origins = if policy.is_for_any() { AllowOrigin::any() } else { list()? };
    Tower::prepare(cors(policy, origins)?.layer(Empty), scenario)
}

/// Configured for speed: a hash set, and a walk over the suffixes if there are any.
pub(crate) fn predicate(scenario: &Scenario) -> Result<Preparation, String> {
    let policy = &scenario.policy;
    let exact: HashSet<Box<[u8]>, RandomState> = policy.exact().map(|row| row.as_bytes().into()).collect();
    let below = policy.below();
    let is_allowed = move |origin: &HeaderValue, _: &http::request::Parts| {
        exact.contains(origin.as_bytes()) || below.iter().any(|row| row.has(origin.as_bytes()))
    };
    let origins = if policy.is_for_any() { AllowOrigin::any() } else { AllowOrigin::predicate(is_allowed) };
    Tower::prepare(cors(policy, origins)?.layer(Empty), scenario)
}

fn cors(policy: &Policy, origins: AllowOrigin) -> Result<CorsLayer, String> {
    let methods: Result<Vec<_>, _> = policy.allow_methods.iter().map(|name| name.parse::<Method>()).collect();
    let headers: Result<Vec<_>, _> = policy.allow_headers.iter().map(|name| name.parse::<HeaderName>()).collect();
    let methods = || methods.map(AllowMethods::list).map_err(|error| error.to_string());
    let headers = || headers.map(AllowHeaders::list).map_err(|error| error.to_string());
    Ok(CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(if is_any(&policy.allow_methods) { AllowMethods::any() } else { methods()? })
        .allow_headers(if is_any(&policy.allow_headers) { AllowHeaders::any() } else { headers()? })
        .allow_credentials(policy.allow_credentials)
        .max_age(Duration::from_secs(policy.max_age.into())))
}

fn values<'v>(values: impl Iterator<Item = &'v str>) -> Result<Vec<HeaderValue>, String> {
    values.map(|value| value.parse().map_err(|_| format!("`{value}` is not a header value"))).collect()
}

impl<S> Tower<S>
where
    Self: Ask + 'static,
{
    fn prepare(service: S, scenario: &Scenario) -> Result<Preparation, String> {
        let requests = scenario.requests.iter().map(|request| {
            let builder = Request::builder().method(request.method.as_str()).uri("/");
            let headers = request.headers.iter();
            let builder = headers.fold(builder, |builder, (name, value)| builder.header(name, value));
            builder.body(()).map_err(|error| error.to_string())
        });
        Ok(Preparation::ready(Self { service, requests: requests.collect::<Result<_, _>>()? }))
    }
}

impl<S> Tower<S>
where
    S: Service<Request<()>, Response = Response<()>, Error = Infallible>,
{
    #[inline]
    fn respond(&mut self, index: usize) -> Option<Response<()>> {
        let request = self.requests.get(index)?.clone();
        let Poll::Ready(Ok(())) = self.service.poll_ready(&mut Context::from_waker(Waker::noop())) else { return None };
        pending::ready(self.service.call(request))?.ok()
    }
}

impl<S> Ask for Tower<S>
where
    S: Service<Request<()>, Response = Response<()>, Error = Infallible>,
{
    fn len(&self) -> usize {
        self.requests.len()
    }

    fn ask(&mut self, index: usize) -> usize {
        self.respond(index).map_or(0, |response| std::hint::black_box(response).headers().len())
    }

    fn answer(&mut self, index: usize) -> Result<Answer, String> {
        let response = self.respond(index).ok_or("the service did not respond at once")?;
        let headers = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Ok(Answer::head(response.status().as_u16(), headers))
    }
}

//! actix-cors around a service that answers an empty 200.

use std::future::ready;

use actix_cors::Cors;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, fn_service};
use actix_web::http::Method;
use actix_web::test::TestRequest;
use actix_web::{Error, HttpRequest, HttpResponse};

use crate::answer::Answer;
use crate::pending;
use crate::prepared::{Ask, Preparation};
use crate::scenario::{Policy, Scenario, is_any};

struct Actix<S> {
    service: S,
    requests: Vec<HttpRequest>,
}

pub(crate) fn bare(scenario: &Scenario) -> Result<Preparation, String> {
    Ok(Preparation::ready(Actix { service: empty(), requests: requests(scenario)? }))
}

pub(crate) fn cors(scenario: &Scenario) -> Result<Preparation, String> {
    let service = pending::ready(configured(&scenario.policy).new_transform(empty()));
    let service = service.and_then(Result::ok).ok_or("actix-cors rejects the policy")?;
    Ok(Preparation::ready(Actix { service, requests: requests(scenario)? }))
}

fn empty() -> impl Service<ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error> {
    fn_service(|request: ServiceRequest| ready(Ok(request.into_response(HttpResponse::Ok().finish()))))
}

fn configured(policy: &Policy) -> Cors {
    let cors = match policy.is_for_any() {
        true => Cors::default().allow_any_origin().send_wildcard(),
        false => policy.exact().fold(Cors::default(), Cors::allowed_origin),
    };
    let below = policy.below();
    let cors = match below.is_empty() {
        true => cors,
        false => cors.allowed_origin_fn(move |origin, _| below.iter().any(|row| row.has(origin.as_bytes()))),
    };
    let cors = match is_any(&policy.allow_methods) {
        true => cors.allow_any_method(),
        false => cors.allowed_methods(policy.allow_methods.iter().map(String::as_str)),
    };
    let cors = match is_any(&policy.allow_headers) {
        true => cors.allow_any_header(),
        false => cors.allowed_headers(policy.allow_headers.iter().map(String::as_str)),
    };
    let cors = cors.max_age(policy.max_age as usize);
    if policy.allow_credentials { cors.supports_credentials() } else { cors }
}

fn requests(scenario: &Scenario) -> Result<Vec<HttpRequest>, String> {
    let request = |request: &crate::scenario::Request| {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
        let builder = TestRequest::default().method(method);
        let headers = request.headers.iter();
        let builder =
            headers.fold(builder, |builder, (name, value)| builder.append_header((name.as_str(), value.as_str())));
        Ok(builder.to_http_request())
    };
    scenario.requests.iter().map(request).collect()
}

impl<S, B> Actix<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    /// Passes a handle of the request, not a copy, which only changes its reference count.
    #[inline]
    fn respond(&mut self, index: usize) -> Option<ServiceResponse<B>> {
        let request = ServiceRequest::from_request(self.requests.get(index)?.clone());
        pending::ready(self.service.call(request))?.ok()
    }
}

impl<S, B> Ask for Actix<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
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

//! The middleware itself.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{HeaderMap, Request, Response, StatusCode};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::decider::Decider;
use crate::outcome::{Change, Outcome};

/// A service wrapped with CORS. Created by [`CorsacLayer`](crate::CorsacLayer).
///
/// It is ready when the wrapped service is, even for requests that it responds to itself.
#[derive(Clone, Debug)]
pub struct CorsacService<S> {
    inner: S,
    decider: Arc<Decider>,
}

impl<S> CorsacService<S> {
    pub(crate) fn new(inner: S, decider: Arc<Decider>) -> Self {
        Self { inner, decider }
    }

    /// The wrapped service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The wrapped service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The wrapped service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, Q, A> Service<Request<Q>> for CorsacService<S>
where
    S: Service<Request<Q>, Response = Response<A>>,
    A: Default,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let state = match self.decider.decide(&request) {
            Outcome::Answer { status, headers } => State::Answered { status, headers },
            Outcome::Forward(change) => State::Forwarded { future: self.inner.call(request), change },
        };
        ResponseFuture { state }
    }
}

pin_project! {
    /// The response of a [`CorsacService`]. An error of the wrapped service is returned unchanged.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = Projected]
    enum State<F> {
        Answered { status: StatusCode, headers: HeaderMap },
        Forwarded { #[pin] future: F, change: Change },
    }
}

impl<F, A, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    A: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        match self.project().state.project() {
            Projected::Answered { status, headers } => {
                let mut response = Response::new(A::default());
                *response.status_mut() = *status;
                *response.headers_mut() = mem::take(headers);
                Poll::Ready(Ok(response))
            }
            Projected::Forwarded { future, change } => {
                let mut response = ready!(future.poll(context))?;
                change.apply(response.headers_mut());
                Poll::Ready(Ok(response))
            }
        }
    }
}

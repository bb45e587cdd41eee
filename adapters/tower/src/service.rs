//! The middleware itself.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::decider::Decider;
use crate::outcome::Outcome;

/// A service with CORS around it. Made by [`CorsacLayer`](crate::CorsacLayer).
///
/// It is ready when the service in it is, also for requests that it answers itself.
#[derive(Clone, Debug)]
pub struct CorsacService<S> {
    inner: S,
    decider: Arc<Decider>,
}

impl<S> CorsacService<S> {
    pub(crate) fn new(inner: S, decider: Arc<Decider>) -> Self {
        Self { inner, decider }
    }

    /// The service that is wrapped.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The service that is wrapped.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// The service that is wrapped.
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
        let outcome = self.decider.decide(&request);
        let forwarded = outcome.is_forwarded().then(|| self.inner.call(request));
        ResponseFuture { forwarded, outcome }
    }
}

pin_project! {
    /// The response of a [`CorsacService`]. An error of the service in it is passed on as it is.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F> {
        // `None`: answered here.
        #[pin]
        forwarded: Option<F>,
        outcome: Outcome,
    }
}

impl<F, A, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<A>, E>>,
    A: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let Some(forwarded) = this.forwarded.as_pin_mut() else {
            return Poll::Ready(Ok(this.outcome.answer()));
        };
        let mut response = ready!(forwarded.poll(context))?;
        this.outcome.apply(response.headers_mut());
        Poll::Ready(Ok(response))
    }
}

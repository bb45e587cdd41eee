//! corsac as tower middleware, for axum, tonic, hyper through tower, and any other service that
//! accepts an [`http::Request`].
//!
//! [`CorsacLayer`] responds to preflights without calling the wrapped service, and sets the headers of
//! the policy on every other response, error pages included. CORS headers that the service set itself
//! are replaced or kept, as the policy specifies. The engine can be reloaded while requests are served.
//!
//! ```
//! use axum::Router;
//! use axum::body::Body;
//! use axum::http::{Request, StatusCode};
//! use axum::routing::get;
//! use corsac::{Engine, PolicyBuilder};
//! use corsac_tower::CorsacLayer;
//! use tower::ServiceExt;
//!
//! let allowing = |origin| PolicyBuilder::new("api").allow_origins([origin]).allow_methods(["PUT"]).build();
//! let engine = Engine::new(allowing("https://app.example.com")?.into());
//! let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(CorsacLayer::new(&engine));
//! # futures_executor::block_on(async {
//!
//! let preflight = |origin| {
//!     let request = Request::options("/").header("origin", origin);
//!     request.header("access-control-request-method", "PUT").body(Body::empty())
//! };
//! let response = app.clone().oneshot(preflight("https://app.example.com")?).await?;
//! assert_eq!(response.status(), StatusCode::NO_CONTENT);
//! assert_eq!(response.headers()["access-control-allow-origin"], "https://app.example.com");
//!
//! engine.reload(allowing("https://new.example.com")?.into())?;
//! let response = app.clone().oneshot(preflight("https://app.example.com")?).await?;
//! assert_eq!(response.status(), StatusCode::FORBIDDEN);
//! assert!(!response.headers().contains_key("access-control-allow-origin"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Quick advice
//! * Make the layer the outermost one: outside authentication, because preflights carry no
//!   credentials, and outside the layers that turn errors into responses, so that pages can read them.
//! * An error of the wrapped service is returned unchanged, because there is no response to set headers
//!   on. If services can fail, turn errors and panics into responses in an inner layer.
//! * For documents on disk, use `corsac_source::Source`: `CorsacLayer::new(source.engine())`.
//!
//! See `adapters/tower/README.md` in the repository for details.

mod caching_reader;
mod decider;
mod layer;
mod outcome;
mod request;
mod service;
mod values;

pub use layer::{CorsacLayer, UnknownPolicy};
pub use service::{CorsacService, ResponseFuture};

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

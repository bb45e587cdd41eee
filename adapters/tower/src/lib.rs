//! corsac as tower middleware, for axum, tonic, hyper through tower, and any other service that
//! takes an [`http::Request`].
//!
//! [`CorsacLayer`] answers preflights without asking the service that it wraps, and gives every
//! other response the headers that the policy says: error pages included, and those that the service
//! set itself replaced or kept. The engine behind it may be reloaded while requests are served.
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
//! engine.reload(allowing("https://new.example.com")?.into());
//! let response = app.clone().oneshot(preflight("https://app.example.com")?).await?;
//! assert_eq!(response.status(), StatusCode::FORBIDDEN);
//! assert!(!response.headers().contains_key("access-control-allow-origin"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Quick advice
//! * Put the layer around everything else: around authentication, because preflights carry no
//!   credentials, and around whatever turns errors into responses, so that pages can read them.
//! * An error of the service that it wraps is passed on as it is: there is no response to put headers
//!   on. Where services fail, turn errors and panics into responses further in.
//! * For documents on disk, use `corsac_source::Source`: `CorsacLayer::new(source.engine())`.
//!
//! The page `adapters/tower/README.md` of the repository has the rest.

mod decider;
mod layer;
mod outcome;
mod ready;
mod request;
mod service;
mod values;

pub use layer::{CorsacLayer, UnknownPolicy};
pub use service::{CorsacService, ResponseFuture};

/// The page's example is compiled, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! The layer that adds the middleware to a service.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use corsac::{Engine, Policies, Policy};
use tower_layer::Layer;

use crate::decider::Decider;
use crate::service::CorsacService;

/// Adds CORS to services, from a single policy or from an [`Engine`] whose policies can be reloaded
/// at run time.
///
/// Clones and the services they create share one engine, and each thread keeps one reader for all
/// of them.
///
/// ```
/// use corsac::PolicyBuilder;
/// use corsac_tower::CorsacLayer;
///
/// let policy = PolicyBuilder::new("api").allow_origins(["https://app.example.com"]).build()?;
/// let layer = CorsacLayer::from(policy);
/// assert_eq!(layer.engine().generation(), 1);
/// # Ok::<(), corsac::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct CorsacLayer {
    decider: Arc<Decider>,
}

impl CorsacLayer {
    /// The engine's only policy decides. If its document has routes, they choose the policy by the
    /// host and path of each request, and the engine [requires](Engine::require_routes) routes for as
    /// long as the layer and its services live: a reload to a document without any is refused. Without
    /// routes, a reload to several policies is refused, unless it brings routes.
    ///
    /// If the engine has several policies and no routes, no policy covers a request: choose one
    /// with [`named`](Self::named).
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        Self { decider: Arc::new(Decider::unnamed(engine.clone())) }
    }

    /// The policy with this name decides. The engine [requires](Engine::require) it for as long as the
    /// layer and its services live: a reload to a document without it is refused.
    ///
    /// # Errors
    /// The engine has no policy with this name.
    pub fn named(engine: &Engine, policy: &str) -> Result<Self, UnknownPolicy> {
        let decider = Decider::named(engine.clone(), policy).map_err(|_| {
            let known = engine.policies().iter().map(|(_, policy)| policy.name().into()).collect();
            UnknownPolicy { name: policy.into(), known }
        })?;
        Ok(Self { decider: Arc::new(decider) })
    }

    /// The engine that decides, for reloading and for counters.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.decider.engine()
    }
}

impl From<Policy> for CorsacLayer {
    fn from(policy: Policy) -> Self {
        Self::from(Policies::from(policy))
    }
}

impl From<Policies> for CorsacLayer {
    fn from(policies: Policies) -> Self {
        Self::new(&Engine::new(policies))
    }
}

impl<S> Layer<S> for CorsacLayer {
    type Service = CorsacService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CorsacService::new(inner, Arc::clone(&self.decider))
    }
}

/// The error for a name that no policy of an engine has.
#[derive(Clone, Debug)]
pub struct UnknownPolicy {
    name: Box<str>,
    known: Vec<Box<str>>,
}

impl fmt::Display for UnknownPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no policy `{}`; the document has `{}`", self.name, self.known.join("`, `"))
    }
}

impl Error for UnknownPolicy {}

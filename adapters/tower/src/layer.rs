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
    /// host and path of each request.
    ///
    /// If the engine has several policies and no routes, no policy covers a request: choose one
    /// with [`named`](Self::named).
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        Self { decider: Arc::new(Decider::new(engine.clone(), None)) }
    }

    /// The policy with this name decides. If a reload removes it, every request is denied until it
    /// returns.
    ///
    /// # Errors
    /// The engine has no policy with this name and never had one.
    pub fn named(engine: &Engine, policy: &str) -> Result<Self, UnknownPolicy> {
        let Some(id) = engine.policy_id(policy) else {
            let known = engine.policies().iter().map(|(_, policy)| policy.name().into()).collect();
            return Err(UnknownPolicy { name: policy.into(), known });
        };
        Ok(Self { decider: Arc::new(Decider::new(engine.clone(), Some(id))) })
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

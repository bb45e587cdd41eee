//! What a proxy is to serve, in the words of no configuration language.

use std::net::SocketAddr;

use serde::Deserialize;

/// A policy document, and places that use it.
#[derive(Debug)]
pub struct Site {
    /// The document, TOML.
    pub document: String,
    /// Places by their paths, the most specific of which serves a request.
    pub places: Vec<Place>,
    /// Who answers what is forwarded.
    pub upstream: SocketAddr,
}

/// Everything below a path.
#[derive(Clone, Debug)]
pub struct Place {
    /// Begins with a slash, and ends in one.
    pub path: String,
    pub target: Target,
    pub serves: Serves,
}

/// Who decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Policy(String),
    /// The document's routes.
    Route,
    Off,
}

/// What answers a request that is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    /// The upstream.
    Upstream,
    /// The upstream, behind an `access-control-allow-origin: *` and a `cache-control: public` that the
    /// proxy's own configuration adds to every response.
    Decorated,
    /// An upstream that nobody listens for: 502.
    Dead,
    /// The same, with a page of its own for it, which is at a place that is `off`.
    DeadWithPage,
    /// The upstream, if the file that is looked for first is missing, which it is.
    Fallback,
    /// Nobody is let in: 403.
    Forbidden,
    /// The upstream, for the user `user` with the password `secret`.
    Login,
    /// 301.
    Redirect,
    /// The upstream, compressed.
    Compressed,
    /// The upstream, with bodies of at most ten bytes: 413.
    Limited,
    /// The upstream, with connections that change their protocol.
    Upgraded,
    /// The file `file.txt`, sixteen bytes, last modified on Sun, 09 Sep 2001 01:46:40 GMT.
    File,
}

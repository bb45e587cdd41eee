//! Proxies under test: real servers on loopback, a client that writes what it is told byte for byte,
//! and an upstream in the test itself.
//!
//! An adapter gives a [`Proxy`]: how a [`Site`] is written in its server's configuration, and what
//! the server cannot carry. [`corpus`] and [`cases`] then hold it against the same tables as every
//! other.

pub mod cases;
pub mod corpus;
pub mod express;
pub mod haproxy;
pub mod lua;
pub mod nginx;
pub mod process;
pub mod site;
pub mod upstream;
pub mod wire;
pub mod wrk;

use std::fmt::Debug;
use std::net::SocketAddr;

use site::Site;
use wire::Request;

/// A kind of server with corsac in it.
pub trait Proxy: Sync {
    /// For messages.
    fn name(&self) -> &'static str;

    /// Why this server does not hand this request to its adapter as it was sent. `None`: it does.
    fn cannot(&self, request: &Request) -> Option<&'static str>;

    /// Starts a server for this site; it ends when what comes back is dropped.
    fn start(&self, site: &Site) -> Box<dyn Running>;
}

/// A server that runs, and answers at its address.
pub trait Running: Debug {
    fn address(&self) -> SocketAddr;

    /// What it wrote into its log so far, for messages.
    fn log(&self) -> String;
}

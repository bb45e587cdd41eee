//! HAProxy as one more hop: it forwards everything.

use std::net::SocketAddr;
use std::process::Command;

use tempfile::TempDir;

use super::process::{Process, free_port};
use super::wire::{Client, Request};

/// HAProxy, in front of one server.
#[derive(Debug)]
pub struct HaProxy {
    _process: Process,
    address: SocketAddr,
    _folder: TempDir,
}

impl HaProxy {
    pub fn start(server: SocketAddr) -> Self {
        let folder = tempfile::Builder::new().prefix("corsac-haproxy-").tempdir().unwrap();
        // Says that it is this HAProxy which answers, and nobody else at the same port.
        let name = folder.path().file_name().unwrap().to_str().unwrap().to_owned();
        for attempt in 0.. {
            let address = free_port();
            let file = folder.path().join("haproxy.cfg");
            std::fs::write(&file, configuration(address, server, &name)).unwrap();
            let mut command = program();
            command.arg("-db").arg("-f").arg(&file);
            let is_ready = || {
                let ready = Client::new(address).send(&Request::new("GET", "/haproxy-is-ready"));
                ready.is_ok_and(|response| response.body == name.as_bytes())
            };
            match Process::start(command, &folder.path().join("said"), is_ready) {
                Ok(process) => return Self { _process: process, address, _folder: folder },
                Err(error) if error.contains("in use") && attempt < 5 => {}
                Err(error) => panic!("HAProxy does not start: {error}"),
            }
        }
        unreachable!("the loop returns")
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

fn configuration(address: SocketAddr, server: SocketAddr, name: &str) -> String {
    format!(
        "global
    maxconn 256
    noreuseport
defaults
    mode http
    timeout connect 30s
    timeout client 30s
    timeout server 30s
frontend front
    bind {address}
    http-request return status 200 content-type text/plain string {name} if {{ path /haproxy-is-ready }}
    default_backend back
backend back
    server one {server}
"
    )
}

/// Debian has it where only root looks for programs.
fn program() -> Command {
    let debian = std::path::Path::new("/usr/sbin/haproxy");
    Command::new(if debian.exists() { debian.as_os_str() } else { "haproxy".as_ref() })
}

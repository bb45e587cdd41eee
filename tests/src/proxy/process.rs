//! A server's process.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How long a server may take to start, or to end.
const DEADLINE: Duration = Duration::from_secs(60);

/// A port that nobody uses now. Somebody else may take it before the server does, which then does not
/// start: see [`Process::start`].
pub fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A port that refuses connections for as long as this process lives: it is the local port of a connection,
/// so nobody else can listen on it.
pub fn refusing_port() -> SocketAddr {
    static CONNECTION: OnceLock<(TcpListener, TcpStream)> = OnceLock::new();
    let (_, client) = CONNECTION.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (listener, client)
    });
    client.local_addr().unwrap()
}

/// Waits until it is so; says what was waited for if it never is.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < DEADLINE, "not before the deadline: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A server that runs, and ends by a signal when it is dropped.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts a server and waits until it is ready; says why if it ends before.
    ///
    /// That somebody listens is no sign: it may be somebody else, and the server about to give up.
    pub fn start(mut command: Command, said: &Path, is_ready: impl Fn() -> bool) -> Result<Self, String> {
        let output = std::fs::File::create(said).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("`{}` cannot be run: {error} (tests/tools.sh installs it)", command.get_program().display())
        });
        let (mut process, started) = (Self(child), Instant::now());
        while !is_ready() {
            if let Some(status) = process.0.try_wait().unwrap() {
                return Err(format!("{status}: {}", std::fs::read_to_string(said).unwrap_or_default()));
            }
            assert!(started.elapsed() < DEADLINE, "the server is not ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(process)
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends a signal, by its name.
    pub fn signal(&self, name: &str) {
        signal(self.id(), name);
    }

    /// Waits for its end.
    pub fn end(&mut self) -> std::process::ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            if started.elapsed() > DEADLINE {
                self.0.kill().unwrap();
                panic!("the server does not end");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Sends a signal to any process that a test started.
pub fn signal(id: u32, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), id.to_string()]).status().unwrap();
    assert!(sent.success(), "kill -{name} {id}: {sent}");
}

/// The memory of a process that is no file's, in KiB: also what it still shares with the process that it
/// was forked from, or else a fork would make less of it.
pub fn memory(id: u32) -> u64 {
    rolled_up(id, "Anonymous:")
}

/// The memory that a process shares with no other, in KiB.
pub fn private_memory(id: u32) -> u64 {
    rolled_up(id, "Private_Dirty:")
}

fn rolled_up(id: u32, name: &str) -> u64 {
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap();
    let line = rollup.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.0.try_wait().unwrap().is_none() {
            self.signal("TERM");
            self.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusing_port_refuses() {
        let error = TcpStream::connect(refusing_port()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
        assert_eq!(TcpListener::bind(refusing_port()).unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
    }
}

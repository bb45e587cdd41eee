//! The application behind a proxy: it answers as the test says, and remembers what reached it.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::wire::{Line, parse_lines};

/// How a request is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// 101: what comes over the connection from then on is sent back.
    pub status: u16,
    pub headers: Vec<Line>,
    pub body: Vec<u8>,
}

impl Reply {
    /// 200, and a few bytes of text.
    pub fn plain() -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".into(), b"text/plain".to_vec())],
            body: b"upstream\n".to_vec(),
        }
    }

    /// With one more header line.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.as_bytes().to_vec()));
        self
    }
}

/// A request that reached the upstream.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: Vec<Line>,
    pub body: Vec<u8>,
}

impl Seen {
    /// The values of this header, in order.
    pub fn lines(&self, name: &str) -> Vec<&[u8]> {
        let lines = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| &value[..]).collect()
    }
}

#[derive(Debug, Default)]
struct Shared {
    replies: Mutex<HashMap<String, Reply>>,
    seen: Mutex<Vec<Seen>>,
    /// Whether replies wait.
    held: Mutex<bool>,
    released: Condvar,
    ending: AtomicBool,
}

/// A server on loopback, until it is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Upstream {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, shared) = (listener.local_addr().unwrap(), Arc::<Shared>::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if of_thread.ending.load(Ordering::Acquire) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&of_thread)) else { continue };
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, shared, thread: Some(thread) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What paths that begin so are answered with. All others get [`Reply::plain`].
    pub fn reply(&self, path: &str, reply: Reply) {
        self.shared.replies.lock().unwrap().insert(path.to_owned(), reply);
    }

    /// From now on whoever asks waits.
    pub fn hold(&self) {
        *self.shared.held.lock().unwrap() = true;
    }

    /// Answers all who wait.
    pub fn release(&self) {
        *self.shared.held.lock().unwrap() = false;
        self.shared.released.notify_all();
    }

    /// What reached the upstream since it was asked last.
    pub fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.release();
        self.shared.ending.store(true, Ordering::Release);
        let _wake = TcpStream::connect(self.address);
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    /// One request for each connection, as proxies do by default.
    fn serve(&self, mut stream: TcpStream) {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let Some(seen) = read(&mut stream) else { return };
        let reply = self.reply_to(&seen);
        self.seen.lock().unwrap().push(seen.clone());
        drop(self.released.wait_while(self.held.lock().unwrap(), |held| *held).unwrap());
        let mut head = format!("HTTP/1.1 {} -\r\n", reply.status).into_bytes();
        for (name, value) in &reply.headers {
            head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if reply.status == 101 {
            head.extend(b"\r\n");
            let _closed = stream.write_all(&head);
            echo(&mut stream);
            return;
        }
        head.extend(format!("connection: close\r\ncontent-length: {}\r\n\r\n", reply.body.len()).bytes());
        if seen.method != "HEAD" && reply.status != 304 {
            head.extend(&reply.body);
        }
        let _closed = stream.write_all(&head);
    }

    fn reply_to(&self, seen: &Seen) -> Reply {
        // Corpus cases cannot be told apart by their paths, which routes are chosen by.
        if let Some(origin) = seen.lines("x-upstream-grants").first() {
            return Reply::plain().header("access-control-allow-origin", &String::from_utf8_lossy(origin));
        }
        let replies = self.replies.lock().unwrap();
        let reply = replies.iter().find(|(path, _)| seen.path.starts_with(*path)).map(|(_, reply)| reply.clone());
        reply.unwrap_or_else(Reply::plain)
    }
}

fn read(stream: &mut TcpStream) -> Option<Seen> {
    let (mut bytes, mut buffer) = (vec![], [0; 65536]);
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut buffer) {
            Ok(length) if length > 0 => bytes.extend(&buffer[..length]),
            _ => return None,
        }
    };
    let mut lines = bytes[..end].split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = String::from_utf8_lossy(lines.next()?).into_owned();
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut seen = Seen { method, path, headers: parse_lines(lines).ok()?, body: vec![] };
    let length = seen.lines("content-length").first().and_then(|value| String::from_utf8_lossy(value).parse().ok());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length.unwrap_or(0) {
        match stream.read(&mut buffer) {
            Ok(length) if length > 0 => body.extend(&buffer[..length]),
            _ => return None,
        }
    }
    seen.body = body;
    Some(seen)
}

fn echo(stream: &mut TcpStream) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        if stream.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}

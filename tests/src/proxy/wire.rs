//! HTTP/1.1 as bytes: what a client of the tests sends, and what comes back, every line of it.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The longest wait for a byte. Nothing waits for so long unless it fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// One header line: a name and a value.
pub type Line = (String, Vec<u8>);

/// What is sent, as it is.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: Vec<u8>,
    pub path: Vec<u8>,
    pub host: Vec<u8>,
    /// All other lines; a body brings its own `content-length`.
    pub headers: Vec<Line>,
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers.
    pub fn new(method: &str, path: &str) -> Self {
        let host = b"corsac.test".to_vec();
        Self { method: method.into(), path: path.into(), host, headers: vec![], body: vec![] }
    }

    /// With one more header line.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// The values of this header, in order.
    pub fn lines(&self, name: &str) -> Vec<&[u8]> {
        lines(&self.headers, name)
    }

    /// Why no HTTP/1.1 message is this request: what is sent would be read as something else.
    pub fn is_no_message(&self) -> Option<&'static str> {
        let is_token = |bytes: &[u8]| {
            !bytes.is_empty()
                && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
        };
        let is_space = |byte: Option<&u8>| byte.is_some_and(|byte| *byte == b' ' || *byte == b'\t');
        if !is_token(&self.method) {
            return Some("the method is no token");
        }
        for (name, value) in &self.headers {
            if !is_token(name.as_bytes()) {
                return Some("a header's name is no token");
            }
            if value.iter().any(|byte| b"\0\r\n".contains(byte)) {
                return Some("a header's value holds NUL, CR or LF");
            }
            if is_space(value.first()) || is_space(value.last()) {
                return Some("white space around a header's value is no part of it");
            }
        }
        None
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = [&self.method[..], b" ", &self.path, b" HTTP/1.1\r\nhost: ", &self.host, b"\r\n"].concat();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        if !self.body.is_empty() {
            bytes.extend(format!("content-length: {}\r\n", self.body.len()).bytes());
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<Line>,
    pub body: Vec<u8>,
}

impl Response {
    /// The values of this header, in order.
    pub fn lines(&self, name: &str) -> Vec<&[u8]> {
        lines(&self.headers, name)
    }

    /// The value of a header that stands once at most, as text.
    pub fn line(&self, name: &str) -> Option<String> {
        let lines = self.lines(name);
        assert!(lines.len() < 2, "`{name}` stands {} times", lines.len());
        lines.first().map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The names in all `Vary` lines, in lower case, sorted.
    pub fn vary(&self) -> Vec<String> {
        let lines = self.lines("vary");
        let names = lines.iter().map(|line| String::from_utf8_lossy(line).to_ascii_lowercase());
        let mut names: Vec<String> =
            names.flat_map(|line| line.split(',').map(|name| name.trim().to_owned()).collect::<Vec<_>>()).collect();
        names.sort();
        names
    }
}

fn lines<'h>(headers: &'h [Line], name: &str) -> Vec<&'h [u8]> {
    headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| &value[..]).collect()
}

/// A client that keeps its connection as long as the server does.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    stream: Option<TcpStream>,
    /// Connections made so far.
    pub connections: usize,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, connections: 0 }
    }

    /// Sends a request and reads the whole response.
    ///
    /// A connection that the server closed since the last response is made anew, once.
    pub fn send(&mut self, request: &Request) -> Result<Response, String> {
        let kept = self.stream.is_some();
        match self.send_once(request) {
            Err(_) if kept => self.send_once(request),
            sent => sent,
        }
    }

    fn send_once(&mut self, request: &Request) -> Result<Response, String> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        // A server that refuses a request half-way answers and closes: what it said is still there.
        let written = stream.write_all(&request.to_bytes());
        let mut reader = Reader { stream: &mut stream, bytes: vec![] };
        let (response, is_open) = reader.response(&request.method).map_err(|error| format!("{error} ({written:?})"))?;
        if is_open && reader.bytes.is_empty() {
            self.stream = Some(stream);
        }
        Ok(response)
    }

    fn connect(&mut self) -> Result<TcpStream, String> {
        let stream = TcpStream::connect(self.address).map_err(|error| format!("no connection: {error}"))?;
        stream.set_read_timeout(Some(DEADLINE)).and(stream.set_write_timeout(Some(DEADLINE))).unwrap();
        stream.set_nodelay(true).unwrap();
        self.connections += 1;
        Ok(stream)
    }

    /// The connection itself, after a response of 101.
    pub fn into_stream(self) -> Option<TcpStream> {
        self.stream
    }
}

struct Reader<'s> {
    stream: &'s mut TcpStream,
    bytes: Vec<u8>,
}

impl Reader<'_> {
    /// The response to this method, and whether the connection goes on.
    fn response(&mut self, method: &[u8]) -> Result<(Response, bool), String> {
        let end = loop {
            if let Some(end) = self.bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end;
            }
            if !self.more()? {
                return Err(format!("closed in the midst of a head: {:?}", crate::bytes::shown(&self.bytes)));
            }
        };
        let head: Vec<u8> = self.bytes.drain(..end + 4).collect();
        let mut response = parse_head(&head[..end])?;
        let header = |name| response.line(name).unwrap_or_default().to_ascii_lowercase();
        let (length, is_chunked) = (header("content-length"), header("transfer-encoding") == "chunked");
        let is_open = header("connection") != "close";
        if method == b"HEAD" || response.status < 200 || [204, 304].contains(&response.status) {
            return Ok((response, is_open));
        }
        if is_chunked {
            response.body = self.chunks()?;
        } else if length.is_empty() {
            while self.more()? {}
            response.body = std::mem::take(&mut self.bytes);
            return Ok((response, false));
        } else {
            let length = length.parse().map_err(|_| format!("content-length: {length}"))?;
            response.body = self.take(length)?;
        }
        Ok((response, is_open))
    }

    fn chunks(&mut self) -> Result<Vec<u8>, String> {
        let mut body = vec![];
        loop {
            let end = loop {
                match self.bytes.windows(2).position(|bytes| bytes == b"\r\n") {
                    Some(end) => break end,
                    None if self.more()? => {}
                    None => return Err("closed in the midst of a body".into()),
                }
            };
            let line = self.take(end + 2)?;
            let size = std::str::from_utf8(&line[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
            let size = size.ok_or_else(|| format!("`{}` is no size of a chunk", crate::bytes::shown(&line)))?;
            let chunk = self.take(size + 2)?;
            if size == 0 {
                return Ok(body);
            }
            body.extend(&chunk[..size]);
        }
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>, String> {
        while self.bytes.len() < length {
            if !self.more()? {
                return Err(format!("closed after {} of {length} bytes", self.bytes.len()));
            }
        }
        Ok(self.bytes.drain(..length).collect())
    }

    /// False at the end.
    fn more(&mut self) -> Result<bool, String> {
        let mut buffer = [0; 65536];
        match self.stream.read(&mut buffer) {
            Ok(length) => {
                self.bytes.extend(&buffer[..length]);
                Ok(length > 0)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(true),
            Err(error) => Err(format!("no response: {error}")),
        }
    }
}

/// The head of a message without the empty line that ends it.
fn parse_head(head: &[u8]) -> Result<Response, String> {
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let status = first.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| format!("`{first}` is no status line"))?;
    Ok(Response { status, headers: parse_lines(lines)?, body: vec![] })
}

/// Header lines, without white space around their values.
pub fn parse_lines<'l>(lines: impl Iterator<Item = &'l [u8]>) -> Result<Vec<Line>, String> {
    lines
        .map(|line| {
            let colon = line.iter().position(|byte| *byte == b':');
            let colon = colon.ok_or_else(|| format!("`{}` is no header", crate::bytes::shown(line)))?;
            let name = String::from_utf8_lossy(&line[..colon]).into_owned();
            Ok((name, line[colon + 1..].trim_ascii().to_vec()))
        })
        .collect()
}

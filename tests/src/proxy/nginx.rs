//! nginx, with corsac in it as a module or by any other way that an nginx configuration can name.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::process::{Process, free_port, refusing_port, until};
use super::site::{Place, Serves, Site, Target};
use super::wire::Request;
use super::{Proxy, Running};
use crate::binary::{Ended, bounded};
use crate::native::root;
use crate::scratch::Scratch;

/// How corsac is named in nginx's configuration.
pub trait Dialect: Debug + Sync {
    fn name(&self) -> &'static str;

    /// Lines at the top of the file.
    fn main(&self) -> String;

    /// Lines of the http block; the document is at this path.
    fn http(&self, document: &Path) -> String;

    /// Lines of a location, one of which has every response show its decision: the headers
    /// `x-corsac-policy`, `-verdict`, `-reason`, `-rule` and `-generation`.
    fn place(&self, target: &Target) -> String;

    /// The program, or one that runs it.
    fn program(&self) -> Command {
        program()
    }
}

/// The C module, built for the nginx that is installed.
#[derive(Clone, Copy, Debug)]
pub struct Module;

impl Module {
    /// Where the module is.
    pub fn path() -> &'static Path {
        static MODULE: OnceLock<PathBuf> = OnceLock::new();
        let given = std::env::var_os("CORSAC_NGINX_MODULE").map(PathBuf::from);
        MODULE.get_or_init(|| given.unwrap_or_else(|| build(installed(), &[])))
    }
}

/// What `make install` installs, in a folder of the target folder: once, for whoever asks.
pub fn installed() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        // TARGET/PROFILE/deps/this
        let this = std::env::current_exe().unwrap();
        match this.ancestors().nth(2).and_then(Path::file_name).unwrap().to_str().unwrap() {
            "debug" => installed_as("dev"),
            profile => installed_as(profile),
        }
    })
}

/// The same, built with this of cargo's profiles.
pub fn installed_as(profile: &str) -> PathBuf {
    let this = std::env::current_exe().unwrap();
    let target = this.ancestors().nth(3).unwrap();
    let prefix = target.join(if profile == "dev" { "debug" } else { profile }).join("corsac-installed");
    let mut install = Command::new(root().join("ffi/install.sh"));
    install.env("PREFIX", &prefix).env("PROFILE", profile).env("CARGO", env!("CARGO"));
    install.env("CARGO_TARGET_DIR", target);
    for name in ["LIBDIR", "DESTDIR", "MAKEFLAGS", "MAKELEVEL"] {
        install.env_remove(name);
    }
    let ended = bounded(install, None, 900);
    assert!(ended.status.success(), "ffi/install.sh: {}", ended.said());
    prefix
}

/// Builds the module against what is installed there, with these arguments of `build.sh`.
pub fn build(prefix: &Path, arguments: &[&str]) -> PathBuf {
    let output = prefix.join(format!("nginx{}", arguments.concat().replace('/', "-")));
    let mut build = Command::new(root().join("adapters/nginx/build.sh"));
    build.arg("--output").arg(&output).args(arguments);
    build.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig"));
    let ended = bounded(build, None, 300);
    assert!(ended.status.success(), "adapters/nginx/build.sh: {}", ended.said());
    output.join("ngx_http_corsac_module.so")
}

/// Lines that have every response show the adapter's variables.
pub(super) const SHOWN: &str =
    "add_header x-corsac-policy $corsac_policy always; add_header x-corsac-verdict $corsac_verdict always; add_header x-corsac-reason $corsac_reason always;
add_header x-corsac-rule $corsac_rule always; add_header x-corsac-generation $corsac_generation always;";

impl Dialect for Module {
    fn name(&self) -> &'static str {
        "the nginx module"
    }

    fn main(&self) -> String {
        format!("load_module {};", Self::path().display())
    }

    fn http(&self, document: &Path) -> String {
        format!("corsac_policy_file {} poll=50ms;", document.display())
    }

    fn place(&self, target: &Target) -> String {
        match target {
            Target::Policy(name) => format!("corsac \"{name}\"; {SHOWN}"),
            Target::Route => format!("corsac route; {SHOWN}"),
            Target::Off => format!("corsac off; {SHOWN}"),
        }
    }
}

/// A running nginx, in a folder of its own.
#[derive(Debug)]
pub struct Server {
    process: Process,
    address: SocketAddr,
    scratch: Scratch,
}

/// The program; Debian has it where only root looks for programs. `CORSAC_NGINX` names another one, and
/// `CORSAC_NGINX_MODULE` the module that was built for it.
pub fn program() -> Command {
    let debian = PathBuf::from("/usr/sbin/nginx");
    let given = std::env::var_os("CORSAC_NGINX").map(PathBuf::from);
    Command::new(given.unwrap_or_else(|| if debian.exists() { debian } else { "nginx".into() }))
}

/// What every configuration of the tests begins with: no file outside of the prefix, and workers that
/// may read the test's files.
pub const GLOBAL: &str = "daemon off; user root; pid nginx.pid; error_log error.log info;
events { worker_connections 512; }";

/// The same, for the http block.
pub const HTTP: &str = "access_log off; client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;
uwsgi_temp_path t4; scgi_temp_path t5; large_client_header_buffers 16 4m; keepalive_requests 1000000000; default_type text/plain;";

/// `nginx -t`, in this folder.
pub fn check(folder: &Path, configuration: &str) -> Ended {
    std::fs::write(folder.join("nginx.conf"), configuration).unwrap();
    let mut command = program();
    command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "error.log", "-t"]);
    bounded(command, None, 60)
}

impl Server {
    /// Starts nginx in the folder of a document; the configuration is told where to listen.
    pub fn start(scratch: Scratch, configuration: impl Fn(SocketAddr, &Path) -> String) -> Self {
        Self::start_by(program, scratch, configuration)
    }

    /// The same, with this program.
    pub fn start_by(
        program: impl Fn() -> Command,
        scratch: Scratch,
        configuration: impl Fn(SocketAddr, &Path) -> String,
    ) -> Self {
        let folder = scratch.folder().to_owned();
        for attempt in 0.. {
            let address = free_port();
            std::fs::write(folder.join("nginx.conf"), configuration(address, &folder)).unwrap();
            let mut command = program();
            command.arg("-p").arg(&folder).args(["-c", "nginx.conf", "-e", "error.log"]);
            // Written behind the last thing that can fail, which is listening.
            let is_ready = || folder.join("nginx.pid").exists();
            match Process::start(command, &folder.join("said"), is_ready) {
                Ok(process) => return Self { process, address, scratch },
                Err(error) if error.contains("in use") && attempt < 5 => {}
                Err(error) => panic!("nginx does not start: {error}"),
            }
        }
        unreachable!("the loop returns")
    }

    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// The master's.
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    pub fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// The processes that serve requests, without those that are about to end.
    pub fn workers(&self) -> Vec<u32> {
        let id = self.process.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        let is_worker = |id: &u32| {
            let said = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            said.starts_with(b"nginx: worker process") && !said.starts_with(b"nginx: worker process is shutting down")
        };
        children.split_whitespace().map(|id| id.parse().unwrap()).filter(is_worker).collect()
    }

    /// Sends the master a signal, by its name. One that comes before the first worker is started is
    /// lost: it is taken then, and acted on at the next only.
    pub fn signal(&self, name: &str) {
        until("a worker is started", || !self.workers().is_empty());
        self.process.signal(name);
    }

    /// The workers, when there are so many.
    pub fn started_workers(&self, count: usize) -> Vec<u32> {
        until("all workers are started", || self.workers().len() == count);
        self.workers()
    }

    /// Waits until a line of the log has this text.
    pub fn until_logged(&self, text: &str) {
        until(&format!("`{text}` is logged, not\n{}", self.log()), || self.log().contains(text));
    }
}

impl Running for Server {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.scratch.folder().join("error.log")).unwrap_or_default()
    }
}

impl<D: Dialect> Proxy for D {
    fn name(&self) -> &'static str {
        Dialect::name(self)
    }

    fn cannot(&self, request: &Request) -> Option<&'static str> {
        let method = &request.method[..];
        if !method.iter().all(|byte| byte.is_ascii_uppercase() || b"_-".contains(byte)) {
            return Some("nginx refuses methods with other bytes than A to Z, `_` and `-`");
        }
        if method == b"TRACE" || method == b"CONNECT" {
            return Some("nginx answers TRACE and CONNECT with 405 itself");
        }
        let path = String::from_utf8_lossy(&request.path);
        let rewritten =
            path.contains("//") || path.contains('%') || path.split('/').any(|part| part == "." || part == "..");
        if rewritten {
            return Some("nginx decodes and normalises the path before it chooses");
        }
        if !path.starts_with('/') || path.contains([' ', '#']) || path.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Some("nginx refuses, or cuts, a path like this");
        }
        let host = &request.host[..];
        if host.is_empty()
            || host.contains(&b'/')
            || host.windows(2).any(|bytes| bytes == b"..")
            || host.iter().any(|byte| *byte <= b' ' || *byte == 0x7f)
        {
            return Some("nginx refuses a host like this");
        }
        None
    }

    fn start(&self, site: &Site) -> Box<dyn Running> {
        let scratch = Scratch::with("policy.toml", &site.document);
        scratch.write("users", "user:{PLAIN}secret\n");
        std::fs::create_dir(scratch.folder().join("files")).unwrap();
        let file = scratch.write("files/file.txt", "0123456789abcdef");
        let modified = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        std::fs::File::options().write(true).open(file).unwrap().set_modified(modified).unwrap();
        scratch.write("files/error.html", "a page of its own\n");
        let configuration = |address, folder: &Path| write_site(self, site, address, folder);
        Box::new(Server::start_by(|| self.program(), scratch, configuration))
    }
}

fn write_site(dialect: &dyn Dialect, site: &Site, address: SocketAddr, folder: &Path) -> String {
    let places: String =
        site.places.iter().enumerate().map(|(at, place)| write_place(dialect, site, place, at, folder)).collect();
    let (main, http) = (dialect.main(), dialect.http(&folder.join("policy.toml")));
    format!("{main}\n{GLOBAL}\nhttp {{\n{HTTP}\n{http}\nserver {{\nlisten {address};\n{places}}}\n}}\n")
}

fn write_place(dialect: &dyn Dialect, site: &Site, place: &Place, at: usize, folder: &Path) -> String {
    let Place { path, target, serves } = place;
    let (decides, off) = (dialect.place(target), dialect.place(&Target::Off));
    let (forward, dead) =
        (format!("proxy_pass http://{};", site.upstream), format!("proxy_pass http://{};", refusing_port()));
    let files = format!("{}/files", folder.display());
    let mut beside = String::new();
    let serving = match serves {
        Serves::Upstream => forward,
        Serves::Decorated => format!(
            "add_header Access-Control-Allow-Origin * always; add_header Cache-Control public always; {forward}"
        ),
        Serves::Dead => dead,
        Serves::DeadWithPage => {
            beside = format!("location = /error-{at}.html {{ internal; {off} alias {files}/error.html; }}\n");
            format!("error_page 502 /error-{at}.html; {dead}")
        }
        Serves::Fallback => {
            beside = format!("location @fallback{at} {{ {off} {forward} }}\n");
            format!("root {files}; try_files /missing @fallback{at};")
        }
        Serves::Forbidden => format!("deny all; {forward}"),
        Serves::Login => {
            format!("auth_basic test; auth_basic_user_file {}/users; {forward}", folder.display())
        }
        Serves::Redirect => "return 301 https://elsewhere.example/;".into(),
        Serves::Compressed => {
            format!("gzip on; gzip_min_length 1; gzip_vary on; gzip_proxied any; gzip_types text/plain; {forward}")
        }
        Serves::Limited => format!("client_max_body_size 10; {forward}"),
        Serves::Upgraded => format!(
            "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; {forward}"
        ),
        Serves::File => format!("alias {files}/;"),
    };
    format!("location {path} {{\n{decides}\n{serving}\n}}\n{beside}")
}

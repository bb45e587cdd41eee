//! nginx with its Lua module, and corsac in it by way of LuaJIT's FFI.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::nginx::{Dialect, SHOWN, installed};
use super::site::Target;
use crate::native::root;

/// `adapters/lua` in Debian's nginx.
#[derive(Clone, Copy, Debug)]
pub struct Lua;

impl Lua {
    /// The library that it loads.
    pub fn library() -> &'static Path {
        static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
        LIBRARY.get_or_init(|| installed().join("lib/libcorsac.so.0"))
    }

    /// Lines of the http block, with these settings of `corsac.open` besides the library.
    pub fn open(settings: &str) -> String {
        Self::open_library(Self::library(), settings)
    }

    /// The same, with this library.
    pub fn open_library(library: &Path, settings: &str) -> String {
        let (folder, library) = (root().join("adapters/lua"), library.display());
        format!(
            "lua_package_path \"{}/?.lua;;\"; include {}/variables.conf; rewrite_by_lua_no_postpone on;
init_by_lua_block {{ require(\"corsac\").open {{ library = \"{library}\", {settings} }} }}
init_worker_by_lua_block {{ require(\"corsac\").start() }}
header_filter_by_lua_block {{ require(\"corsac\").headers() }}",
            folder.display(),
            folder.display()
        )
    }

    /// Lines of a server or location that has this target.
    pub fn target(target: &str) -> String {
        format!(
            "rewrite_by_lua_block {{ require(\"corsac\").access({target:?}) }}
header_filter_by_lua_block {{ require(\"corsac\").headers({target:?}) }}"
        )
    }
}

impl Dialect for Lua {
    fn name(&self) -> &'static str {
        "the Lua module"
    }

    fn main(&self) -> String {
        let modules = Path::new("/usr/lib/nginx/modules");
        let load = |name| format!("load_module {};", modules.join(name).display());
        [load("ndk_http_module.so"), load("ngx_http_lua_module.so")].join("\n")
    }

    fn http(&self, document: &Path) -> String {
        // A site is told which policies it has only later.
        Self::open(&format!("file = \"{}\", policies = false, poll = 0.05", document.display()))
    }

    fn place(&self, target: &Target) -> String {
        let name = match target {
            Target::Policy(name) => name,
            Target::Route => "route",
            Target::Off => "off",
        };
        format!("{}\n{SHOWN}", Self::target(name))
    }
}

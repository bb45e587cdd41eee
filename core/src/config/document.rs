//! Policy documents: TOML, or JSON of the same shape.
//!
//! A document is read into one tree of values with their places, whatever its notation; the rest
//! knows nothing of TOML or JSON. Reading does no file I/O: the caller supplies the list files that
//! a document names. [`KEYS`] describes every key of the policy language.

mod beside;
mod draft;
mod expectation;
mod json;
mod key;
mod keys;
mod list;
mod node;
mod origin_rows;
mod reader;
mod routes;
mod schema;
mod suggestion;
mod table;
mod toml;
mod variable;
mod write;

use crate::config::diagnostic::{Code, Collector, ConfigError, Diagnostic, Place, SourceId};
use crate::config::routes::resolve;
use crate::policy::Policies;
use beside::Beside;
use draft::PolicyDraft;
use list::{ListSource, Lists};
use node::Node;
use variable::Variables;

pub use key::{Key, Kind, Section};
pub use keys::KEYS;
pub use list::{ListError, ListFiles, MAX_LIST};
pub use reader::MAX_ORIGINS;
pub use schema::schema;
pub use variable::Variable;

/// The largest document, in bytes.
pub const MAX_DOCUMENT: u64 = 64 << 20;

/// The notation of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// TOML.
    #[default]
    Toml,
    /// JSON of the same shape.
    Json,
}

/// A document that is to be loaded.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    /// What diagnostics call it: a path, usually.
    pub name: &'a str,
    /// Its content, which must be UTF-8.
    pub bytes: &'a [u8],
    /// How it is written.
    pub format: Format,
}

/// A document that was accepted.
#[derive(Debug)]
#[non_exhaustive]
pub struct Loaded {
    /// What it says, compiled.
    pub policies: Policies,
    /// Warnings and notes, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads, checks and compiles a document. `read_list` gives the content of a list by the path that the
/// document names, once for each path. Lists from memory are whole; for files, which can be cut, and for
/// environment variables see [`load_with_files`].
///
/// Time and memory are linear in the size of the document and its lists.
///
/// # Errors
/// Every diagnostic at once, if one of them is an error: then there is no policy at all.
pub fn load(
    document: &Document<'_>,
    read_list: &mut dyn FnMut(&str) -> Result<Vec<u8>, ListError>,
) -> Result<Loaded, ConfigError> {
    load_from(document, ListSource::Memory(read_list))
}

/// As [`load`], with lists that are read from files: each must end with a line feed, unless it is empty.
///
/// # Errors
/// As [`load`]; `list/unterminated` for a list that does not end with a line feed.
pub fn load_with_files(document: &Document<'_>, files: &mut dyn ListFiles) -> Result<Loaded, ConfigError> {
    load_from(document, ListSource::Files(files))
}

fn load_from(document: &Document<'_>, lists: ListSource<'_>) -> Result<Loaded, ConfigError> {
    let text = match text(document) {
        Ok(text) => text,
        Err(error) => return Err(*error),
    };
    let mut collector = Collector::default();
    collector.sources().add(document.name, text);
    let parsed = match document.format {
        Format::Toml => toml::parse(text, &mut collector),
        Format::Json => json::parse(text, &mut collector),
    };
    // With a syntax error the tree has holes, and what is missing from it would be reported too.
    let root = match (parsed, collector.reported()) {
        (Ok(root), None) => root,
        (Err(reported), _) | (Ok(_), Some(reported)) => return Err(collector.refuse(reported)),
    };
    let mut source = lists;
    let variables = Variables::read(&root, &mut |name| source.variable(name));
    let lists = Lists::read(&root, source);
    load_tree(&root, Beside { lists: &lists, variables: &variables }, collector)
}

fn load_tree<'a>(root: &'a Node<'_>, beside: Beside<'a>, mut collector: Collector<'a>) -> Result<Loaded, ConfigError> {
    let draft = match reader::read(root, beside, &mut collector) {
        Ok(draft) => draft,
        Err(reported) => return Err(collector.refuse(reported)),
    };
    let mut policies = Vec::with_capacity(draft.policies.len());
    for PolicyDraft { builder, expectations } in &draft.policies {
        let Ok(policy) = builder.compile(&mut collector) else { continue };
        collector.enter_policy(Some(&builder.name.text));
        expectations.iter().for_each(|expectation| expectation.check(&policy, &mut collector));
        policies.push(policy);
    }
    collector.enter_policy(None);
    let names: Vec<&str> = draft.policies.iter().map(|policy| policy.builder.name.text.as_ref()).collect();
    let routes = resolve(&names, &draft.routes, &mut collector);
    if let Some(reported) = collector.reported() {
        return Err(collector.refuse(reported));
    }
    let policies = Policies::routed(policies, routes, draft.unrouted);
    Ok(Loaded { policies, diagnostics: collector.finish() })
}

fn text<'a>(document: &Document<'a>) -> Result<&'a str, Box<ConfigError>> {
    if document.bytes.len() as u64 > MAX_DOCUMENT {
        return Err(Box::new(too_large(document.name)));
    }
    core::str::from_utf8(document.bytes).map_err(|error| {
        let mut collector = Collector::default();
        let (valid, _) = document.bytes.split_at_checked(error.valid_up_to()).unwrap_or_default();
        let valid = core::str::from_utf8(valid).unwrap_or_default();
        collector.sources().add(document.name, valid);
        let end = valid.len() as u32;
        let place = Place { source: SourceId::DOCUMENT, start: end, end };
        let help = "save the document as UTF-8";
        let message = "the document is not UTF-8".into();
        let reported = collector.error(Code::DocumentNotUtf8, Some(place), message, help.into());
        Box::new(collector.refuse(reported))
    })
}

/// A document over the limit, for loaders that find out before they have read it.
#[must_use]
pub fn too_large(name: &str) -> ConfigError {
    let message = format!("the document is larger than {} MiB", MAX_DOCUMENT >> 20);
    ConfigError::unavailable(name, Code::DocumentTooLarge, message, "move long lists into list files")
}

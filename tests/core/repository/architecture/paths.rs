//! Every path that a crate's code names, followed to what it means. Code under `#[cfg(test)]` is
//! passed over.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The modules of a crate with the paths in them.
#[derive(Debug, Default)]
pub struct House {
    modules: BTreeSet<String>,
    /// What a module imports, re-exports included: module and name to path.
    imports: BTreeMap<(String, String), Vec<String>>,
    written: Vec<Written>,
    /// Files other than `lib.rs`, as modules. A module inside a file belongs to the file.
    files: BTreeSet<String>,
    /// Names that a module uses alone, without a path: module and name.
    lone: BTreeSet<(String, String)>,
}

/// A path as it is written, relative to its module.
#[derive(Debug)]
struct Written {
    module: String,
    path: Vec<String>,
    line: usize,
    /// The name under which an import passes the path on to other modules.
    exported: Option<String>,
}

/// A path as it is meant, and who names it.
#[derive(Debug)]
pub struct Named {
    pub module: String,
    pub path: String,
    pub line: usize,
}

impl House {
    /// Reads all modules of a crate: `lib.rs`, `a.rs`, `a/b.rs`.
    pub fn read(source: &Path) -> Self {
        let mut house = Self::default();
        for file in rust_files(source) {
            let inside = file.strip_prefix(source).unwrap().with_extension("");
            let names = inside.iter().map(|name| name.to_str().unwrap()).filter(|name| *name != "lib");
            let module = std::iter::once("crate").chain(names).collect::<Vec<_>>().join("::");
            house.add_file(&module, &std::fs::read_to_string(&file).unwrap());
        }
        house
    }

    /// Adds a module that is a file of its own. The root passes names on and uses none.
    pub fn add_file(&mut self, module: &str, code: &str) {
        self.add(module, code);
        if module != "crate" {
            self.files.insert(module.into());
        }
    }

    /// Adds the code of one module.
    pub fn add(&mut self, module: &str, code: &str) {
        let file = syn::parse_file(code).unwrap_or_else(|error| panic!("{module}: {error}"));
        self.modules.insert(module.into());
        Reader { house: self, module: module.into() }.visit_file(&file);
    }

    pub fn has(&self, module: &str) -> bool {
        self.modules.contains(module)
    }

    /// Every path, as far as it can be followed.
    pub fn named(&self) -> Vec<Named> {
        let named = |written: &Written| {
            let path = self.follow(&written.module, written.path.clone(), 0).join("::");
            Named { module: written.module.clone(), path, line: written.line }
        };
        self.written.iter().map(named).collect()
    }

    /// Which file uses names of which other files. A re-export is no use, unless its own module uses
    /// the name, too.
    pub fn arrows(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for written in &self.written {
            let passed_on = written.exported.as_ref();
            if passed_on.is_some_and(|name| !self.lone.contains(&(written.module.clone(), name.clone()))) {
                continue;
            }
            let path = self.follow(&written.module, written.path.clone(), 0);
            if let (Some(from), Some(to)) = (self.file(written.module.split("::")), self.file(path.iter()))
                && from != to
            {
                arrows.entry(from).or_default().insert(to);
            }
        }
        arrows
    }

    /// The file that a path leads into.
    fn file<S: AsRef<str>>(&self, path: impl Iterator<Item = S>) -> Option<String> {
        let mut module = String::new();
        let mut file = None;
        for name in path {
            module = if module.is_empty() { name.as_ref().into() } else { format!("{module}::{}", name.as_ref()) };
            if self.files.contains(&module) {
                file = Some(module.clone());
            }
        }
        file
    }

    /// Files that use each other, directly or through others: each group once.
    pub fn circles(&self) -> Vec<BTreeSet<String>> {
        let arrows = self.arrows();
        let reach = |start: &String| {
            let mut seen = BTreeSet::new();
            let mut next = vec![start];
            while let Some(file) = next.pop() {
                next.extend(arrows.get(file).into_iter().flatten().filter(|to| seen.insert((*to).clone())));
            }
            seen
        };
        let reached: BTreeMap<&String, BTreeSet<String>> = arrows.keys().map(|file| (file, reach(file))).collect();
        let circle = |file: &String| -> BTreeSet<String> {
            let both = |other: &&String| reached[file].contains(*other) && reached[*other].contains(file);
            reached.keys().copied().filter(both).cloned().collect()
        };
        let circles: BTreeSet<_> =
            reached.keys().map(|file| circle(file)).filter(|circle| !circle.is_empty()).collect();
        circles.into_iter().collect()
    }

    /// Makes a path start at `crate` or at another crate, through imports and re-exports.
    fn follow(&self, module: &str, path: Vec<String>, depth: usize) -> Vec<String> {
        let here = || module.split("::").map(String::from);
        let absolute: Vec<String> = match path[0].as_str() {
            "crate" => path,
            "self" => here().chain(path[1..].iter().cloned()).collect(),
            "super" => {
                let levels = path.iter().take_while(|name| *name == "super").count();
                let kept = here().count().saturating_sub(levels).max(1);
                here().take(kept).chain(path[levels..].iter().cloned()).collect()
            }
            name => {
                if let Some(import) = self.imports.get(&(module.into(), name.into())).filter(|_| depth < 16) {
                    // `use toml;` and the like import a name as itself.
                    if import[0] != name {
                        return self.follow(module, [import.as_slice(), &path[1..]].concat(), depth + 1);
                    }
                }
                if self.modules.contains(&format!("{module}::{name}")) { here().chain(path).collect() } else { path }
            }
        };
        self.follow_exports(absolute, depth)
    }

    fn follow_exports(&self, path: Vec<String>, depth: usize) -> Vec<String> {
        for end in (1..path.len()).rev() {
            let module = path[..end].join("::");
            let import = self.imports.get(&(module.clone(), path[end].clone()));
            if let Some(import) = import.filter(|_| depth < 16 && !self.has(&path[..=end].join("::"))) {
                return self.follow(&module, [import.as_slice(), &path[end + 1..]].concat(), depth + 1);
            }
        }
        path
    }
}

struct Reader<'h> {
    house: &'h mut House,
    module: String,
}

impl Reader<'_> {
    fn write(&mut self, path: Vec<String>, span: Span, exported: Option<String>) {
        if !path.is_empty() {
            let line = span.start().line;
            self.house.written.push(Written { module: self.module.clone(), path, line, exported });
        }
    }

    fn import(&mut self, tree: &syn::UseTree, prefix: &[String], span: Span, exported: bool) {
        let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        let (path, name) = match tree {
            syn::UseTree::Path(path) => return self.import(&path.tree, &with(&path.ident), span, exported),
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.import(tree, prefix, span, exported));
            }
            syn::UseTree::Glob(_) => return self.write(prefix.to_vec(), span, None),
            syn::UseTree::Rename(rename) => (with(&rename.ident), rename.rename.to_string()),
            syn::UseTree::Name(name) if name.ident == "self" => (prefix.to_vec(), prefix.last().unwrap().clone()),
            syn::UseTree::Name(name) => (with(&name.ident), name.ident.to_string()),
        };
        self.house.imports.insert((self.module.clone(), name.clone()), path.clone());
        self.write(path, span, exported.then_some(name));
    }

    fn use_alone(&mut self, name: String) {
        self.house.lone.insert((self.module.clone(), name));
    }

    /// Paths among tokens that are no syntax tree: in macros and attributes.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = vec![];
        let (mut colons, mut span) = (0, Span::call_site());
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.finish(&mut path, span);
                        span = ident.span();
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.finish(&mut path, span);
                    colons = 0;
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.finish(&mut path, span);
                    colons = 0;
                }
            }
        }
        self.finish(&mut path, span);
    }

    /// A lone name among tokens may be anything: a variable, a field, a word.
    fn finish(&mut self, path: &mut Vec<String>, span: Span) {
        let path = std::mem::take(path);
        path.first().into_iter().for_each(|name| self.use_alone(name.clone()));
        if path.len() > 1 {
            self.write(path, span, None);
        }
    }
}

fn names(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    let is_test = |attribute: &syn::Attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    };
    attributes.iter().any(is_test)
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            syn::Item::Const(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let outer = self.module.clone();
        self.module = format!("{outer}::{}", item.ident);
        if item.content.is_some() {
            self.house.modules.insert(self.module.clone());
        }
        visit::visit_item_mod(self, item);
        self.module = outer;
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.import(&item.tree, &[], item.span(), !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A lone name is what an import or the module itself gave it, and was seen there.
        path.segments.first().into_iter().for_each(|segment| self.use_alone(segment.ident.to_string()));
        if path.segments.len() > 1 {
            self.write(names(path), path.span(), None);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.write(names(&call.path), call.path.span(), None);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }
}

/// All Rust files below a folder.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != "target" {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The lines on which the keyword `unsafe` stands, in code, tests and macros. The attribute
/// `#[unsafe(no_mangle)]`, which gives a function its name in C, is none where `exported` says so.
pub fn unsafe_lines(code: &str, exported: bool) -> Vec<usize> {
    fn walk(tokens: TokenStream, exported: bool, lines: &mut Vec<usize>) {
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if ident == "unsafe" => lines.push(ident.span().start().line),
                TokenTree::Group(group) if !(exported && is_export(&group)) => walk(group.stream(), exported, lines),
                _ => {}
            }
        }
    }
    fn is_export(group: &proc_macro2::Group) -> bool {
        let tokens: Vec<_> = group.stream().into_iter().map(|token| token.to_string()).collect();
        group.delimiter() == proc_macro2::Delimiter::Bracket && tokens == ["unsafe", "(no_mangle)"]
    }
    let mut lines = vec![];
    walk(code.parse().expect("Rust code"), exported, &mut lines);
    lines
}

/// Whether the comment that ends above this line, or one of its paragraphs, begins with `SAFETY:`.
pub fn is_argued(code: &str, line: usize) -> bool {
    let above: Vec<&str> = code.lines().take(line - 1).map(str::trim_start).collect();
    above.iter().rev().take_while(|text| text.starts_with("//")).any(|text| text.starts_with("// SAFETY: "))
}

//! The corpus as one file that a C program reads without a parser: numbers of four bytes in the
//! machine's order, and texts that begin with their length, `u32::MAX` being none. Nothing is
//! expected here that the corpus does not say, but one field that it has no word for, the deciding
//! policy, which is taken from the engine that the corpus is held against in `corpus_rust.rs`.
//! `tests/c/programs/table.c` reads it.

use std::collections::BTreeMap;
use std::path::Path;

use corsac::{Policies, Policy, Request};

use crate::bytes::unescape;
use crate::corpus::{self, Case, Expected, Format, Load, Theme};
use crate::engine;
use crate::question::Question;
use crate::scratch::Scratch;

const END: u32 = 0;
const DOCUMENT: u32 = 1;
const LOAD: u32 = 2;
const NONE: u32 = u32::MAX;

/// What was written, and the folders of the documents that it speaks of.
#[derive(Debug)]
pub struct Table {
    bytes: Vec<u8>,
    scratches: Vec<Scratch>,
    /// How many decisions are in it.
    pub cases: usize,
    /// How many loads are in it.
    pub loads: usize,
}

impl Table {
    /// The whole corpus; `loads` that are refused for their size alone are left out if `small`,
    /// which is for tools that run a program fifty times slower.
    pub fn of_corpus(small: bool) -> Self {
        let mut table = Self { bytes: vec![], scratches: vec![], cases: 0, loads: 0 };
        for theme in corpus::read() {
            for (name, text) in &theme.documents {
                table.document(&theme, name, text);
            }
            for load in &theme.loads {
                if !(small && is_large(load)) {
                    table.load(&theme, load);
                }
            }
        }
        table.number(END);
        table
    }

    /// Puts the table into a file. It is of use for as long as `self` lives.
    pub fn write(&self, path: &Path) {
        std::fs::write(path, &self.bytes).unwrap();
    }

    fn number(&mut self, number: u32) {
        self.bytes.extend(number.to_ne_bytes());
    }

    fn len(&mut self, len: usize) {
        self.number(u32::try_from(len).unwrap());
    }

    fn text(&mut self, text: impl AsRef<[u8]>) {
        self.len(text.as_ref().len());
        self.bytes.extend(text.as_ref());
    }

    fn optional(&mut self, text: Option<impl AsRef<[u8]>>) {
        match text {
            Some(text) => self.text(text),
            None => self.number(NONE),
        }
    }

    fn document(&mut self, theme: &Theme, name: &str, text: &str) {
        let policies = engine::policies(text);
        let cases: Vec<&Case> = theme.cases.iter().filter(|case| case.document == name).collect();
        self.number(DOCUMENT);
        self.text(format!("{}: `{name}`", theme.file));
        self.text(text);
        self.len(cases.len());
        for case in cases {
            self.case(theme, case, &policies);
        }
    }

    fn case(&mut self, theme: &Theme, case: &Case, policies: &Policies) {
        self.cases += 1;
        let question = Question::of(case);
        let Question { method, headers, route, .. } = &question;
        let name = case.policy.as_deref().or_else(|| Some(policies.get(policies.only()?)?.name()));

        self.text(format!("{}: `{}`", theme.file, case.name));
        self.optional(if route.is_some() { None } else { Some(name.expect("one policy")) });
        self.optional(route.as_ref().map(|(host, _)| host));
        self.optional(route.as_ref().map(|(_, path)| path));
        self.text(method);
        self.len(headers.len());
        for (name, value) in headers {
            self.text(name);
            self.text(value);
        }

        let target = question.target(policies).unwrap();
        let deciding = policies.decide(target, &Request::from_headers(method, &question.lines())).policy();

        let expect = &case.expect;
        self.text(&expect.verdict);
        self.text(&expect.reason);
        self.text(expect.failed.join(", "));
        self.number(expect.status.unwrap_or(0).into());
        self.text(expect.vary.join(", "));
        self.text(&expect.upstream);
        self.optional(deciding.and_then(|id| policies.get(id)).map(Policy::name));
        self.number(expect.grant.unwrap_or(NONE));
        self.optional(expect.rule.as_ref());
        self.len(expect.set.len());
        for (name, value) in &expect.set {
            self.text(name);
            self.text(value.to_bytes().unwrap());
        }
    }

    fn load(&mut self, theme: &Theme, load: &Load) {
        self.loads += 1;
        let scratch = Scratch::of(load);
        self.number(LOAD);
        self.text(format!("{}: `{}`", theme.file, load.name));
        self.text(scratch.document().to_str().expect("a folder of UTF-8"));
        // What a document without list files says, it says from memory too.
        // A document in memory has no files beside it.
        let names_lists =
            !load.lists.is_empty() || load.diagnostics.iter().any(|found| found.code.starts_with("list/"));
        self.optional(if names_lists { None } else { text_of(load) });
        self.number((load.format == Format::Json).into());
        self.number(load.is_accepted().into());
        let each = load.diagnostics.iter().flat_map(|expected| (0..expected.times).map(move |time| (expected, time)));
        let (each, cut): (Vec<_>, Vec<_>) = match load.is_accepted() {
            true => kept(each),
            false => (each.collect(), vec![]),
        };
        self.len(each.len() + cut.len());
        for (expected, time) in each {
            self.text(&expected.code);
            self.text(&expected.severity);
            self.optional(expected.policy.as_ref());
            self.optional(expected.file.as_ref());
            self.number(expected.line.map_or(0, |line| line + time));
            self.number(expected.column.unwrap_or(0));
            self.len(expected.says.len());
            for text in &expected.says {
                self.text(text);
            }
        }
        for expected in cut {
            self.text(&expected.code);
            self.text(&expected.severity);
            self.optional(None::<&str>);
            self.optional(None::<&str>);
            self.number(0);
            self.number(0);
            self.len(0);
        }
        self.scratches.push(scratch);
    }
}

/// What an engine keeps of these: ten of each code and severity, and one that stands for the rest.
fn kept<'l>(each: impl Iterator<Item = (&'l Expected, u32)>) -> (Vec<(&'l Expected, u32)>, Vec<&'l Expected>) {
    let mut counts = BTreeMap::new();
    let (mut shown, mut cut) = (vec![], vec![]);
    for (expected, time) in each {
        let count = counts.entry((&expected.code, &expected.severity)).or_insert(0);
        *count += 1;
        match *count {
            1..=10 => shown.push((expected, time)),
            11 => cut.push(expected),
            _ => {}
        }
    }
    (shown, cut)
}

fn text_of(load: &Load) -> Option<Vec<u8>> {
    let text = load.text.as_ref().map(|text| text.to_bytes().unwrap());
    text.or_else(|| load.bytes.as_ref().map(|bytes| unescape(bytes).unwrap()))
}

fn is_large(load: &Load) -> bool {
    let diagnostics: u32 = load.diagnostics.iter().map(|expected| expected.times).sum();
    let bytes = size_of_files(load);
    diagnostics > 1000 || bytes > 1 << 20
}

/// How many bytes all files of a load have.
fn size_of_files(load: &Load) -> u64 {
    let scratch = Scratch::of(load);
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let lists: u64 = load.lists.keys().map(|name| size(&scratch.folder().join(name))).sum();
    size(scratch.document()) + lists
}

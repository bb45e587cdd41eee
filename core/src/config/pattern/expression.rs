//! Regular expressions as rows: accepted only with a proof of what they can match.
//!
//! An expression is parsed once. The same parsed form is proved (`proof`) and compiled, so there is
//! no second reading that could differ. It is always matched whole, on bytes, by an automaton of
//! bounded size, and only on origins that parsed as valid.

use regex_automata::dfa::dense;
use regex_automata::nfa::thompson;
use regex_syntax::ast::{self, Ast};
use regex_syntax::hir::{Hir, HirKind, Look, translate::TranslatorBuilder};

use super::fault::{Fault, PatternError};
use super::plain::plain_row;
use super::proof::{self, Proof};
use super::way_out;
use crate::config::diagnostic::{Code, quote};
use crate::matcher::{Dfa, Literal};
use crate::origin::Origin;

/// The largest automaton of an expression, in bytes.
pub(crate) const MAX_AUTOMATON: usize = 1 << 20;

/// How deep groups may nest.
const MAX_NESTING: u32 = 64;

/// An expression that can be compiled, and what is proved of it.
#[derive(Debug)]
pub(crate) struct Expression {
    pub(crate) dfa: Dfa,
    /// `Err`: why there is no proof.
    pub(crate) proof: Result<Proof, PatternError>,
    /// A plain row that says the same.
    pub(crate) plain_row: Option<String>,
}

impl Expression {
    /// The literals that every host it matches ends in one of; none where nothing is proved.
    pub(crate) fn literals(&self) -> Vec<Literal> {
        let ends = self.proof.as_ref().map(|proof| proof.ends.as_slice()).unwrap_or_default();
        ends.iter().map(|end| Literal::host_end(&end.text)).collect()
    }

    /// Parses, proves and compiles.
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        let hir = parse(text).map_err(|fault| fault.explain_expression(text))?;
        let dfa = compile(&hir).map_err(|fault| fault.explain_expression(text))?;
        let proof = (proof::prove(&hir).and_then(|proof| probe(&dfa, proof)))
            .map_err(|fault| with_way_out(fault, text, &hir).explain_expression(text));
        let plain_row = plain_row(&hir);
        Ok(Self { dfa, proof, plain_row })
    }
}

/// Whether an expression would be accepted, without building its automaton: a help is looked for in every
/// row that is refused.
pub(super) fn is_proved(text: &str) -> bool {
    parse(text).is_ok_and(|hir| proof::prove(&hir).is_ok())
}

/// Why there is no proof, with an expression or row that would be accepted as help, if one is found.
fn with_way_out(fault: Fault, text: &str, hir: &Hir) -> Fault {
    if let Some(escaped) = way_out::with_escaped_dots(text).filter(|text| is_proved(text)) {
        return fault.help(format!("`.` is any character; write `\\.` for a dot: {}", quote(&escaped)));
    }
    match way_out::glob(hir).filter(|_| fault.is(Code::RegexPublicSuffix) || fault.is(Code::RegexDomain)) {
        Some(row) => fault.help(format!(
            "serve the pages from a domain of your own, or accept the risk with the row `{{ pattern = \"{row}\", dangerously_allow_public_suffix = true }}`"
        )),
        None => fault,
    }
}

fn parse(text: &str) -> Result<Hir, Fault> {
    if !text.is_ascii() {
        let fault =
            Fault::new(Code::RegexNotAscii, "has non-ASCII characters, which an `Origin` header never contains");
        return Err(fault.help("write names in their `xn--` form"));
    }
    let ast = ast::parse::ParserBuilder::new().nest_limit(MAX_NESTING).build().parse(text);
    let ast = ast.map_err(|error| syntax(&error.kind().to_string()))?;
    refuse_flags(&ast)?;
    let mut translator = TranslatorBuilder::new().unicode(false).utf8(false).build();
    let hir = translator.translate(text, &ast).map_err(|error| syntax(&error.kind().to_string()))?;
    let hir = without_anchors(hir);
    if !hir.properties().look_set().is_empty() {
        let fault = Fault::new(Code::RegexLook, "has an anchor other than an outer `^` or `$`, or a word boundary");
        return Err(fault.help("remove it: expressions always match the whole origin"));
    }
    Ok(hir)
}

fn syntax(what: &str) -> Fault {
    let fault = Fault::new(Code::RegexSyntax, format!("is not a regular expression: {what}"));
    fault.help("fix the expression; its syntax is that of the Rust crate `regex`, without Unicode")
}

/// Flags change what the rest of an expression means, and a reader overlooks them.
fn refuse_flags(ast: &Ast) -> Result<(), Fault> {
    struct Flags;
    impl ast::Visitor for Flags {
        type Output = ();
        type Err = ();

        fn finish(self) -> Result<(), ()> {
            Ok(())
        }

        fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
            match ast {
                Ast::Flags(_) => Err(()),
                Ast::Group(group) if group.flags().is_some_and(|flags| !flags.items.is_empty()) => Err(()),
                _ => Ok(()),
            }
        }
    }
    ast::visit(ast, Flags).map_err(|()| {
        let fault = Fault::new(Code::RegexFlags, "sets flags, which are not supported");
        fault.help("remove them: origins are lower-case ASCII on one line")
    })
}

/// Takes off the anchors that say nothing, because an expression always matches whole: a `^` with nothing
/// before it, and a `$` with nothing behind it, also those of each branch.
fn without_anchors(hir: Hir) -> Hir {
    without_anchor(without_anchor(hir, Look::Start), Look::End)
}

fn without_anchor(hir: Hir, anchor: Look) -> Hir {
    match hir.into_kind() {
        HirKind::Look(look) if look == anchor => Hir::empty(),
        HirKind::Capture(capture) => without_anchor(*capture.sub, anchor),
        HirKind::Alternation(branches) => {
            Hir::alternation(branches.into_iter().map(|branch| without_anchor(branch, anchor)).collect())
        }
        HirKind::Concat(mut parts) => {
            let outer = if anchor == Look::Start { parts.first_mut() } else { parts.last_mut() };
            if let Some(part) = outer {
                *part = without_anchor(core::mem::replace(part, Hir::empty()), anchor);
            }
            Hir::concat(parts)
        }
        kind => rebuild(kind),
    }
}

fn rebuild(kind: HirKind) -> Hir {
    match kind {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => Hir::literal(literal.0),
        HirKind::Class(class) => Hir::class(class),
        HirKind::Look(look) => Hir::look(look),
        HirKind::Repetition(repetition) => Hir::repetition(repetition),
        HirKind::Capture(capture) => Hir::capture(capture),
        HirKind::Concat(parts) => Hir::concat(parts),
        HirKind::Alternation(branches) => Hir::alternation(branches),
    }
}

fn compile(hir: &Hir) -> Result<Dfa, Fault> {
    let too_large = || {
        let what = format!("needs an automaton larger than {} KiB", MAX_AUTOMATON >> 10);
        Fault::new(Code::RegexTooLarge, what).help("limit its repetitions, or split it into several rows")
    };
    let config = thompson::Config::new().utf8(false).nfa_size_limit(Some(MAX_AUTOMATON));
    let nfa = thompson::Compiler::new().configure(config).build_from_hir(hir).map_err(|_| too_large())?;
    let config = Dfa::config().dfa_size_limit(Some(MAX_AUTOMATON)).determinize_size_limit(Some(4 * MAX_AUTOMATON));
    let dfa = dense::Builder::new().configure(config).build_from_nfa(&nfa).map_err(|_| too_large())?;
    Ok(Dfa::new(dfa))
}

/// A second look at what was proved: hostile origins built from the expression's own domains. The
/// proof says that none can match; one that does is a defect of the proof, and refused.
fn probe(dfa: &Dfa, proof: Proof) -> Result<Proof, Fault> {
    let ends_well = |origin: &Origin<'_>| proof.ends.iter().any(|end| end.covers(origin.host()));
    for scheme in ["https", "http"] {
        for host in
            ["null".into(), "evil.example".into()].into_iter().chain(proof.ends.iter().flat_map(proof::End::mutants))
        {
            for port in ["", ":8443"] {
                let text = format!("{scheme}://{host}{port}");
                let escaped = Origin::parse(text.as_bytes()).is_ok_and(|origin| !ends_well(&origin));
                if escaped && dfa.matches(text.as_bytes()) {
                    let what = format!("matches {}, which is outside its own domains", quote(&text));
                    return Err(Fault::new(Code::RegexDomain, what));
                }
            }
        }
    }
    Ok(proof)
}

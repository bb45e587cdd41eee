//! `[[policy.NAME.expect]]`: what the document itself says that a policy decides. A document that
//! fails its own expectations is refused.

use super::key::Section;
use super::keys;
use super::node::{Node, Value};
use super::table::{Table, string, wrong_type};
use crate::config::diagnostic::{Code, Collector, Place, quote};
use crate::config::text::Text;
use crate::decision::Decision;
use crate::outcome::{Reason, Verdict};
use crate::policy::Policy;
use crate::request::Request;

/// A request, and what is to be decided of it.
pub(super) struct Expectation<'d> {
    method: Option<Text<'d>>,
    origin: Option<Text<'d>>,
    headers: Vec<(Text<'d>, Text<'d>)>,
    verdict: (Verdict, Option<Place>),
    reason: Option<(Reason, Option<Place>)>,
    rule: Option<Text<'d>>,
}

pub(super) fn read<'d>(policy: &Table<'d, '_>, collector: &mut Collector<'_>) -> Vec<Expectation<'d>> {
    let nodes = policy.array(&keys::EXPECTATIONS, collector);
    nodes.into_iter().flatten().filter_map(|node| one(node, collector)).collect()
}

fn one<'d>(node: &'d Node<'_>, collector: &mut Collector<'_>) -> Option<Expectation<'d>> {
    let table = Table::new(node, "an expectation", Section::Expectation, collector).ok()?;
    table.require(&keys::VERDICT, "the expectation", "write `verdict = \"allowed\"`, or another verdict", collector);
    let headers = table.array(&keys::HEADERS, collector);
    let headers = headers.into_iter().flatten().filter_map(|pair| header(pair, collector)).collect();
    Some(Expectation {
        method: table.string(&keys::METHOD, collector),
        origin: table.string(&keys::ORIGIN, collector),
        headers,
        reason: table.word(&keys::REASON, collector),
        rule: table.string(&keys::RULE, collector),
        verdict: table.word(&keys::VERDICT, collector)?,
    })
}

fn header<'d>(pair: &'d Node<'_>, collector: &mut Collector<'_>) -> Option<(Text<'d>, Text<'d>)> {
    let parts = match &pair.value {
        Value::Array(parts) => parts.as_slice(),
        _ => &[],
    };
    let [name, value] = parts else {
        let help = "write for example `[\"access-control-request-method\", \"PUT\"]`";
        wrong_type("each value of `headers`", "a pair `[name, value]`", pair, help.into(), collector);
        return None;
    };
    Some((string("a header's name", name, collector)?, string("a header's value", value, collector)?))
}

impl Expectation<'_> {
    /// Reports where the policy decides something else.
    pub(super) fn check(&self, policy: &Policy, collector: &mut Collector<'_>) {
        let origin = self.origin.iter().map(|origin| ("origin", origin.text.as_ref()));
        let others = self.headers.iter().map(|(name, value)| (name.text.as_ref(), value.text.as_ref()));
        let lines: Vec<_> = origin.chain(others).map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        let method = self.method.as_ref().map_or("GET", |method| &method.text);
        let decision = policy.decide(&Request::from_headers(method, &lines));
        let (verdict, place) = self.verdict;
        if decision.verdict() != verdict {
            self.report(&format!("expected the verdict `{verdict}`"), place, &decision, collector);
            return;
        }
        if let Some((reason, place)) = self.reason.filter(|(reason, _)| *reason != decision.reason()) {
            self.report(&format!("expected the reason `{reason}`"), place, &decision, collector);
        } else if let Some(rule) = self.rule.as_ref().filter(|rule| decision.rule() != Some(&rule.text)) {
            self.report(&format!("expected the rule {}", quote(&rule.text)), rule.place, &decision, collector);
        }
    }

    fn report(&self, expected: &str, place: Option<Place>, decision: &Decision<'_>, collector: &mut Collector<'_>) {
        let origin = self.origin.as_ref().map_or("no origin".into(), |origin| quote(&origin.text));
        let rule = decision.rule().map_or(String::new(), |rule| format!(", by {}", collector.sources().shown(rule)));
        let message = format!(
            "{expected} for {origin}, but the policy decides `{}`: `{}`{rule}",
            decision.verdict(),
            decision.reason()
        );
        let help = "change the policy or the expectation".into();
        collector.error(Code::ExpectFailed, place, message, help);
    }
}

//! From the tree of a document to builders: which keys there are, and what they mean.

use super::draft::{Draft, PolicyDraft};
use super::expectation;
use super::list::Lists;
use super::node::{Node, Value};
use super::routes;
use super::schema::{Table, string, wrong_type};
use crate::config::builder::{GrantBuilder, PolicyBuilder};
use crate::config::diagnostic::{Code, Collector, Place, quote};
use crate::config::row::{Override, Row, RowOptions};
use crate::config::text::Text;
use crate::outcome::Upstream;
use crate::policy::{DeniedRequests, Preflight, PreflightAnswer};
use crate::route::Unrouted;

/// The most rows that a document can have, those of its lists included.
pub const MAX_ORIGINS: usize = 10_000_000;

/// Keys of a grant, which a policy has too.
const GRANT_KEYS: [&str; 6] =
    ["allow_origins", "allow_methods", "allow_headers", "expose_headers", "allow_credentials", "max_age"];

const POLICY_KEYS: [&str; 17] = [
    "allow_origins",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "allow_credentials",
    "max_age",
    "own_origins",
    "denied_requests",
    "preflight",
    "preflight_answer",
    "preflight_status",
    "refused_preflight_status",
    "upstream",
    "timing_allow_origin",
    "allow_private_network",
    "grant",
    "expect",
];

const ROW_KEYS: [&str; 8] = [
    "pattern",
    "regex",
    "depth",
    "file",
    "dangerously_allow_public_suffix",
    "dangerously_allow_insecure_scheme",
    "dangerously_allow_null",
    "dangerously_unproved",
];

/// Keys of a row that mean nothing beside an expression.
const NOT_WITH_REGEX: [&str; 4] = ["pattern", "depth", "dangerously_allow_public_suffix", "dangerously_allow_null"];

/// The overrides of a row, and where each is kept.
type OverrideKey = (&'static str, fn(&mut RowOptions) -> &mut Override);
const OVERRIDES: [OverrideKey; 4] = [
    ("dangerously_allow_public_suffix", |options| &mut options.public_suffix),
    ("dangerously_allow_insecure_scheme", |options| &mut options.insecure_scheme),
    ("dangerously_allow_null", |options| &mut options.null),
    ("dangerously_unproved", |options| &mut options.unproved),
];

/// `None` where there is no use in judging what was read: everything that is to be said is said.
pub(super) fn read<'d>(root: &'d Node<'_>, lists: &'d Lists, collector: &mut Collector<'d>) -> Option<Draft<'d>> {
    let mut draft = Draft { policies: Vec::new(), routes: Vec::new(), unrouted: Unrouted::default() };
    let known = ["version", "unrouted", "policy", "route"];
    let table = Table::new(root, "a policy document", &known, collector)?;
    check_version(&table, collector);
    let unrouted = Unrouted::ALL.map(|word| (word.as_str(), word));
    draft.unrouted = table.word("unrouted", &unrouted, collector).map_or(Unrouted::Deny, |(word, _)| word);
    let mut reader = Reader { lists, rows: 0, too_many: false };
    match table.get("policy").map(|node| (&node.value, node)) {
        Some((Value::Table(entries), _)) if !entries.is_empty() => {
            for (name, node) in entries {
                let name = Text { text: name.text.as_ref().into(), place: Some(name.place) };
                draft.policies.extend(reader.policy(name, node, collector));
            }
        }
        Some((Value::Table(_), node)) => no_policy(Some(node.place), collector),
        Some((_, node)) => wrong_type("`policy`", "a table of policies", node, collector),
        None => no_policy(Some(start(&table)), collector),
    }
    draft.routes = routes::read(&table, collector);
    (!reader.too_many).then_some(draft)
}

fn start(table: &Table<'_, '_>) -> Place {
    Place { end: table.place.start, ..table.place }
}

fn no_policy(place: Option<Place>, collector: &mut Collector<'_>) {
    let message = "the document has no policy".into();
    let help = "write a table `[policy.NAME]` with `allow_origins`";
    collector.error(Code::DocumentNoPolicy, place, message, help.into());
}

fn check_version(table: &Table<'_, '_>, collector: &mut Collector<'_>) {
    let (message, place) = match table.get("version") {
        None => ("the document has no `version`".to_owned(), start(table)),
        Some(node) if matches!(node.value, Value::Integer(Some(1))) => return,
        Some(node) => match &node.value {
            Value::Integer(Some(version)) => {
                (format!("this release does not support `version = {version}`"), node.place)
            }
            _ => (format!("`version` must be the integer 1, not {}", node.type_name()), node.place),
        },
    };
    collector.error(Code::DocumentVersion, Some(place), message, "write `version = 1`".into());
}

struct Reader<'d> {
    lists: &'d Lists,
    rows: usize,
    too_many: bool,
}

impl<'d> Reader<'d> {
    fn policy(&mut self, name: Text<'d>, node: &'d Node<'_>, collector: &mut Collector<'d>) -> Option<PolicyDraft<'d>> {
        let policy_name = name.text.clone();
        collector.enter_policy(Some(&policy_name));
        let what = format!("the policy {}", quote(&policy_name));
        let table = Table::new(node, &what, &POLICY_KEYS, collector);
        let draft = table.map(|table| PolicyDraft {
            builder: self.builder(name, &table, &what, collector),
            expectations: expectation::read(&table, collector),
        });
        collector.enter_policy(None);
        draft
    }

    fn builder(
        &mut self,
        name: Text<'d>,
        table: &Table<'d, '_>,
        what: &str,
        collector: &mut Collector<'d>,
    ) -> PolicyBuilder<'d> {
        let own = self.grant(table, what, collector);
        let mut builder = PolicyBuilder::at(name, own);
        let grants = table.array("grant", "an array of tables (`[[policy.NAME.grant]]`)", collector);
        for (index, node) in grants.into_iter().flatten().enumerate() {
            let what = format!("grant {} of {what}", index + 1);
            if let Some(table) = Table::new(node, &what, &GRANT_KEYS, collector) {
                builder.grants.push(self.grant(&table, &what, collector));
            }
        }
        builder.own_origins = table.strings("own_origins", collector).unwrap_or_default();
        builder.timing_allow_origin = table.strings("timing_allow_origin", collector).unwrap_or_default();
        builder.own_origins_place = table.get("own_origins").map(|node| node.place);
        builder.private_network = table.boolean("allow_private_network", collector).is_some_and(|(allow, _)| allow);
        answers(&mut builder, table, collector);
        builder
    }

    fn grant(&mut self, table: &Table<'d, '_>, what: &str, collector: &mut Collector<'d>) -> GrantBuilder<'d> {
        let help = "write `allow_origins = [\"https://app.example.com\"]`; an empty list allows nothing";
        let errors = collector.errors();
        let origins = table.require("allow_origins", what, help, collector);
        let rows = table.array("allow_origins", "an array of origins", collector);
        let mut all = Vec::new();
        for node in rows.into_iter().flatten() {
            let mut rows = self.row(node, collector);
            // The rows of a list file stay where they are: a million of them are 50 MB.
            if all.is_empty() {
                all = rows;
            } else {
                all.append(&mut rows);
            }
        }
        let incomplete = collector.errors() > errors;
        GrantBuilder {
            origins: all,
            methods: table.strings("allow_methods", collector),
            headers: table.strings("allow_headers", collector),
            expose: table.strings("expose_headers", collector),
            credentials: table.boolean("allow_credentials", collector),
            max_age: table.integer("max_age", collector),
            origins_place: origins.map(|node| node.place),
            incomplete,
            has_lists: origins.is_some_and(|rows| rows.children().any(|row| row.get("file").is_some())),
            place: Some(table.place),
        }
    }

    fn row(&mut self, node: &'d Node<'_>, collector: &mut Collector<'d>) -> Vec<Row<'d>> {
        if self.too_many {
            return Vec::new();
        }
        let rows = match &node.value {
            Value::String(text) => vec![Row::at(text.as_ref().into(), Some(node.place))],
            Value::Table(_) => self.row_table(node, collector),
            _ => {
                wrong_type("a row of `allow_origins`", "a pattern or a table", node, collector);
                Vec::new()
            }
        };
        let room = MAX_ORIGINS - self.rows;
        if let Some(first) = rows.get(room) {
            let message = format!("the document has more than {MAX_ORIGINS} rows");
            collector.error(Code::DocumentTooManyOrigins, first.text.place, message, "split the document".into());
            self.too_many = true;
        }
        self.rows += rows.len().min(room);
        rows
    }

    fn row_table(&mut self, node: &'d Node<'_>, collector: &mut Collector<'d>) -> Vec<Row<'d>> {
        let Some(table) = Table::new(node, "a row", &ROW_KEYS, collector) else { return Vec::new() };
        if let Some(file) = table.get("file") {
            return self.list(file, node, collector);
        }
        let Some(mut row) = pattern_or_regex(&table, collector) else { return Vec::new() };
        if let Some(depth) = table.integer("depth", collector) {
            row.options_mut().depth = Some(depth);
        }
        let is_expression = row.is_expression;
        for (key, option) in OVERRIDES.into_iter().filter(|(key, _)| !is_expression || !NOT_WITH_REGEX.contains(key)) {
            if let Some((true, place)) = table.boolean(key, collector) {
                *option(row.options_mut()) = Override { given: true, place };
            }
        }
        vec![row]
    }

    fn list(&mut self, file: &'d Node<'_>, row: &'d Node<'_>, collector: &mut Collector<'d>) -> Vec<Row<'d>> {
        let Value::Table(entries) = &row.value else { return Vec::new() };
        for (key, _) in entries.iter().filter(|(key, _)| key.text != "file" && ROW_KEYS.contains(&key.text.as_ref())) {
            let message = format!("{} cannot be combined with `file`", quote(&key.text));
            let help = "write the rows that need it in the document itself";
            collector.error(Code::DocumentUnknownKey, Some(key.place), message, help.into());
        }
        match string("`file`", file, collector) {
            Some(path) => self.lists.rows(&path.text, file.place, MAX_ORIGINS - self.rows, collector),
            None => Vec::new(),
        }
    }
}

/// A row's own text, which is one of two kinds.
fn pattern_or_regex<'d>(table: &Table<'d, '_>, collector: &mut Collector<'_>) -> Option<Row<'d>> {
    if let Some(regex) = table.get("regex") {
        for key in NOT_WITH_REGEX.into_iter().filter_map(|key| table.key(key)) {
            let message = format!("{} cannot be combined with `regex`", quote(&key.text));
            let help = "use separate rows for the expression and the pattern";
            collector.error(Code::DocumentUnknownKey, Some(key.place), message, help.into());
        }
        let regex = string("`regex`", regex, collector)?;
        let mut row = Row::at(regex.text, regex.place);
        row.is_expression = true;
        return Some(row);
    }
    let pattern = table.require("pattern", "the row", "write `pattern`, `regex` or `file`", collector)?;
    let pattern = string("`pattern`", pattern, collector)?;
    Some(Row::at(pattern.text, pattern.place))
}

fn answers(builder: &mut PolicyBuilder<'_>, table: &Table<'_, '_>, collector: &mut Collector<'_>) {
    let denied = DeniedRequests::ALL.map(|word| (word.as_str(), word));
    builder.denied_requests = table.word("denied_requests", &denied, collector).unwrap_or(builder.denied_requests);
    let preflight = Preflight::ALL.map(|word| (word.as_str(), word));
    builder.preflight = table.word("preflight", &preflight, collector).map_or(builder.preflight, |(word, _)| word);
    let answer = PreflightAnswer::ALL.map(|word| (word.as_str(), word));
    builder.preflight_answer =
        table.word("preflight_answer", &answer, collector).map_or(builder.preflight_answer, |(word, _)| word);
    let upstream = Upstream::ALL.map(|word| (word.as_str(), word));
    builder.upstream = table.word("upstream", &upstream, collector).unwrap_or(builder.upstream);
    let status = table.number("preflight_status", &[204, 200], collector);
    builder.preflight_status = status.unwrap_or(builder.preflight_status);
    let status = table.number("refused_preflight_status", &[403, 200, 204, 400], collector);
    builder.refused_preflight_status = status.unwrap_or(builder.refused_preflight_status);
}

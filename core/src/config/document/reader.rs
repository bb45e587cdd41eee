//! From the tree of a document to builders: which keys there are, and what they mean.

use super::beside::Beside;
use super::draft::{Draft, PolicyDraft};
use super::expectation;
use super::key::{Key, Kind, Section};
use super::keys;
use super::list::List;
use super::node::{Node, Value};
use super::routes;
use super::table::{Table, mistyped, written, wrong_type};
use crate::config::builder::{GrantBuilder, PolicyBuilder};
use crate::config::diagnostic::{Code, Collector, Place, Reported, quote};
use crate::config::row::{Override, Row, RowOptions};
use crate::config::text::Text;
use crate::policy::SettingValue;
use crate::route::Unrouted;

/// The most rows that a document can have, those of its lists included.
pub const MAX_ORIGINS: usize = 10_000_000;

/// The schemes that can stand before the lines of a list: those whose hosts have a registry.
const LIST_SCHEMES: [&str; 2] = ["https", "http"];

/// The overrides of a row, and where each is kept.
type OverrideKey = (&'static Key, fn(&mut RowOptions) -> &mut Override);
const OVERRIDES: [OverrideKey; 4] = [
    (&keys::DANGEROUSLY_ALLOW_PUBLIC_SUFFIX, |options| &mut options.public_suffix),
    (&keys::DANGEROUSLY_ALLOW_INSECURE_SCHEME, |options| &mut options.insecure_scheme),
    (&keys::DANGEROUSLY_ALLOW_NULL, |options| &mut options.null),
    (&keys::DANGEROUSLY_UNPROVED, |options| &mut options.unproved),
];

/// Refused where there is no use in judging what was read: everything that is to be said is said.
pub(super) fn read<'d>(
    root: &'d Node<'_>,
    beside: Beside<'d>,
    collector: &mut Collector<'d>,
) -> Result<Draft<'d>, Reported> {
    let mut draft = Draft { policies: Vec::new(), routes: Vec::new(), unrouted: Unrouted::default() };
    let table = Table::new(root, "a policy document", Section::Document, collector)?;
    check_version(&table, collector);
    draft.unrouted = table.word(&keys::UNROUTED, collector).map_or(Unrouted::Deny, |(word, _)| word);
    let mut reader = Reader { beside, rows: 0, too_many: None };
    match table.get(&keys::POLICIES).map(|node| (&node.value, node)) {
        Some((Value::Table(entries), _)) if !entries.is_empty() => {
            for (name, node) in entries {
                let name = Text { text: name.text.as_ref().into(), place: Some(name.place) };
                draft.policies.extend(reader.policy(name, node, collector));
            }
        }
        Some((Value::Table(_), node)) => no_policy(Some(node.place), collector),
        Some((_, node)) => {
            mistyped::<()>(&keys::POLICIES, node, collector);
        }
        None => no_policy(Some(start(&table)), collector),
    }
    draft.routes = routes::read(&table, collector);
    match reader.too_many {
        None => Ok(draft),
        Some(reported) => Err(reported),
    }
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
    let (message, place) = match table.get(&keys::VERSION) {
        None => ("the document has no `version`".to_owned(), start(table)),
        Some(node) if matches!(node.value, Value::Integer(Ok(1))) => return,
        Some(node) => match &node.value {
            Value::Integer(version) => {
                let version = quote(&format!("version = {}", written(version)));
                (format!("this release does not support {version}"), node.place)
            }
            _ => (format!("`version` must be the integer 1, not {}", node.type_name()), node.place),
        },
    };
    collector.error(Code::DocumentVersion, Some(place), message, "write `version = 1`".into());
}

struct Reader<'d> {
    beside: Beside<'d>,
    rows: usize,
    too_many: Option<Reported>,
}

impl<'d> Reader<'d> {
    fn policy(&mut self, name: Text<'d>, node: &'d Node<'_>, collector: &mut Collector<'d>) -> Option<PolicyDraft<'d>> {
        let policy_name = name.text.clone();
        collector.enter_policy(Some(&policy_name));
        let what = format!("the policy {}", quote(&policy_name));
        let table = Table::new(node, &what, Section::Policy, collector);
        let draft = table.ok().map(|table| PolicyDraft {
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
        let grants = table.array(&keys::GRANTS, collector);
        for (index, node) in grants.into_iter().flatten().enumerate() {
            let what = format!("grant {} of {what}", index + 1);
            if let Ok(table) = Table::new(node, &what, Section::Grant, collector) {
                builder.grants.push(self.grant(&table, &what, collector));
            }
        }
        settings(&mut builder, table, collector);
        builder
    }

    fn grant(&mut self, table: &Table<'d, '_>, what: &str, collector: &mut Collector<'d>) -> GrantBuilder<'d> {
        let help = "write `allow_origins = [\"https://app.example.com\"]`; an empty list allows nothing";
        let errors = collector.errors();
        let origins = table.require(&keys::ALLOW_ORIGINS, what, help, collector);
        let rows = table.array(&keys::ALLOW_ORIGINS, collector);
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
            methods: table.strings(&keys::ALLOW_METHODS, collector),
            headers: table.strings(&keys::ALLOW_HEADERS, collector),
            expose: table.strings(&keys::EXPOSE_HEADERS, collector),
            credentials: table.boolean(&keys::ALLOW_CREDENTIALS, collector),
            max_age: table.integer(&keys::MAX_AGE, collector),
            origins_place: origins.map(|node| node.place),
            incomplete,
            has_lists: origins.is_some_and(|rows| rows.children().any(is_from_elsewhere)),
            place: Some(table.place),
        }
    }

    fn row(&mut self, node: &'d Node<'_>, collector: &mut Collector<'d>) -> Vec<Row<'d>> {
        if self.too_many.is_some() {
            return Vec::new();
        }
        let rows = match &node.value {
            Value::String(text) => vec![Row::at(text.as_ref().into(), Some(node.place))],
            Value::Table(_) => self.row_table(node, collector),
            _ => {
                let help = "write an origin in quotes, such as `\"https://app.example.com\"`";
                wrong_type("a row of `allow_origins`", "a pattern or a table", node, help.into(), collector);
                Vec::new()
            }
        };
        let room = MAX_ORIGINS - self.rows;
        if let Some(first) = rows.get(room) {
            let message = format!("the document has more than {MAX_ORIGINS} rows");
            let (place, help) = (first.text.place, "split the document".into());
            self.too_many = Some(collector.error(Code::DocumentTooManyOrigins, place, message, help));
        }
        self.rows += rows.len().min(room);
        rows
    }

    fn row_table(&mut self, node: &'d Node<'_>, collector: &mut Collector<'d>) -> Vec<Row<'d>> {
        let Ok(table) = Table::new(node, "a row", Section::Row, collector) else { return Vec::new() };
        if let Some(file) = table.get(&keys::FILE) {
            report_combined(&table, &keys::FILE, "write the rows that need it in the document itself", collector);
            let Some(path) = table.string(&keys::FILE, collector) else { return Vec::new() };
            let Ok(scheme) = list_scheme(&table, collector) else { return Vec::new() };
            let list = List { path: &path.text, place: file.place, scheme };
            return self.beside.lists.rows(&list, MAX_ORIGINS - self.rows, collector);
        }
        if let Some(env) = table.get(&keys::ENV) {
            report_combined(&table, &keys::ENV, "write the rows that need it in the document itself", collector);
            let is_optional = table.boolean(&keys::OPTIONAL, collector).is_some_and(|(optional, _)| optional);
            let Some(name) = table.string(&keys::ENV, collector) else { return Vec::new() };
            return self.beside.variables.rows(&name.text, env.place, is_optional, collector);
        }
        let Some(mut row) = pattern_or_regex(&table, collector) else { return Vec::new() };
        if let Some(depth) = table.integer(&keys::DEPTH, collector) {
            row.options_mut().depth = Some(depth);
        }
        let is_expression = row.is_expression;
        let applies = |key: &Key| !is_expression || !key.not_with.contains(&keys::REGEX.name);
        for (key, option) in OVERRIDES.into_iter().filter(|(key, _)| applies(key)) {
            if let Some((true, place)) = table.boolean(key, collector) {
                *option(row.options_mut()) = Override { given: true, place };
            }
        }
        vec![row]
    }
}

/// Whether the document only names where its rows are, which may be none today.
fn is_from_elsewhere(row: &Node<'_>) -> bool {
    row.get(keys::FILE.name).is_some() || row.get(keys::ENV.name).is_some()
}

/// The scheme of a list of bare hosts.
fn list_scheme(table: &Table<'_, '_>, collector: &mut Collector<'_>) -> Result<Option<&'static str>, Reported> {
    let Some(node) = table.get(&keys::SCHEME) else { return Ok(None) };
    let help = "write `scheme = \"https\"` or `scheme = \"http\"`";
    let Value::String(text) = &node.value else {
        return Err(wrong_type("`scheme`", "a string", node, help.into(), collector));
    };
    match LIST_SCHEMES.into_iter().find(|scheme| scheme == text) {
        Some(scheme) => Ok(Some(scheme)),
        None => {
            let message = format!("{} is not a valid `scheme` for a list of hosts", quote(text));
            Err(collector.error(Code::DocumentWrongValue, Some(node.place), message, help.into()))
        }
    }
}

/// Reports the keys of a row that cannot be combined with `key`.
fn report_combined(table: &Table<'_, '_>, key: &Key, help: &str, collector: &mut Collector<'_>) {
    let others = Section::Row.keys().filter(|other| other.not_with.contains(&key.name));
    for entry in others.filter_map(|other| table.entry(other.name)) {
        let message = format!("{} cannot be combined with `{}`", quote(&entry.text), key.name);
        collector.error(Code::DocumentUnknownKey, Some(entry.place), message, help.into());
    }
}

/// A row's own text, which is one of two kinds.
fn pattern_or_regex<'d>(table: &Table<'d, '_>, collector: &mut Collector<'_>) -> Option<Row<'d>> {
    if table.get(&keys::REGEX).is_some() {
        let help = "use separate rows for the expression and the pattern";
        report_combined(table, &keys::REGEX, help, collector);
        let regex = table.string(&keys::REGEX, collector)?;
        let mut row = Row::at(regex.text, regex.place);
        row.is_expression = true;
        return Some(row);
    }
    report_combined(table, &keys::PATTERN, "remove it: the pattern itself begins with its scheme", collector);
    table.require(&keys::PATTERN, "the row", "write `pattern`, `regex`, `file` or `env`", collector)?;
    let pattern = table.string(&keys::PATTERN, collector)?;
    Some(Row::at(pattern.text, pattern.place))
}

/// Reads the keys that apply to all grants, each as its kind says.
fn settings<'d>(builder: &mut PolicyBuilder<'d>, table: &Table<'d, '_>, collector: &mut Collector<'_>) {
    let keys = Section::Policy.keys().filter(|key| !key.sections.contains(&Section::Grant));
    for key in keys {
        let Some(node) = table.get(key) else { continue };
        builder.places.insert(key.name, node.place);
        let text;
        let value = match key.kind {
            Kind::Word(_) => {
                text = table.one_of(key, collector);
                text.as_ref().map(|text| SettingValue::Word(&text.text))
            }
            Kind::Number(_) => table.number(key, collector).map(SettingValue::Number),
            Kind::Boolean => table.boolean(key, collector).map(|(boolean, _)| SettingValue::Boolean(boolean)),
            Kind::Strings(_) => {
                builder.lists.insert(key.name, table.strings(key, collector).unwrap_or_default());
                None
            }
            // Grants and expectations are read apart.
            _ => None,
        };
        if let Some(value) = value {
            builder.settings.set(key.name, value);
        }
    }
}

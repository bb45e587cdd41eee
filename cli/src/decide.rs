//! `corsac decide`: one request, described by options, and what the policy makes of it.

use std::ffi::OsStr;
use std::io::{self, BufWriter, Read, Write};

use corsac::{Decision, Policies, Policy, Request, Target};

use crate::answer;
use crate::arguments::{DecideOptions, Format};
use crate::explanation::{Asked, happens, sentence, upstream};
use crate::failure::{Failure, Status};
use crate::load;
use crate::naming::Names;
use crate::output::Output;
use crate::requests;
use crate::summary::style_of;

/// Name and value.
type HeaderLine = (Vec<u8>, Vec<u8>);

pub(crate) fn run(
    options: &DecideOptions,
    stdin: &mut (dyn Read + Send),
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> Result<Status, Failure> {
    if let Some(log) = &options.requests {
        load::refuse_twice_stdin(&[("policy", &options.document), ("requests", log)])?;
    }
    let headers = header_lines(options)?;
    let loaded = load::usable(&options.document, stdin)?;
    match &options.requests {
        Some(log) => requests::run(options, log, &loaded.policies, stdin, stdout, stderr),
        None => decide_one(options, &headers, &loaded.policies, stdout),
    }
}

fn decide_one(
    options: &DecideOptions,
    headers: &[HeaderLine],
    policies: &Policies,
    stdout: &mut Output<'_>,
) -> Result<Status, Failure> {
    let method = bytes_of(&options.method);
    let (host, path) = (options.host.as_deref().map(bytes_of), options.path.as_deref().map(bytes_of));
    let target = match &host {
        Some(host) => Target::Route { host, path: path.as_deref().unwrap_or(b"/") },
        None => named_target(options, policies)?,
    };
    let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let decision = policies.decide(target, &Request::from_headers(&method, &headers));
    Failure::unless_closed(match options.format.unwrap_or(Format::Human) {
        Format::Human => {
            let policy = decision.policy().and_then(|id| policies.get(id)).map(Policy::name);
            write_human(&Asked { method: &method, headers: &headers, policy }, &decision, stdout)
        }
        Format::Json => write_json(&decision, stdout),
    })?;
    Ok(Status::of_findings(decision.verdict().is_refusal()))
}

fn named_target(options: &DecideOptions, policies: &Policies) -> Result<Target<'static>, Failure> {
    let names = Names::new(policies);
    match &options.policy {
        Some(name) => {
            let name = bytes_of(name);
            names.get(&name).map(Target::Policy).ok_or_else(|| Failure::Usage(names.unknown(&name)))
        }
        None => policies.only().map(Target::Policy).ok_or_else(|| {
            let list = names.list();
            Failure::Usage(format!(
                "the document has several policies, {list}; choose one with `--policy`, or use its routes with `--host`"
            ))
        }),
    }
}

/// The `--header` options as names and values, without white space around the values, as any
/// server would hand them on. A line that cannot be parted is not quoted: it may hold a secret.
fn header_lines(options: &DecideOptions) -> Result<Vec<HeaderLine>, Failure> {
    let part = |(index, line): (usize, &std::ffi::OsString)| {
        let line = bytes_of(line);
        let mut parts = line.splitn(2, |&byte| byte == b':');
        match (parts.next(), parts.next()) {
            (Some(name), Some(value)) if !name.is_empty() => Ok((name.to_vec(), trim(value).to_vec())),
            _ => Err(Failure::Usage(format!("`--header` number {} is not `name: value`", index + 1))),
        }
    };
    options.headers.iter().enumerate().map(part).collect()
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

#[cfg(unix)]
pub(crate) fn bytes_of(text: &OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(text).to_vec()
}

#[cfg(not(unix))]
pub(crate) fn bytes_of(text: &OsStr) -> Vec<u8> {
    text.to_string_lossy().into_owned().into_bytes()
}

fn write_json(decision: &Decision<'_>, stdout: &mut Output<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(stdout);
    answer::write(&mut out, None, decision)?;
    out.flush()
}

/// The verdict and a sentence first, then the rest of the decision, a label in front of each part.
fn write_human(asked: &Asked<'_>, decision: &Decision<'_>, stdout: &mut Output<'_>) -> io::Result<()> {
    let palette = stdout.palette();
    let style = style_of(decision.verdict(), palette);
    let mut out = BufWriter::new(stdout);
    writeln!(out, "{style}{}{style:#}: {}", decision.verdict(), decision.reason())?;
    writeln!(out, "{}\n", sentence(asked, decision))?;
    let mut part = |label: &str, lines: &[String]| {
        let style = palette.label;
        write!(out, "  {style}{label:9}{style:#} ")?;
        writeln!(out, "{}", lines.join("\n            "))
    };
    part("request", &asked.lines())?;
    if let Some(policy) = asked.policy {
        part("policy", &[policy.to_owned()])?;
    }
    if let Some(rule) = decision.rule() {
        let grant = decision.grant().map_or(String::new(), |grant| format!(", grant {grant}"));
        part("rule", &[format!("{rule}{grant}")])?;
    }
    if !decision.failed().is_empty() {
        part("failed", &[decision.failed().names().collect::<Vec<_>>().join(", ")])?;
    }
    part("status", &[happens(decision)])?;
    part("set", &set_lines(decision))?;
    part("vary", &[or_nothing(decision.vary().names().collect::<Vec<_>>().join(", "))])?;
    part("upstream", &[upstream(decision)])?;
    out.flush()
}

/// The headers to set, their values in one column.
fn set_lines(decision: &Decision<'_>) -> Vec<String> {
    let width = decision.set().map(|(name, _)| name.len() + 1).max().unwrap_or(0);
    let lines: Vec<_> = decision
        .set()
        .map(|(name, value)| format!("{:width$} {}", format!("{name}:"), String::from_utf8_lossy(value)))
        .collect();
    if lines.is_empty() { vec![or_nothing(String::new())] } else { lines }
}

fn or_nothing(text: String) -> String {
    if text.is_empty() { "nothing".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::trim;

    #[test]
    fn white_space_around_a_value_is_not_part_of_it() {
        for (value, trimmed) in [("", ""), (" ", ""), (" a\t", "a"), ("a b", "a b"), ("\t \ta", "a")] {
            assert_eq!(trim(value.as_bytes()), trimmed.as_bytes());
        }
    }
}

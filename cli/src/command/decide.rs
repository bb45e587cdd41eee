//! `corsac decide`: decides one request, given by options, and explains the decision.

use std::ffi::OsString;
use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;

use clap::{Args, ValueHint};
use corsac::{Decision, Policies, Policy, Request, Target};

use crate::argument::bytes_of;
use crate::failure::{ExitStatus, Failure};
use crate::load;
use crate::names::Names;
use crate::show::decision;
use crate::show::explanation::{RequestSummary, describe_outcome, describe_upstream, explain};
use crate::show::format::OutputFormat;
use crate::show::output::Output;

/// Name and value.
type HeaderLine = (Vec<u8>, Vec<u8>);

const EXAMPLES: &str = "\
Examples:
  May a page of app.example.com read responses?
    corsac decide policy.toml -H 'origin: https://app.example.com'

  May it send a PUT with a content type? (a preflight, as a browser sends it)
    corsac decide policy.toml --policy api -X OPTIONS \\
      -H 'origin: https://app.example.com' \\
      -H 'access-control-request-method: PUT' \\
      -H 'access-control-request-headers: content-type'

  Which policy do the document's routes choose, and what does it decide?
    corsac decide policy.toml --host api.example.com --path /v1/users \\
      -H 'origin: https://app.example.com'

To decide a log of requests, use `corsac replay`.

Exit status: 0 allowed, preflight-allowed, same-origin or not-cors; 1 denied,
preflight-denied or no-policy; 2 the command could not run.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Options {
    /// The policy document: JSON if its name ends in `.json`, otherwise TOML; `-` is standard
    /// input, which is JSON if it begins with `{`
    #[arg(value_name = "POLICY", value_hint = ValueHint::FilePath)]
    pub(crate) document: PathBuf,

    /// The policy that decides; not needed if the document has only one
    #[arg(long, value_name = "NAME", conflicts_with = "host")]
    pub(crate) policy: Option<OsString>,

    /// The request's host, for the document's routes, which choose the policy
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<OsString>,

    /// The request's path, for the document's routes [default: /]
    #[arg(long, value_name = "PATH", requires = "host")]
    pub(crate) path: Option<OsString>,

    /// The request's method, byte for byte
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET")]
    pub(crate) method: OsString,

    /// A header line of the request, `name: value`; can be repeated
    #[arg(short = 'H', long = "header", value_name = "LINE")]
    pub(crate) headers: Vec<OsString>,

    /// Output format of the decision
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: OutputFormat,
}

pub(crate) fn run(options: &Options, stdin: &mut dyn Read, stdout: &mut Output<'_>) -> Result<ExitStatus, Failure> {
    let headers = header_lines(options)?;
    let loaded = load::usable(&options.document, stdin)?;
    let policies = &loaded.policies;
    let method = bytes_of(&options.method);
    let (host, path) = (options.host.as_deref().map(bytes_of), options.path.as_deref().map(bytes_of));
    let target = match &host {
        Some(host) => Target::Route { host, path: path.as_deref().unwrap_or(b"/") },
        None => named_target(options, policies)?,
    };
    let headers: Vec<_> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let decision = policies.decide(target, &Request::from_headers(&method, &headers));
    Failure::unless_closed(match options.format {
        OutputFormat::Human => {
            let policy = decision.policy().and_then(|id| policies.get(id)).map(Policy::name);
            write_human(&RequestSummary { method: &method, headers: &headers, policy }, &decision, stdout)
        }
        OutputFormat::Json => write_json(&decision, stdout),
    })?;
    Ok(ExitStatus::of_findings(decision.verdict().is_refusal()))
}

fn named_target(options: &Options, policies: &Policies) -> Result<Target<'static>, Failure> {
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

/// The `--header` options as names and values, without white space around the values, as a server
/// passes them on. A malformed line is not quoted: it may contain a secret.
fn header_lines(options: &Options) -> Result<Vec<HeaderLine>, Failure> {
    let split = |(index, line): (usize, &OsString)| {
        let line = bytes_of(line);
        let mut parts = line.splitn(2, |&byte| byte == b':');
        match (parts.next(), parts.next()) {
            (Some(name), Some(value)) if !name.is_empty() => Ok((name.to_vec(), trim(value).to_vec())),
            _ => Err(Failure::Usage(format!("`--header` number {} is not `name: value`", index + 1))),
        }
    };
    options.headers.iter().enumerate().map(split).collect()
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn write_json(decision: &Decision<'_>, stdout: &mut Output<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(stdout);
    decision::write(&mut out, None, decision)?;
    out.flush()
}

/// Writes the verdict and a sentence, then the other parts of the decision with their labels.
fn write_human(request: &RequestSummary<'_>, decision: &Decision<'_>, stdout: &mut Output<'_>) -> io::Result<()> {
    let palette = stdout.palette();
    let style = palette.of_verdict(decision.verdict());
    let mut out = BufWriter::new(stdout);
    writeln!(out, "{style}{}{style:#}: {}", decision.verdict(), decision.reason())?;
    writeln!(out, "{}\n", explain(request, decision))?;
    let mut part = |label: &str, lines: &[String]| {
        let style = palette.label;
        write!(out, "  {style}{label:9}{style:#} ")?;
        writeln!(out, "{}", lines.join("\n            "))
    };
    part("request", &request.lines())?;
    if let Some(policy) = request.policy {
        part("policy", &[policy.to_owned()])?;
    }
    if let Some(rule) = decision.rule() {
        let grant = decision.grant().map_or(String::new(), |grant| format!(", grant {grant}"));
        part("rule", &[format!("{rule}{grant}")])?;
    }
    if !decision.failed().is_empty() {
        part("failed", &[decision.failed().names().collect::<Vec<_>>().join(", ")])?;
    }
    part("status", &[describe_outcome(decision)])?;
    part("set", &set_lines(decision))?;
    part("vary", &[or_nothing(decision.vary().names().collect::<Vec<_>>().join(", "))])?;
    part("upstream", &[describe_upstream(decision)])?;
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

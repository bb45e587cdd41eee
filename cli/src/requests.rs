//! `corsac decide --requests`: a log of requests, line by line, in bounded memory.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use std::time::Instant;

use corsac::{Decision, Policies, Request, Target};
use serde_json::value::RawValue;

use crate::answer;
use crate::arguments::{DecideOptions, Format};
use crate::bad_line::BadLine;
use crate::escape::Text;
use crate::failure::{Failure, Status};
use crate::lines::{Line, Lines, MAX_LINE};
use crate::load::{display_name, is_stdin};
use crate::log_line::LogLine;
use crate::naming::Names;
use crate::numbers::counted;
use crate::output::Output;
use crate::summary::Summary;

/// How many bad lines are reported one by one; the others are only counted.
const MAX_REPORTED: u64 = 20;

pub(crate) fn run(
    options: &DecideOptions,
    log: &Path,
    policies: &Policies,
    stdin: &mut dyn Read,
    stdout: &mut Output<'_>,
    stderr: &mut Output<'_>,
) -> Result<Status, Failure> {
    let default = if stdout.is_terminal() { Format::Human } else { Format::Json };
    let format = options.format.unwrap_or(default);
    let name = display_name(log);
    let mut file;
    let reader: &mut dyn Read = if is_stdin(log) {
        stdin
    } else {
        file = File::open(log).map_err(|error| Failure::Log { name: name.clone(), error })?;
        &mut file
    };
    let start = Instant::now();
    let palette = stdout.palette();
    let mut run = Run { policies, names: Names::new(policies), summary: Summary::default(), name, stderr };
    let mut out = BufWriter::with_capacity(1 << 16, stdout);
    let ended = match run.decide_all(&mut Lines::new(reader), format, &mut out) {
        Err(Failure::Output(error)) => Failure::unless_closed(Err(error)),
        ended => ended,
    };
    run.report_unreported();
    ended?;
    let Run { summary, stderr, .. } = run;
    match format {
        Format::Human => {
            let written = summary.write(&mut out, palette, start.elapsed()).and_then(|()| out.flush());
            Failure::unless_closed(written)?;
        }
        Format::Json if options.verbose => {
            let palette = stderr.palette();
            let _ = summary.write(stderr, palette, start.elapsed());
        }
        Format::Json => {}
    }
    Ok(Status::of_findings(summary.has_findings()))
}

/// One pass over a log.
struct Run<'p, 'o, 'w> {
    policies: &'p Policies,
    names: Names<'p>,
    summary: Summary,
    name: String,
    stderr: &'o mut Output<'w>,
}

impl Run<'_, '_, '_> {
    fn decide_all(
        &mut self,
        lines: &mut Lines<&mut dyn Read>,
        format: Format,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        loop {
            // Whoever writes the log slowly gets the answers that there are.
            if format == Format::Json && lines.may_wait() {
                out.flush().map_err(Failure::Output)?;
            }
            let decided = match lines.next() {
                Err(error) => return Err(Failure::Log { name: self.name.clone(), error }),
                Ok(None) => break,
                Ok(Some(Line::TooLong)) => Err(BadLine::new(format!("longer than {} MiB", MAX_LINE >> 20))),
                Ok(Some(Line::Whole(line))) if line.trim_ascii().is_empty() => continue,
                Ok(Some(Line::Whole(line))) => self.decide_line(line, format, out),
            };
            match decided {
                Ok(written) => written.map_err(Failure::Output)?,
                Err(bad) => self.report(lines.number(), &bad),
            }
        }
        out.flush().map_err(Failure::Output)
    }

    /// The outer result is about the line, the inner one about the output.
    fn decide_line(&mut self, line: &[u8], format: Format, out: &mut impl Write) -> Result<io::Result<()>, BadLine> {
        let line = LogLine::parse(line)?;
        let target = self.target(&line)?;
        let headers: Vec<_> =
            line.headers.iter().map(|header| (header.name.as_bytes(), header.value.as_bytes())).collect();
        let request = Request::from_headers(line.method.as_bytes(), &headers);
        let decision = self.policies.decide(target, &request);
        self.summary.add(&decision);
        Ok(answer_in(format, out, line.id, &decision))
    }

    fn target<'l>(&self, line: &'l LogLine<'_>) -> Result<Target<'l>, BadLine> {
        match (&line.policy, &line.route) {
            (Some(_), Some(_)) => Err(BadLine::new("`policy` and `route` exclude each other")),
            (Some(name), None) => match self.names.get(name.as_bytes()) {
                Some(id) => Ok(Target::Policy(id)),
                // Looking for the name that may be meant takes time, so only where it is shown.
                None if self.is_silent() => Err(BadLine::new("there is no such policy")),
                None => Err(BadLine::new(self.names.unknown(name.as_bytes()))),
            },
            (None, Some(route)) => Ok(Target::Route { host: route.host.as_bytes(), path: route.path.as_bytes() }),
            (None, None) => match self.policies.only() {
                Some(id) => Ok(Target::Policy(id)),
                None => Err(BadLine::new("neither `policy` nor `route`, and the document has several policies")),
            },
        }
    }

    /// Whether so many bad lines were reported that further ones are only counted.
    fn is_silent(&self) -> bool {
        self.summary.bad_lines() >= MAX_REPORTED
    }

    fn report(&mut self, number: u64, bad: &BadLine) {
        let silent = self.is_silent();
        self.summary.add_bad_line();
        if silent {
            return;
        }
        let style = self.stderr.palette().bad;
        let column = bad.column().map(|column| format!(":{column}")).unwrap_or_default();
        let name = Text(&self.name);
        // A closed standard error leaves nobody to tell.
        let _ = writeln!(self.stderr, "{style}error:{style:#} {name}:{number}{column}: {bad}");
    }

    fn report_unreported(&mut self) {
        let more = self.summary.bad_lines().saturating_sub(MAX_REPORTED);
        if more > 0 {
            let style = self.stderr.palette().bad;
            let lines = counted(more, "more bad line", "more bad lines");
            let _ = writeln!(self.stderr, "{style}error:{style:#} {}: {lines}", Text(&self.name));
        }
    }
}

fn answer_in(format: Format, out: &mut impl Write, id: Option<&RawValue>, decision: &Decision<'_>) -> io::Result<()> {
    match format {
        Format::Human => Ok(()),
        Format::Json => answer::write(out, id, decision),
    }
}

//! The lists of origins that are no allow-lists: the service's own, and `timing_allow_origin`.

use std::collections::HashSet;

use crate::config::builder::PolicyBuilder;
use crate::config::diagnostic::{Code, Collector, quote};
use crate::config::pattern::{Pattern, Shape};
use crate::config::text::Text;

/// Exact origins, or any.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OwnList<'b> {
    Any,
    Listed(Vec<&'b str>),
}

/// The service's own origins, each once.
pub(super) fn own<'b>(builder: &'b PolicyBuilder<'_>, any_origin: bool, collector: &mut Collector<'_>) -> Vec<&'b str> {
    let mut seen = HashSet::new();
    let mut origins = Vec::new();
    for text in builder.list("own_origins") {
        match exact(text, Code::OwnOriginsNotExact, "own_origins", collector) {
            Some(origin) if !seen.insert(origin) => report_duplicate(text, collector),
            Some(origin) if !any_origin => origins.push(origin),
            _ => {}
        }
    }
    origins
}

pub(super) fn timing<'b>(builder: &'b PolicyBuilder<'_>, collector: &mut Collector<'_>) -> OwnList<'b> {
    let listed = builder.list("timing_allow_origin");
    if let Some(any) = listed.iter().find(|text| text.text == "*") {
        if listed.iter().any(|text| text.text != "*") {
            let message = "`*` means any origin, so it must be the only entry".into();
            let help = "write `timing_allow_origin = [\"*\"]`, or remove `*`".into();
            collector.error(Code::TimingAnyNotAlone, any.place, message, help);
        }
        return OwnList::Any;
    }
    let mut seen = HashSet::new();
    let mut origins = Vec::new();
    for text in listed {
        match exact(text, Code::TimingNotExact, "timing_allow_origin", collector) {
            Some(origin) if !seen.insert(origin) => report_duplicate(text, collector),
            Some(origin) => origins.push(origin),
            None => {}
        }
    }
    OwnList::Listed(origins)
}

fn report_duplicate(text: &Text<'_>, collector: &mut Collector<'_>) {
    let message = format!("{} is listed twice", quote(&text.text));
    collector.warning(Code::OriginDuplicate, text.place, message, "remove one of them".into());
}

fn exact<'b>(text: &'b Text<'_>, code: Code, key: &str, collector: &mut Collector<'_>) -> Option<&'b str> {
    match Pattern::parse(&text.text) {
        Ok(pattern) if pattern.is_exact() => Some(pattern.as_str()),
        Ok(pattern) => {
            let what =
                if pattern.shape() == Shape::Null { "identifies no origin" } else { "matches more than one origin" };
            let message = format!("{} {what}; `{key}` accepts only exact origins", quote(&text.text));
            collector.error(code, text.place, message, "write each origin in full".into());
            None
        }
        Err(error) => {
            collector.error(error.code(), text.place, error.message().into(), error.help().into());
            None
        }
    }
}

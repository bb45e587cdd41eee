//! How large a policy's answers are.

use super::checked::CheckedGrant;
use super::origins::OwnList;
use crate::config::builder::{GrantBuilder, PolicyBuilder};
use crate::config::diagnostic::{Code, Collector, Place};
use crate::config::text::Text;
use crate::plan::Name;
use crate::policy::PreflightAnswer;

/// Many proxies and clients accept no more bytes of header fields in a response.
const LIMIT: usize = 8 * 1024;

/// Warns of lists whose answers many proxies and clients refuse. Of the lists that a grant inherits
/// nothing is said again, unless they are too large together with its own.
pub(super) fn check(
    builder: &PolicyBuilder<'_>,
    grants: &[CheckedGrant<'_>],
    timing: &OwnList<'_>,
    collector: &mut Collector<'_>,
) {
    let mut always = match timing {
        OwnList::Any => 0,
        OwnList::Listed(origins) => size(Name::TimingAllowOrigin, origins),
    };
    if always > LIMIT {
        let place = builder.list("timing_allow_origin").first().and_then(|text| text.place);
        report("every answer", always, place, "list only the origins whose pages read timings", collector);
        // Said once, not for each grant.
        always = 0;
    }
    for (grant, checked) in core::iter::once(&builder.own).chain(&builder.grants).zip(grants) {
        let is_echoed = |list: &[&str]| {
            let requested = builder.settings.preflight_answer == PreflightAnswer::Requested;
            requested || (checked.credentials && list.contains(&"*"))
        };
        let listed = |name, list: &[&str]| if is_echoed(list) { 0 } else { size(name, list) };
        let methods = listed(Name::AllowMethods, &checked.methods);
        let headers = listed(Name::AllowHeaders, &checked.headers);
        let bytes = always + methods + headers;
        if let Some(place) = larger(grant, methods, headers).filter(|_| bytes > LIMIT) {
            let help = "list only what pages use, or write `preflight_answer = \"requested\"`";
            report("the answer to a preflight", bytes, place, help, collector);
        }
        let bytes = always + size(Name::ExposeHeaders, &checked.expose);
        if let Some(exposed) = grant.expose.as_ref().filter(|_| bytes > LIMIT) {
            let help = "list only the headers that pages read";
            report("the answer to a request", bytes, first(exposed), help, collector);
        }
    }
}

/// Where the larger list of a preflight's answer is, of those that the grant itself has.
fn larger(grant: &GrantBuilder<'_>, methods: usize, headers: usize) -> Option<Option<Place>> {
    let lists = [(grant.methods.as_ref(), methods), (grant.headers.as_ref(), headers)];
    let own = lists.into_iter().filter_map(|(list, bytes)| list.map(|list| (list, bytes)));
    own.max_by_key(|(_, bytes)| *bytes).map(|(list, _)| first(list))
}

fn first(list: &[Text<'_>]) -> Option<Place> {
    list.first().and_then(|text| text.place)
}

/// The bytes of a field line (RFC 9112, 5); a list that is empty has none.
fn size(name: Name, list: &[&str]) -> usize {
    let values: usize = list.iter().map(|text| text.len() + ", ".len()).sum();
    if list.is_empty() { 0 } else { name.as_str().len() + ": ".len() + values }
}

fn report(what: &str, bytes: usize, place: Option<Place>, help: &str, collector: &mut Collector<'_>) {
    let message =
        format!("{what} has {bytes} bytes of lists, and many proxies and clients accept at most 8 KiB of headers");
    collector.warning(Code::AnswerTooLarge, place, message, help.into());
}

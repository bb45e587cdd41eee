//! The rules of a policy, all checked before anything is compiled.
//!
//! Checking yields [`Checked`], which is the policy with its inheritance resolved and its patterns
//! parsed: compiling it cannot fail.

mod answers;
mod candidates;
mod checked;
mod expressions;
mod origins;
mod overlap;
mod rights;
mod rows;
mod stakes;

use crate::outcome::Upstream;

use crate::config::builder::{GrantBuilder, PolicyBuilder};
use crate::config::diagnostic::{Code, Collector, Reported, quote};
use crate::policy::{DeniedRequests, PREFLIGHT_STATUSES, REFUSED_PREFLIGHT_STATUSES, Settings};

pub(crate) use checked::{Checked, CheckedExpression, CheckedGrant};
pub(crate) use origins::OwnList;
use stakes::Stakes;

/// Checks a policy.
pub(crate) fn policy<'b>(
    builder: &'b PolicyBuilder<'_>,
    collector: &mut Collector<'_>,
) -> Result<Checked<'b>, Reported> {
    let errors_before = collector.errors();
    check_name(builder, collector);
    let any_origin = builder.own.origins.iter().any(|row| row.text.text == "*" && !row.is_expression);
    if any_origin {
        check_any_origin(builder, collector);
    }
    let mut grants: Vec<CheckedGrant<'b>> = Vec::with_capacity(1 + builder.grants.len());
    for (index, grant) in core::iter::once(&builder.own).chain(&builder.grants).enumerate() {
        let credentials = credentials(builder, grant, index, collector);
        let stakes = Stakes { credentials, private_network: builder.settings.allow_private_network };
        let rows = rows::check(grant, index, stakes, collector);
        let expressions = expressions::check(grant, stakes, collector);
        let rights = rights::check(&builder.own, grants.first(), grant, credentials, collector);
        grants.push(CheckedGrant { rows, expressions, ..rights });
    }
    expressions::check_repeated(&grants, collector);
    // Where one origin makes few rows candidates, few rows are near each row, too.
    if candidates::check(&grants, collector).is_ok() {
        overlap::check(&grants, collector);
        expressions::check_exact_rows(&grants, collector);
    }
    let own_origins = origins::own(builder, any_origin, collector);
    let timing_allow_origin = origins::timing(builder, collector);
    answers::check(builder, &grants, &timing_allow_origin, collector);
    check_preflight_statuses(builder, collector);
    check_statuses(builder, any_origin, collector);
    match collector.reported_since(errors_before) {
        None => Ok(Checked { any_origin, grants, own_origins, timing_allow_origin }),
        Some(reported) => Err(reported),
    }
}

fn check_name(builder: &PolicyBuilder<'_>, collector: &mut Collector<'_>) {
    let name = &builder.name;
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.text.is_empty() || name.text.len() > 64 || !name.text.bytes().all(valid) {
        let message = format!("{} is not a valid policy name", quote(&name.text));
        let help = "write 1 to 64 characters from `A-Z`, `a-z`, `0-9`, `.`, `_`, `-`";
        collector.error(Code::PolicyName, name.place, message, help.into());
    }
}

/// Where the policy has credentials, each grant says for itself whether it has them too: rights
/// of that weight are not inherited in silence.
fn credentials(
    builder: &PolicyBuilder<'_>,
    grant: &GrantBuilder<'_>,
    index: usize,
    collector: &mut Collector<'_>,
) -> bool {
    let own = builder.own.credentials.is_some_and(|(allow, _)| allow);
    if own && grant.credentials.is_none() {
        let message = format!("grant {index} does not set `allow_credentials`, but the policy allows credentials");
        let help = "write `allow_credentials = true` or `allow_credentials = false` in the grant";
        collector.error(Code::GrantCredentialsMissing, grant.place, message, help.into());
    }
    grant.credentials.map_or(own, |(allow, _)| allow)
}

/// Any origin can only be a static `*`, to which nothing that depends on an origin can be added.
fn check_any_origin(builder: &PolicyBuilder<'_>, collector: &mut Collector<'_>) {
    let mut refuse = |code, place, message: &str, help: &str| collector.error(code, place, message.into(), help.into());
    if let Some((true, place)) = builder.own.credentials {
        let help = "list the origins that may read credentialed responses, or remove `allow_credentials`";
        refuse(
            Code::AnyOriginCredentials,
            place,
            "`*` allows any origin and cannot be combined with credentials",
            help,
        );
    }
    for grant in &builder.grants {
        let help = "remove the grant, or replace `*` with a list of origins";
        refuse(Code::AnyOriginGrants, grant.place, "the policy allows any origin, so this grant can never apply", help);
    }
    if !builder.list("own_origins").is_empty() {
        let help = "remove `own_origins`: the static `*` is sent to every origin";
        refuse(
            Code::AnyOriginOwnOrigins,
            builder.place_of("own_origins"),
            "`*` allows any origin, so `own_origins` has no effect",
            help,
        );
    }
    if builder.settings.allow_private_network {
        let place = builder.place_of("allow_private_network");
        let message = "`*` allows any origin, so `allow_private_network` lets every page that a user visits read what only the network protects";
        let help = "list the origins that may reach the private network, or remove `allow_private_network`";
        refuse(Code::AnyOriginPrivateNetwork, place, message, help);
    }
    if builder.settings.denied_requests == DeniedRequests::Reject {
        let place = builder.place_of("denied_requests");
        let help = "remove `denied_requests`: with `*`, no request is denied because of its origin";
        refuse(Code::AnyOriginReject, place, "`*` allows any origin, so no request can be rejected", help);
    }
}

/// Documents are read by the table of keys, which has the same numbers.
fn check_preflight_statuses(builder: &PolicyBuilder<'_>, collector: &mut Collector<'_>) {
    let Settings { preflight_status, refused_preflight_status, .. } = builder.settings;
    for (key, status, valid) in [
        ("preflight_status", preflight_status, &PREFLIGHT_STATUSES[..]),
        ("refused_preflight_status", refused_preflight_status, &REFUSED_PREFLIGHT_STATUSES[..]),
    ] {
        if !valid.contains(&status) {
            let message = format!("`{status}` is not a valid value for `{key}`");
            let valid: Vec<String> = valid.iter().map(|status| format!("`{status}`")).collect();
            let help = format!("valid values: {}", valid.join(", "));
            collector.error(Code::DocumentWrongValue, builder.place_of(key), message, help);
        }
    }
}

fn check_statuses(builder: &PolicyBuilder<'_>, any_origin: bool, collector: &mut Collector<'_>) {
    let rejects = builder.settings.denied_requests == DeniedRequests::Reject;
    if rejects && builder.list("own_origins").is_empty() && !any_origin {
        let place = builder.place_of("denied_requests");
        let message = "denied requests are rejected and `own_origins` is empty: browsers also send `Origin` with same-origin POST requests, and these would get 403";
        let help = "list the origins at which the service itself is reached in `own_origins`";
        collector.warning(Code::RejectOwnOriginsMissing, place, message.into(), help.into());
    }
    if builder.settings.upstream == Upstream::Keep {
        let place = builder.place_of("upstream");
        let message = "`upstream = \"keep\"` leaves the upstream's CORS headers in place, even for an origin that this policy denies";
        let help = "write `upstream = \"replace\"`, or make sure that the upstream's own CORS headers are correct";
        collector.warning(Code::UpstreamKeep, place, message.into(), help.into());
    }
}

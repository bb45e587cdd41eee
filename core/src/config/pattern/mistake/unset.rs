//! Variables that have no value, and placeholders that nothing replaced.

/// What to do about a row in which a value is missing.
pub(super) fn help(text: &str) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Some("the row is empty: write an origin, such as `https://app.example.com`, or remove the row".into());
    }
    if matches!(trimmed, "undefined" | "None" | "none" | "nil" | "NULL" | "[object Object]") {
        let help = "a variable was not set: write the origin that it should have, such as `https://app.example.com`";
        return Some(help.into());
    }
    let without_scheme = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
    let host = without_scheme.unwrap_or_default().split([':', '/']).next().unwrap_or_default();
    if matches!(host, "None" | "NULL" | "Undefined")
        || without_scheme
            .is_some_and(|rest| rest.is_empty() || rest == "/" || rest.starts_with(':') && !rest.starts_with("::"))
    {
        let help = "is a variable not set? write an origin with its host, such as `https://app.example.com`";
        return Some(help.into());
    }
    is_placeholder(trimmed).then(|| {
        "documents have no variables: replace the placeholder before the document is read, such as with \
         `https://app.example.com`"
            .into()
    })
}

fn is_placeholder(text: &str) -> bool {
    let host = text.split_once("://").map_or(text, |(_, host)| host);
    let is_between = |start: &str, end: &str| {
        let name = host.split_once(start).and_then(|(_, rest)| rest.split_once(end));
        name.is_some_and(|(name, _)| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        })
    };
    let is_variable = host.strip_prefix('$').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
    text.contains("${")
        || text.contains("{{")
        || is_variable
        || is_between("%", "%")
        || is_between("<", ">")
        || is_between("__", "__")
}

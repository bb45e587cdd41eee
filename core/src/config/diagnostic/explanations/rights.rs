//! Why methods, headers and settings of a policy are rejected.

use super::explained;

explained! {
    MethodInvalid:
        "A method is one token of at most 64 characters. Several methods in one string are the usual cause: write one string for each."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT, DELETE"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT", "DELETE"]"#;
    MethodForbidden:
        "Browsers refuse to send `CONNECT`, `TRACE` and `TRACK` for a page, so the entry has no effect."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT", "TRACE"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]"#;
    MethodNotAMethod:
        "`ALL` and `ANY` are words of other programs, and methods are not patterns: the entry would allow only requests whose method is literally that word. `*` alone allows any method."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["ALL"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["*"]"#;
    MethodNotNormalized:
        "Browsers turn these methods into upper case before they send them, and methods are compared byte by byte, so the entry could never match."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["put"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]"#;
    MethodLowerCase [Warning]:
        "Methods are case-sensitive, and browsers send `patch` as the page writes it. The entry matches only clients that really send lower case: most send `PATCH`."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["patch"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PATCH"]"#;
    MethodDuplicate [Warning]:
        "The method is listed twice, which changes nothing."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT", "PUT"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]"#;
    MethodAnyNotAlone:
        "`*` allows any method, so other methods next to it have no effect and suggest a restriction that does not exist."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["*", "PUT"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["*"]"#;
    MethodPostUnlisted [Note]:
        "Preflights for `POST` are refused, but a page can send a `POST` that a form could send without any preflight, so the list is no guard: the handler must refuse the method. In Chromium a `POST` with other headers also comes without a preflight of its own if another preflight for the same URL has allowed these headers, for `max_age` seconds (5 if it is not set); `max_age = 0` prevents that."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["GET", "PUT"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["GET", "POST", "PUT"]"#;
    HeaderInvalid:
        "A header name is one token of at most 256 characters, without a colon. Several names in one string are the usual cause: write one string for each."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-request-id, x-trace"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-request-id", "x-trace"]"#;
    HeaderPattern:
        "Header names are compared whole, so a name with a `*` in it would allow only a header that is literally called so. `*` alone allows any header except `authorization`."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-amz-*"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-amz-date", "x-amz-content-sha256"]"#;
    HeaderForbidden [Warning]:
        "Browsers set this header themselves and do not let pages set it, so the entry has no effect. Cookies are a matter of `allow_credentials`."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["cookie"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_credentials = true"#;
    HeaderDuplicate [Warning]:
        "The name is listed twice, which changes nothing. Header names are the same in upper and lower case."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-request-id", "X-Request-ID"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-request-id"]"#;
    HeaderAnyNotAlone:
        "`*` allows any header except `authorization`, so `authorization` is the only name that means something next to it. Other names suggest a restriction that does not exist."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["*", "x-request-id"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["*", "authorization"]"#;
    ExposeAnyWithCredentials:
        "For requests with credentials, browsers read `*` in this list as a header that is called `*`, so pages could read none. List the headers by name."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_credentials = true
expose_headers = ["*"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_credentials = true
expose_headers = ["x-request-id"]"#;
    ExposeAnyNotAlone:
        "`*` exposes every header, so other names next to it have no effect and suggest a restriction that does not exist."
        bad Toml r#"allow_origins = ["https://app.example.com"]
expose_headers = ["*", "x-request-id"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
expose_headers = ["*"]"#;
    ExposeUnreadable [Warning]:
        "Browsers never show `set-cookie` to scripts, whatever a response says, so the entry has no effect."
        bad Toml r#"allow_origins = ["https://app.example.com"]
expose_headers = ["set-cookie"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
expose_headers = ["x-request-id"]"#;
    MaxAgeRange:
        "`max_age` is a number of seconds from 0 to 86400 (one day), which is the longest time that any browser keeps the answer to a preflight."
        bad Toml r#"allow_origins = ["https://app.example.com"]
max_age = 604800"#
        good Toml r#"allow_origins = ["https://app.example.com"]
max_age = 600"#;
    MaxAgeAboveCap [Warning]:
        "Chromium keeps the answer to a preflight for at most 7200 seconds (two hours), so a larger number has no effect there."
        bad Toml r#"allow_origins = ["https://app.example.com"]
max_age = 86400"#
        good Toml r#"allow_origins = ["https://app.example.com"]
max_age = 7200"#;
    AnswerTooLarge [Warning]:
        "Many proxies and clients accept at most 8 KiB of header fields in a response and refuse the whole answer otherwise: the page is then blocked as if the policy had denied it. Each list counts in every answer that contains it, those that a grant inherits too."
        bad Words "A policy that lists 500 names of 20 characters in `allow_headers`."
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["*"]
preflight_answer = "requested""#;
    UpstreamKeep [Warning]:
        "CORS headers that the application sets stay in the response, even for an origin that the policy denies. The application can then allow what the policy does not."
        bad Toml r#"allow_origins = ["https://app.example.com"]
upstream = "keep""#
        good Toml r#"allow_origins = ["https://app.example.com"]
upstream = "replace""#;
    RejectOwnOriginsMissing [Warning]:
        "Browsers also send `Origin` with `POST` requests of the service's own pages. With `denied_requests = \"reject\"`, these would get 403 unless `own_origins` names the service's origins."
        bad Toml r#"allow_origins = ["https://app.example.com"]
denied_requests = "reject""#
        good Toml r#"allow_origins = ["https://app.example.com"]
denied_requests = "reject"
own_origins = ["https://api.example.com"]"#;
}

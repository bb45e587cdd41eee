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
    HeaderInvalid:
        "A header name is one token of at most 256 characters, without a colon. Several names in one string are the usual cause: write one string for each."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-request-id, x-trace"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-request-id", "x-trace"]"#;
    HeaderPattern:
        "Names are compared as a whole, so a `*` among other characters would only match a header of that very name, which nobody sends. `*` alone means any name."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-amz-*"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_headers = ["x-amz-date", "x-amz-security-token"]"#;
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

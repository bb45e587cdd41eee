//! Why rows that are single origins are rejected.

use super::explained;

explained! {
    OriginsEmpty [Warning]:
        "The list has no rows, so the policy or grant allows no origin at all. That is a safe start, but rarely what is meant in production."
        bad Toml "allow_origins = []"
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginWhiteSpace:
        "No origin contains white space or control characters, so the row could never match. Several origins in one string are the usual cause: write one string for each."
        bad Toml r#"allow_origins = ["https://app.example.com https://www.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com", "https://www.example.com"]"#;
    OriginNotAscii:
        "Browsers send international names in their ASCII form, which begins with `xn--`. The help shows that form. It is not inserted for you, because letters that look the same can be different names."
        bad Toml r#"allow_origins = ["https://bücher.example"]"#
        good Toml r#"allow_origins = ["https://xn--bcher-kva.example"]"#;
    OriginSchemeMissing:
        "An origin is scheme, host and port. Without the scheme, `http` and `https` would be the same, although anyone on the network can pretend to be an `http` page."
        bad Toml r#"allow_origins = ["app.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginSchemeInvalid:
        "The text before `://` cannot be a scheme, so no browser sends such an origin."
        bad Toml r#"allow_origins = ["my_app://example"]"#
        good Toml r#"allow_origins = ["my-app://example"]"#;
    OriginSchemeUnsent:
        "No page has such a scheme in its origin, so the row could never match. A WebSocket handshake (`ws`, `wss`) sends the origin of its page; so does a page from a `blob:` URL. Pages from `data:` URLs send `null`. By schemes such as `ftp` browsers load no pages at all."
        bad Toml r#"allow_origins = ["wss://app.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginFileScheme:
        "Pages that are opened from files send `Origin: null`, not `file://`, so the row could never match. Serve the page over `http://localhost` instead."
        bad Toml r#"allow_origins = ["file://"]"#
        good Toml r#"allow_origins = ["http://localhost:*"]"#;
    OriginHostMissing:
        "The row has a scheme but no host. An origin without a host is never sent."
        bad Toml r#"allow_origins = ["https://"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginUserinfo:
        "Browsers remove a user name and password before they send an origin, so the row could never match. In `https://example.com@evil.example` the host is also not the one that a reader sees first."
        bad Toml r#"allow_origins = ["https://admin@app.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginTrailingSlash:
        "An origin is scheme, host and port. Browsers send it without a `/` at the end, and it is compared byte by byte, so the row could never match."
        bad Toml r#"allow_origins = ["https://app.example.com/"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginPath:
        "CORS allows whole origins. Browsers do not send the path of a page, so access cannot be limited to one, and a row with a path could never match."
        bad Toml r#"allow_origins = ["https://app.example.com/admin"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginUpperCase:
        "Browsers send scheme and host in lower case, and origins are compared byte by byte, so the row could never match."
        bad Toml r#"allow_origins = ["https://App.Example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginHostInvalid:
        "The host has characters or labels that no browser sends, such as an empty label, one of more than 63 characters, or one that begins with `xn--` and is no name in that form, so the row could never match."
        bad Toml r#"allow_origins = ["https://app..example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginTooLong:
        "Names of hosts have at most 253 characters, so no such host exists."
        bad Toml r#"allow_origins = ["https://a23456789-a23456789-a23456789-a23456789-a23456789.a23456789-a23456789-a23456789-a23456789-a23456789.a23456789-a23456789-a23456789-a23456789-a23456789.a23456789-a23456789-a23456789-a23456789-a23456789.a23456789-a23456789-a23456789-a23456789-a23456789.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginPortInvalid:
        "A port is a number from 1 to 65535 without leading zeros, or `*` for any port. Browsers send no other form."
        bad Toml r#"allow_origins = ["https://app.example.com:99999"]"#
        good Toml r#"allow_origins = ["https://app.example.com:8443"]"#;
    OriginPortBlocked:
        "Browsers load nothing from ports of other protocols, such as 22 and 6000 (Fetch, \"port blocking\"). So no page has such a port in its origin, and the row could never match."
        bad Toml r#"allow_origins = ["https://app.example.com:6000"]"#
        good Toml r#"allow_origins = ["https://app.example.com:8443"]"#;
    OriginDefaultPort:
        "Browsers omit the default port (443 for `https`, 80 for `http`), so a row that includes it could never match."
        bad Toml r#"allow_origins = ["https://app.example.com:443"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginIpv4NotCanonical:
        "Browsers send IPv4 addresses as four decimal numbers. Short, octal and hexadecimal forms mean the same address but are never sent."
        bad Toml r#"allow_origins = ["http://127.1:3000"]"#
        good Toml r#"allow_origins = ["http://127.0.0.1:3000"]"#;
    OriginIpv6NotCanonical:
        "Browsers send IPv6 addresses in brackets, in lower case, with the longest run of zeros as `::` and without a zone. Other forms mean the same address but are never sent."
        bad Toml r#"allow_origins = ["http://[0:0:0:0:0:0:0:1]:3000"]"#
        good Toml r#"allow_origins = ["http://[::1]:3000"]"#;
    OriginNull:
        "`null` is not the name of a page: sandboxed frames, local files and some redirects of every site send it. Allowing it allows everyone, so it needs `dangerously_allow_null`, and is impossible with credentials."
        bad Toml r#"allow_origins = ["null"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OriginDuplicate [Warning]:
        "The same row appears twice, which changes nothing. One of the two may be a misspelling of another origin."
        bad Toml r#"allow_origins = ["https://app.example.com", "https://app.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com", "https://www.example.com"]"#;
    OriginInsecureScheme:
        "With credentials, pages of this origin can read what the user can read. An `http` page can be replaced by anyone on the network path, who then reads the same. Loopback addresses are exempt, because they never leave the machine."
        bad Toml r#"allow_origins = ["http://app.example.com"]
allow_credentials = true"#
        good Toml r#"allow_origins = ["https://app.example.com", "http://localhost:3000"]
allow_credentials = true"#;
    OriginCodeHost [Warning]:
        "The host runs code of anyone with an account there. If your page shares its origin with theirs, their scripts can read credentialed responses too."
        bad Toml r#"allow_origins = ["https://jsfiddle.net"]
allow_credentials = true"#
        good Toml r#"allow_origins = ["https://demo.example.com"]
allow_credentials = true"#;
    RedundantContained [Note]:
        "Another row of the same grant already matches every origin of this row, so it changes nothing. If it was meant as a restriction, the wider row has to go."
        bad Toml r#"allow_origins = ["https://*.example.com", "https://app.example.com"]"#
        good Toml r#"allow_origins = ["https://*.example.com"]"#;
    RedundantExpression [Note]:
        "A plain row matches the same origins as this expression. Plain rows are easier to read and to review."
        bad Toml r#"allow_origins = [{ regex = 'https://app\.example\.com' }]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OverrideUnproved [Warning]:
        "`dangerously_unproved` accepts an expression although corsac cannot prove which domains it matches. The warning stays, so that the risk remains visible; the message has the reason why there is no proof."
        bad Toml r#"allow_origins = [{ regex = 'https://.*example\.com', dangerously_unproved = true }]"#
        good Toml r#"allow_origins = [{ regex = 'https://[a-z]+[0-9]\.example\.com' }]"#;
    OverridePublicSuffix [Warning]:
        "`dangerously_allow_public_suffix` accepts a row that matches names which anyone can register, or on which anyone can run code. The warning stays, so that the risk remains visible."
        bad Toml r#"allow_origins = [{ pattern = "https://*.github.io", dangerously_allow_public_suffix = true }]"#
        good Toml r#"allow_origins = ["https://example.github.io"]"#;
    OverrideInsecureScheme [Warning]:
        "`dangerously_allow_insecure_scheme` accepts `http` with credentials. The warning stays, so that the risk remains visible: anyone on the network path can read what the page can read."
        bad Toml r#"allow_origins = [{ pattern = "http://app.example.com", dangerously_allow_insecure_scheme = true }]
allow_credentials = true"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_credentials = true"#;
    OverrideNull [Warning]:
        "`dangerously_allow_null` allows every site, because sandboxed frames of every site send `null`. The warning stays, so that the risk remains visible."
        bad Toml r#"allow_origins = [{ pattern = "null", dangerously_allow_null = true }]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    OverrideUnneeded [Warning]:
        "The row is accepted without this override, so it has no effect. If the row changes later, the override could hide a new risk."
        bad Toml r#"allow_origins = [{ pattern = "https://app.example.com", dangerously_allow_insecure_scheme = true }]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    AnyOriginNotAlone:
        "`*` allows any origin, so other rows next to it have no effect and suggest a restriction that does not exist. In a list file, one line would open a policy that looks restricted."
        bad Toml r#"allow_origins = ["*", "https://app.example.com"]"#
        good Toml r#"allow_origins = ["*"]"#;
    AnyOriginCredentials:
        "If any origin could read credentialed responses, every page that a user visits could read that user's data. Browsers therefore refuse `*` with credentials, and answering with the requesting origin instead would only circumvent that protection."
        bad Toml r#"allow_origins = ["*"]
allow_credentials = true"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_credentials = true"#;
    AnyOriginGrants:
        "The policy sends the static value `*` to everyone, so no response depends on the origin, and a grant could never apply. A `*` inside a grant is rejected for the same reason."
        bad Toml r#"allow_origins = ["*"]

[[policy.api.grant]]
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]"#
        good Toml r#"allow_origins = ["https://www.example.com"]

[[policy.api.grant]]
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]"#;
    AnyOriginOwnOrigins:
        "The policy sends the static value `*` to everyone, so it never has to recognise the service's own origins."
        bad Toml r#"allow_origins = ["*"]
own_origins = ["https://api.example.com"]"#
        good Toml r#"allow_origins = ["*"]"#;
    AnyOriginPrivateNetwork:
        "A service in a private network is often protected by nothing but that network. With `*`, every page that somebody in the network visits could reach the service and read its responses."
        bad Toml r#"allow_origins = ["*"]
allow_private_network = true"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_private_network = true"#;
    AnyOriginReject:
        "Every origin is allowed, so no request is denied because of its origin, and there is nothing to reject."
        bad Toml r#"allow_origins = ["*"]
denied_requests = "reject""#
        good Toml r#"allow_origins = ["*"]"#;
    OwnOriginsNotExact:
        "`own_origins` lists where the service itself is reached. Requests from there need no permission, so a wildcard would exempt hosts that are not this service."
        bad Toml r#"allow_origins = ["https://app.example.com"]
own_origins = ["https://*.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
own_origins = ["https://api.example.com"]"#;
    GrantCredentialsMissing:
        "The policy allows credentials, and this grant does not say whether its origins get them too. That right is too far-reaching to be inherited silently."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_credentials = true

[[policy.api.grant]]
allow_origins = ["https://partner.example.org"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_credentials = true

[[policy.api.grant]]
allow_origins = ["https://partner.example.org"]
allow_credentials = false"#;
    GrantShadowed:
        "The first grant that matches an origin decides. A row of an earlier grant matches every origin of this row, so it could never apply, and its origins would not have the rights that a reader expects."
        bad Toml r#"allow_origins = ["https://*.example.com"]

[[policy.api.grant]]
allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]

[[policy.api.grant]]
allow_origins = ["https://www.example.com"]
allow_methods = []"#;
    GrantOverlap [Warning]:
        "A row of an earlier grant matches some of the same origins, and decides for those. That is right if the earlier grant is an intended exception, and wrong if this row was meant to decide."
        bad Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]

[[policy.api.grant]]
allow_origins = ["https://*.example.com"]
allow_methods = []"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]

[[policy.api.grant]]
allow_origins = ["https://*.example.net"]
allow_methods = []"#;
    TimingAnyNotAlone:
        "`*` lets pages of any origin read the timings, so other entries next to it have no effect."
        bad Toml r#"allow_origins = ["https://app.example.com"]
timing_allow_origin = ["*", "https://app.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
timing_allow_origin = ["*"]"#;
    TimingNotExact:
        "Browsers compare each entry of `Timing-Allow-Origin` with the page's origin as a whole. They know no wildcard except `*` alone, and `null` names no page."
        bad Toml r#"allow_origins = ["https://app.example.com"]
timing_allow_origin = ["https://*.example.com"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
timing_allow_origin = ["https://app.example.com"]"#;
}

//! The table of keys: every key of the policy language, once.
//!
//! Reading, writing back, suggestions, the JSON Schema and the page `docs/policy.md` follow it.

use super::key::{Key, Kind, Section};
use crate::outcome::{Reason, Upstream, Verdict};
use crate::policy::{DeniedRequests, PREFLIGHT_STATUSES, Preflight, PreflightAnswer, REFUSED_PREFLIGHT_STATUSES};
use crate::route::Unrouted;

/// The words of an enum, in the order of its `ALL`.
macro_rules! words {
    ($word:ty) => {{
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which checks the indices")]
        const WORDS: [&str; <$word>::ALL.len()] = {
            let mut words = [""; <$word>::ALL.len()];
            let mut index = 0;
            while index < words.len() {
                words[index] = <$word>::ALL[index].as_str();
                index += 1;
            }
            words
        };
        Kind::Word(&WORDS)
    }};
}

/// Declares every key once: a static of its own, its place in [`KEYS`], and its row in the
/// documentation of [`KEYS`].
macro_rules! keys {
    ($($key:ident = $name:literal in [$($section:ident),+], $kind:expr, $default:expr, since $since:literal:
        $about:literal
        example: $example:literal
        $(rejected: $rejected:literal)?
        $(not_with: [$($other:literal),+])?
        $(peers: [$($peer:literal),+])?
    ;)*) => {
        $(pub(super) static $key: Key = Key {
            name: $name,
            sections: &[$(Section::$section),+],
            kind: $kind,
            default: $default,
            not_with: &[$($($other),+)?],
            about: $about,
            rejected: concat!($($rejected)?),
            example: $example,
            peers: &[$($($peer),+)?],
            since: $since,
        };)*

        /// Every key of the policy language, in the order in which a person would write them.
        ///
        /// | key | meaning |
        /// |---|---|
        $(#[doc = concat!("| `", $name, "` | ", $about, " |")])*
        pub static KEYS: &[&Key] = &[$(&$key),*];
    };
}

keys! {
    VERSION = "version" in [Document], Kind::Version, None, since "0.1":
        "The version of the policy language, which is 1."
        example: "version = 1\n\n[policy.api]\nallow_origins = [\"https://app.example.com\"]"
        rejected: "Every other value, because this release cannot know what such a document means.";

    UNROUTED = "unrouted" in [Document], words!(Unrouted), Some("\"deny\""), since "0.1":
        "What happens to requests that no route covers: `deny` refuses their preflights and removes the upstream's CORS headers, `pass` leaves them unchanged."
        example: "version = 1\nunrouted = \"pass\"\n\n[policy.api]\nallow_origins = [\"https://app.example.com\"]\n\n[[route]]\npath = \"/api\"\npolicy = \"api\"";

    POLICIES = "policy" in [Document], Kind::Named(Section::Policy), None, since "0.1":
        "The policies by name; each says which origins may read a service's responses."
        example: "version = 1\n\n[policy.api]\nallow_origins = [\"https://app.example.com\"]\n\n[policy.fonts]\nallow_origins = [\"*\"]"
        rejected: "A document without a policy. A name that is not 1 to 64 characters from `A-Z`, `a-z`, `0-9`, `.`, `_`, `-`, because names are shown in logs and written in the configuration of servers.";

    ROUTES = "route" in [Document], Kind::Tables(Section::Route), Some("[]"), since "0.1":
        "Which policy decides for which host and path, where a service asks by host and path and not by the policy's name."
        example: "[[route]]\nhost = \"api.example.com\"\npath = \"/v1\"\npolicy = \"api\""
        rejected: "Two routes with the same host and path, because only one could decide.";

    ALLOW_ORIGINS = "allow_origins" in [Policy, Grant], Kind::Rows, None, since "0.1":
        "The origins that may read responses: exact origins, `*.` for subdomains, `*` inside the first label, `:*` for any port, or a table for a row with options."
        example: "allow_origins = [\n  \"https://app.example.com\",\n  \"https://*.example.net\",\n  \"https://preview-*.example.org\",\n  \"http://localhost:*\",\n  { file = \"partners.txt\" },\n]"
        rejected: "Whatever no browser sends as an origin, such as a path, a trailing `/` or the default port, because such a row would never match; and rows that match hosts which anyone can register. `[\"*\"]` allows any origin, and cannot be combined with other rows, grants or credentials."
        peers: ["origins", "origin", "allow_origin", "allowed_origins", "origin_whitelist", "allow_origin_list", "hosts"];

    ALLOW_METHODS = "allow_methods" in [Policy, Grant], Kind::Strings("a method"), Some("[\"GET\", \"HEAD\", \"POST\"]"), since "0.1":
        "The methods that preflights may ask for, beside `GET` and `HEAD`, which only read and are always allowed; `[\"*\"]` allows any."
        example: "allow_methods = [\"GET\", \"POST\", \"PUT\"]"
        rejected: "A method that browsers never send (`TRACE`, `get`), a word that is not a method (`ALL`), and `*` next to other methods. A list without `POST` is a note: its preflights are refused, but a `POST` that needs no preflight still comes, so the handler must refuse it."
        peers: ["methods", "allowed_methods"];

    ALLOW_HEADERS = "allow_headers" in [Policy, Grant], Kind::Strings("a header name"), Some("[]"), since "0.1":
        "The request headers that pages may set; `[\"*\"]` allows any except `authorization`, which must be listed as well if it is needed."
        example: "allow_headers = [\"content-type\", \"authorization\"]"
        rejected: "What is not a header name, a pattern such as `x-*`, and `*` next to other names than `authorization`."
        peers: ["headers", "allowed_headers"];

    EXPOSE_HEADERS = "expose_headers" in [Policy, Grant], Kind::Strings("a header name"), Some("[]"), since "0.1":
        "The response headers that pages may read in addition to the ones that browsers always expose, such as `content-type`; `[\"*\"]` exposes all."
        example: "expose_headers = [\"x-request-id\"]"
        rejected: "`*` with credentials, because browsers then take it for a header named `*`; `*` next to other names, and a pattern such as `x-*`."
        peers: ["exposed_headers"];

    ALLOW_CREDENTIALS = "allow_credentials" in [Policy, Grant], Kind::Boolean, Some("false"), since "0.1":
        "Whether pages may send cookies, HTTP authentication and client certificates, and read the responses to such requests."
        example: "allow_credentials = true"
        rejected: "`true` together with any origin, with `null`, or with an `http` origin that is not on this machine. If the policy has `true`, each of its grants must set the key too, so that nobody receives credentials by inheritance."
        peers: ["credentials", "supports_credentials"];

    MAX_AGE = "max_age" in [Policy, Grant], Kind::Integer { from: 0, to: 86_400 }, Some("none: browsers keep the answer for 5 seconds"), since "0.1":
        "How many seconds a browser may keep the answer to a preflight; 0 means that it asks every time."
        example: "max_age = 600"
        rejected: "A number outside the range 0 to 86400. More than 7200 is a warning, because Chromium keeps answers no longer."
        peers: ["max_age_seconds", "preflight_max_age"];

    OWN_ORIGINS = "own_origins" in [Policy], Kind::Strings("an exact origin"), Some("[]"), since "0.1":
        "The origins at which the service itself is reached: browsers send `Origin` with same-origin requests too, and those need no permission."
        example: "own_origins = [\"https://api.example.com\"]"
        rejected: "Wildcards and `null`: only exact origins can be the service itself. With `allow_origins = [\"*\"]` the key has no effect and is rejected.";

    DENIED_REQUESTS = "denied_requests" in [Policy], words!(DeniedRequests), Some("\"forward\""), since "0.1":
        "What happens to a request of an origin that is not allowed: `forward` lets the application answer, and the browser keeps the response from the page; `reject` answers 403 before the application runs."
        example: "denied_requests = \"reject\"\nown_origins = [\"https://api.example.com\"]"
        rejected: "`reject` together with `allow_origins = [\"*\"]`, because no request could be rejected. `reject` without `own_origins` is a warning, because same-origin `POST` requests carry `Origin` too and would be rejected.";

    PREFLIGHT = "preflight" in [Policy], words!(Preflight), Some("\"answer\""), since "0.1":
        "Who answers a preflight: `answer` means corsac; `forward` means the application, and corsac only adds its headers."
        example: "preflight = \"forward\"";

    PREFLIGHT_ANSWER = "preflight_answer" in [Policy], words!(PreflightAnswer), Some("\"list\""), since "0.1":
        "What the answer to an accepted preflight contains: `list` sends the whole lists, which browsers keep for later requests; `requested` sends only the requested method and headers, which keeps the lists private."
        example: "preflight_answer = \"requested\"";

    PREFLIGHT_STATUS = "preflight_status" in [Policy], Kind::Number(&PREFLIGHT_STATUSES), Some("204"), since "0.1":
        "The status of the answer to an accepted preflight."
        example: "preflight_status = 200"
        rejected: "Every other status: browsers accept only 200 to 299, and no other of these fits an answer without a body."
        peers: ["options_success_status"];

    REFUSED_PREFLIGHT_STATUS = "refused_preflight_status" in [Policy], Kind::Number(&REFUSED_PREFLIGHT_STATUSES), Some("403"), since "0.1":
        "The status of the answer to a refused preflight; browsers refuse it with each of these, because the headers that allow the request are missing."
        example: "refused_preflight_status = 204"
        rejected: "Every other status, because proxies and browsers may treat the answer as a redirect, a login or a failure of the server.";

    UPSTREAM = "upstream" in [Policy], words!(Upstream), Some("\"replace\""), since "0.1":
        "What happens to CORS headers that the application itself has set: `replace` removes them, so that only the policy decides; `keep` leaves them in place."
        example: "upstream = \"replace\""
        rejected: "nothing. `keep` is a warning, because the application's headers can allow an origin that the policy denies.";

    TIMING_ALLOW_ORIGIN = "timing_allow_origin" in [Policy], Kind::Strings("an exact origin, or `*` alone"), Some("[]"), since "0.1":
        "The origins whose pages may read detailed timings of requests: the static value of `Timing-Allow-Origin` on every response; `[\"*\"]` is any."
        example: "timing_allow_origin = [\"https://app.example.com\"]"
        rejected: "Wildcards and `null`, because the header knows only exact origins and `*`.";

    ALLOW_PRIVATE_NETWORK = "allow_private_network" in [Policy], Kind::Boolean, Some("false"), since "0.1":
        "Whether preflights that ask for private network access (`Access-Control-Request-Private-Network`, a retired draft) are accepted."
        example: "allow_private_network = true";

    GRANTS = "grant" in [Policy], Kind::Tables(Section::Grant), Some("[]"), since "0.1":
        "More origins with rights of their own; what a grant omits it inherits from the policy, and the first grant that matches an origin decides."
        example: "[[policy.api.grant]]\nallow_origins = [\"https://partner.example.org\"]\nallow_methods = [\"GET\", \"POST\"]"
        rejected: "A row that an earlier grant covers, because it could never decide. A grant next to `allow_origins = [\"*\"]`, for the same reason.";

    EXPECTATIONS = "expect" in [Policy], Kind::Tables(Section::Expectation), Some("[]"), since "0.1":
        "Requests and the verdicts that the policy must give them: tests inside the document."
        example: "[[policy.api.expect]]\norigin = \"https://app.example.com\"\nverdict = \"allowed\""
        rejected: "A document that does not meet one of its expectations.";

    PATTERN = "pattern" in [Row], Kind::String("a row of `allow_origins`"), Some("none: a row has `pattern`, `regex`, `file` or `env`"), since "0.1":
        "The row itself, where it needs options: an origin or a pattern as in `allow_origins`."
        example: "allow_origins = [{ pattern = \"https://*.example.com\", depth = 1 }]"
        not_with: ["regex", "file", "env"];

    REGEX = "regex" in [Row], Kind::String("a regular expression"), Some("none: a row has `pattern`, `regex`, `file` or `env`"), since "0.1":
        "A regular expression that must match the whole origin; `^` and `$` are not needed."
        example: "allow_origins = [{ regex = 'https://[a-z0-9-]+--site\\.example\\.org' }]"
        rejected: "An expression for which corsac cannot prove that it stays within registrable domains that it names: an unescaped dot, a missing anchor or `.*` before a domain has opened many services. [Why an accepted expression is safe](expressions.md) has the rules."
        not_with: ["file", "env"];

    FILE = "file" in [Row], Kind::String("a path, relative to the document"), Some("none: a row has `pattern`, `regex`, `file` or `env`"), since "0.1":
        "A list file with one pattern per line; `#` starts a comment. It must end with a line feed, or be empty. Write it to a new file and rename that into place."
        example: "allow_origins = [{ file = \"partners.txt\" }]"
        rejected: "A file that cannot be read, is larger than 256 MiB, is not UTF-8, or whose last line does not end, because it may be cut; a named pipe or a device; `*` in a list file. A document in memory has only the lists that are passed with it."
        not_with: ["env"];

    SCHEME = "scheme" in [Row], Kind::String("`https` or `http`"), Some("none: each line has its scheme"), since "0.1":
        "Beside `file`: the list holds bare hosts, and this scheme, `https` or `http`, stands before each line."
        example: "allow_origins = [{ file = \"tenants.txt\", scheme = \"https\" }]"
        rejected: "A line with `://`, and the lines `*` and `null`, because they are no hosts. A scheme other than `https` and `http`."
        not_with: ["pattern", "regex", "env"];

    ENV = "env" in [Row], Kind::String("the name of an environment variable"), Some("none: a row has `pattern`, `regex`, `file` or `env`"), since "0.1":
        "An environment variable with patterns, between commas or white space, or as a JSON array of strings. It is read once, when the engine is created, and kept for the engine's life. Findings name the variable and the number of the element, never its text."
        example: "allow_origins = [{ env = \"ALLOWED_ORIGINS\" }]"
        rejected: "A variable that is not set; `*` in a variable. Documents in memory, and those whose paths are restricted, have only the variables that are passed with them.";

    OPTIONAL = "optional" in [Row], Kind::Boolean, Some("false"), since "0.1":
        "Beside `env`: a variable that is not set is no error, and names no rows."
        example: "allow_origins = [{ env = \"ALLOWED_ORIGINS\", optional = true }]"
        not_with: ["pattern", "regex", "file"];

    DEPTH = "depth" in [Row], Kind::Integer { from: 1, to: 126 }, Some("none: any number of labels"), since "0.1":
        "How many labels a leading `*.` may cover at most."
        example: "allow_origins = [{ pattern = \"https://*.example.com\", depth = 1 }]"
        rejected: "A row without a leading `*.`, and a number outside the range 1 to 126."
        not_with: ["regex", "file", "env"];

    DANGEROUSLY_ALLOW_PUBLIC_SUFFIX = "dangerously_allow_public_suffix" in [Row], Kind::Boolean, Some("false"), since "0.1":
        "Accepts a wildcard or glob that matches names which anyone can register, such as `https://*.github.io`."
        example: "allow_origins = [{ pattern = \"https://*.github.io\", dangerously_allow_public_suffix = true }]"
        rejected: "nothing. The row stays a warning, so that the risk remains visible; where the key has no effect, that is a warning."
        not_with: ["regex", "file", "env"];

    DANGEROUSLY_ALLOW_INSECURE_SCHEME = "dangerously_allow_insecure_scheme" in [Row], Kind::Boolean, Some("false"), since "0.1":
        "Accepts an `http` origin with credentials, although anyone on the network path can then read what the page can read."
        example: "allow_credentials = true\nallow_origins = [{ pattern = \"http://dev.example.com\", dangerously_allow_insecure_scheme = true }]"
        rejected: "nothing. The row stays a warning, so that the risk remains visible; where the key has no effect, that is a warning."
        not_with: ["file", "env"];

    DANGEROUSLY_ALLOW_NULL = "dangerously_allow_null" in [Row], Kind::Boolean, Some("false"), since "0.1":
        "Accepts the row `null`, which sandboxed frames of every site send; only without credentials."
        example: "allow_origins = [{ pattern = \"null\", dangerously_allow_null = true }]"
        rejected: "Credentials. Without them the row stays a warning, so that the risk remains visible; where the key has no effect, that is a warning."
        not_with: ["regex", "file", "env"];

    DANGEROUSLY_UNPROVED = "dangerously_unproved" in [Row], Kind::Boolean, Some("false"), since "0.1":
        "Accepts an expression without a proof of what it matches; only without credentials, at most 16 in a policy."
        example: "allow_origins = [{ regex = 'https://.*example\\.com', dangerously_unproved = true }]"
        rejected: "Credentials. Without them the row stays a warning, so that the risk remains visible; where the key has no effect, that is a warning."
        not_with: ["file", "env"];

    ORIGIN = "origin" in [Expectation], Kind::String("the value of `Origin`"), Some("none: the request has no `Origin`"), since "0.1":
        "The `Origin` header of the request."
        example: "[[policy.api.expect]]\norigin = \"https://evil.example\"\nverdict = \"denied\"";

    METHOD = "method" in [Expectation], Kind::String("a method"), Some("\"GET\""), since "0.1":
        "The method of the request."
        example: "[[policy.api.expect]]\nmethod = \"POST\"\norigin = \"https://app.example.com\"\nverdict = \"allowed\"";

    HEADERS = "headers" in [Expectation], Kind::Pairs, Some("[]"), since "0.1":
        "Further headers of the request, such as those that make `OPTIONS` a preflight."
        example: "[[policy.api.expect]]\nmethod = \"OPTIONS\"\norigin = \"https://app.example.com\"\nheaders = [[\"access-control-request-method\", \"POST\"]]\nverdict = \"preflight-allowed\"";

    VERDICT = "verdict" in [Expectation], words!(Verdict), None, since "0.1":
        "The verdict that the policy must give."
        example: "[[policy.api.expect]]\nverdict = \"not-cors\"";

    REASON = "reason" in [Expectation], words!(Reason), Some("none: every reason is accepted"), since "0.1":
        "The reason that the policy must give."
        example: "[[policy.api.expect]]\norigin = \"null\"\nverdict = \"denied\"\nreason = \"origin-null\"";

    RULE = "rule" in [Expectation], Kind::String("a row of the policy"), Some("none: every row is accepted"), since "0.1":
        "The row that must match."
        example: "[[policy.api.expect]]\norigin = \"https://app.example.com\"\nverdict = \"allowed\"\nrule = \"https://app.example.com\"";

    HOST = "host" in [Route], Kind::String("a host without scheme and port"), Some("none: every host"), since "0.1":
        "The host that the route covers; a route with a host comes before one without."
        example: "[[route]]\nhost = \"api.example.com\"\npolicy = \"api\""
        rejected: "Upper-case letters, a scheme, a port or a trailing dot, because the hosts of requests are compared without them.";

    PATH = "path" in [Route], Kind::String("`/` and whole segments"), Some("none: every path"), since "0.1":
        "The path that the route covers, with everything below it; the longest path that matches decides."
        example: "[[route]]\npath = \"/v1\"\npolicy = \"api\""
        rejected: "What two servers could read in two ways: `..`, `//`, `%2f`, `;`, `?`. A trailing `/`, because `/v1` covers `/v1/` already.";

    ROUTE_POLICY = "policy" in [Route], Kind::String("the name of a policy"), None, since "0.1":
        "The policy that decides."
        example: "[[route]]\npolicy = \"api\""
        rejected: "A name that the document does not define.";
}

impl Section {
    /// Its keys, in the order in which a person would write them.
    pub fn keys(self) -> impl Iterator<Item = &'static Key> {
        KEYS.iter().copied().filter(move |key| key.sections.contains(&self))
    }
}

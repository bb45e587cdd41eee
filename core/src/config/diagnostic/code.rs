//! The permanent names of everything that can be found in a configuration.

use core::fmt;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// There is no policy.
    Error,
    /// The policy is accepted, but something in it is probably wrong or is a risk that was accepted
    /// on purpose.
    Warning,
    /// Nothing is wrong; a consequence is worth knowing.
    Note,
}

impl Severity {
    /// The name used in every binding. Permanent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Declares every code once: variant, permanent name, meaning.
macro_rules! codes {
    ($($variant:ident = $name:literal: $meaning:literal,)*) => {
        /// What was found. A code's name never changes its meaning; new ones are only added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// Every code of this release.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The permanent name, such as `origin/trailing-slash`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The meaning of the code, in one line.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

codes! {
    DocumentUnreadable = "document/unreadable": "the document cannot be read",
    DocumentTooLarge = "document/too-large": "the document is larger than 64 MiB",
    DocumentNotUtf8 = "document/not-utf8": "the document is not UTF-8",
    DocumentSyntax = "document/syntax": "the document is not TOML or JSON",
    DocumentTooDeep = "document/too-deep": "the document is nested too deeply",
    DocumentVersion = "document/version": "`version` is missing or not one that this release reads",
    DocumentUnknownKey = "document/unknown-key": "an unknown key",
    DocumentDuplicateKey = "document/duplicate-key": "a key that appears twice in one table",
    DocumentMissingKey = "document/missing-key": "a required key is missing",
    DocumentWrongType = "document/wrong-type": "a value of the wrong type for its key",
    DocumentWrongValue = "document/wrong-value": "a word or number that its key does not accept",
    DocumentNoPolicy = "document/no-policy": "the document has no policy",
    DocumentTooManyOrigins = "document/too-many-origins": "more than ten million rows",
    DocumentTooManyDiagnostics = "document/too-many-diagnostics": "more findings than can be shown; the rest are only counted",
    ListUnreadable = "list/unreadable": "a list file cannot be read",
    ListOutsideFolder = "list/outside-folder": "a list file outside the document's folder, where paths are restricted",
    ListTooLarge = "list/too-large": "a list file is larger than 256 MiB",
    ListNotUtf8 = "list/not-utf8": "a list file is not UTF-8",
    ListUnterminated = "list/unterminated": "a list file whose last line does not end: it may be cut",
    ListNotAHost = "list/not-a-host": "a line with `://`, `*` or `null` in a list of hosts",
    ListNotGiven = "list/not-given": "a list that was not given with a document in memory",
    EnvUnset = "env/unset": "an environment variable that is not set",
    EnvEmpty = "env/empty": "an environment variable without a row",
    EnvNotStrings = "env/not-strings": "an environment variable that holds no list of strings",
    EnvNotGiven = "env/not-given": "an environment variable that was not passed with the document",
    PolicyName = "policy/name": "an invalid policy name",
    OriginsEmpty = "origins/empty": "a grant whose list of origins is empty: it allows nothing",
    OriginWhiteSpace = "origin/white-space": "a row with white space in it",
    OriginNotAscii = "origin/not-ascii": "a row with non-ASCII characters, which no `Origin` carries",
    OriginSchemeMissing = "origin/scheme-missing": "a row without a scheme",
    OriginSchemeInvalid = "origin/scheme-invalid": "a row with an invalid scheme",
    OriginSchemeUnsent = "origin/scheme-unsent": "a row with a scheme that no page has as its origin",
    OriginFileScheme = "origin/file-scheme": "a `file:` row: such pages send `null`",
    OriginHostMissing = "origin/host-missing": "a row without a host",
    OriginUserinfo = "origin/userinfo": "a row with a user name",
    OriginTrailingSlash = "origin/trailing-slash": "a row that ends in `/`",
    OriginPath = "origin/path": "a row with a path, a query or a fragment",
    OriginUpperCase = "origin/upper-case": "a row with upper-case letters",
    OriginHostInvalid = "origin/host-invalid": "a row with a host that no browser sends",
    OriginTooLong = "origin/too-long": "a row whose host is longer than 253 bytes",
    OriginPortInvalid = "origin/port-invalid": "a row with an invalid port",
    OriginPortBlocked = "origin/port-blocked": "a row with a port that browsers block",
    OriginDefaultPort = "origin/default-port": "a row that includes the default port, which browsers omit",
    OriginIpv4NotCanonical = "origin/ipv4-not-canonical": "an IPv4 address that is not in the form browsers send",
    OriginIpv6NotCanonical = "origin/ipv6-not-canonical": "an IPv6 address that is not in the form browsers send",
    OriginNull = "origin/null": "a `null` row without its override, or with credentials",
    OriginDuplicate = "origin/duplicate": "a row that appears twice in one grant",
    OriginInsecureScheme = "origin/insecure-scheme": "an `http` row with credentials",
    OriginCodeHost = "origin/code-host": "a host that runs other people's code, with credentials",
    WildcardPlace = "wildcard/place": "a `*` in a position where it is not allowed",
    WildcardAnyHost = "wildcard/any-host": "a row that matches any host",
    WildcardIpAddress = "wildcard/ip-address": "a wildcard below an IP address",
    WildcardScheme = "wildcard/scheme": "a wildcard with a scheme other than `http` and `https`",
    WildcardPublicSuffix = "wildcard/public-suffix": "a wildcard below which anyone can register a name",
    WildcardDepth = "wildcard/depth": "a `depth` that is out of range or has no wildcard to limit",
    WildcardSiblings = "wildcard/siblings": "a wildcard with credentials: every host below reads credentialed answers",
    GlobRegistrableLabel = "glob/registrable-label": "a `*` inside a label that anyone can register",
    GlobFewLiterals = "glob/few-literals": "a glob directly below a public suffix with fewer than four literal characters",
    GlobPublicSuffix = "glob/public-suffix": "a glob directly below a public suffix: anyone can register a name that it matches",
    GlobWeakLiterals = "glob/weak-literals": "a glob that could make too many rows candidates for one origin",
    RegexSyntax = "regex/syntax": "not a valid regular expression",
    RegexFlags = "regex/flags": "an expression that sets flags",
    RegexNotAscii = "regex/not-ascii": "an expression with non-ASCII characters",
    RegexLook = "regex/look": "an expression with an anchor or a word boundary inside",
    RegexScheme = "regex/scheme": "an expression without a literal scheme",
    RegexDomain = "regex/domain": "an expression that does not fix a registrable domain",
    RegexNoDomain = "regex/no-domain": "an expression for hosts that have no registrable domain",
    RegexPublicSuffix = "regex/public-suffix": "an expression whose domain is a public suffix, above one, or one where anyone can run code",
    RegexPort = "regex/port": "an expression with something other than a port after its domain",
    RegexTooLarge = "regex/too-large": "an expression whose automaton is larger than 1 MiB",
    RegexTooLargeTogether = "regex/too-large-together": "expressions whose automata are larger than 128 MiB together",
    RegexTooMany = "regex/too-many": "an expression that would make too many rows candidates for one origin",
    OverrideUnproved = "override/unproved": "`dangerously_unproved` is in use",
    ExpectFailed = "expect/failed": "the document does not meet one of its own expectations",
    RedundantContained = "redundant/contained": "a row that another row of the same grant already covers",
    RedundantExpression = "redundant/expression": "an expression that a plain row can replace",
    OverridePublicSuffix = "override/public-suffix": "`dangerously_allow_public_suffix` is in use",
    OverrideInsecureScheme = "override/insecure-scheme": "`dangerously_allow_insecure_scheme` is in use",
    OverrideNull = "override/null": "`dangerously_allow_null` is in use",
    OverrideUnneeded = "override/unneeded": "an override that has no effect",
    AnyOriginNotAlone = "any-origin/not-alone": "`*` beside other rows, or in a list file or a variable",
    AnyOriginCredentials = "any-origin/credentials": "any origin, with credentials",
    AnyOriginGrants = "any-origin/grants": "any origin, with further grants",
    AnyOriginOwnOrigins = "any-origin/own-origins": "any origin, together with `own_origins`",
    AnyOriginPrivateNetwork = "any-origin/private-network": "any origin, with private network access",
    AnyOriginReject = "any-origin/reject": "any origin, together with `denied_requests = \"reject\"`",
    OwnOriginsNotExact = "own-origins/not-exact": "an entry of `own_origins` that is not one exact origin",
    MethodInvalid = "method/invalid": "a method that is not a token of at most 64 bytes",
    MethodForbidden = "method/forbidden": "a method that browsers never send",
    MethodNotAMethod = "method/not-a-method": "a word or a pattern that is not a method, such as `ALL`",
    MethodNotNormalized = "method/not-normalized": "a method written in a case that browsers never send",
    MethodLowerCase = "method/lower-case": "a method with lower-case letters, which few clients send",
    MethodDuplicate = "method/duplicate": "a method that is listed twice",
    MethodAnyNotAlone = "method/any-not-alone": "`*` beside other methods",
    MethodPostUnlisted = "method/post-unlisted": "a list of methods without `POST`, which pages can send without a preflight",
    HeaderInvalid = "header/invalid": "a header name that is not a token of at most 256 bytes",
    HeaderPattern = "header/pattern": "a pattern in place of a header name",
    HeaderForbidden = "header/forbidden": "a request header that pages cannot set",
    HeaderDuplicate = "header/duplicate": "a header name that is listed twice",
    HeaderAnyNotAlone = "header/any-not-alone": "`*` beside other header names than `authorization`",
    ExposeAnyWithCredentials = "expose/any-with-credentials": "`*` in `expose_headers` with credentials, where it is not a wildcard",
    ExposeAnyNotAlone = "expose/any-not-alone": "`*` beside other exposed headers",
    ExposeUnreadable = "expose/unreadable": "a response header that pages can never read",
    MaxAgeRange = "max-age/range": "a `max_age` outside the range 0 to 86400",
    MaxAgeAboveCap = "max-age/above-cap": "a `max_age` above Chromium's limit",
    GrantCredentialsMissing = "grant/credentials-missing": "a grant that must set `allow_credentials` and does not",
    GrantShadowed = "grant/shadowed": "a row that can never apply because an earlier grant covers it",
    GrantOverlap = "grant/overlap": "a row that an earlier grant partly overrides",
    UpstreamKeep = "upstream/keep": "`upstream = \"keep\"` leaves the upstream's CORS headers in place",
    RejectOwnOriginsMissing = "reject/own-origins-missing": "denied requests are rejected, including same-origin ones",
    AnswerTooLarge = "answer/too-large": "lists that make an answer larger than 8 KiB",
    TimingAnyNotAlone = "timing/any-not-alone": "`*` beside other origins in `timing_allow_origin`",
    TimingNotExact = "timing/not-exact": "a row of `timing_allow_origin` that is not one exact origin",
    RouteHost = "route/host": "a route with a `host` that no request can match",
    RoutePath = "route/path": "a route with a `path` that no request can match",
    RouteDuplicate = "route/duplicate": "two routes for one host and path",
    RouteUnknownPolicy = "route/unknown-policy": "a route to a policy that does not exist",
    ReloadPolicyMissing = "reload/policy-missing": "a reload without a policy that the running service requires",
    ReloadRoutesMissing = "reload/routes-missing": "a reload without routes, by which the running service chooses policies",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

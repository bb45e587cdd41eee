//! Why rows with wildcards, and regular expressions, are rejected.

use super::explained;

explained! {
    WildcardPlace:
        "A `*` may be the first label (`https://*.example.com`), part of the first label, or the whole port. Anywhere else its meaning would be unclear, and in other products such rows have matched foreign hosts."
        bad Toml r#"allow_origins = ["https://app.*.example.com"]"#
        good Toml r#"allow_origins = ["https://*.example.com"]"#;
    WildcardAnyHost:
        "The row matches every host, but would answer with the requesting origin, which looks like a restriction. If the data is public, `*` alone says so, without credentials."
        bad Toml r#"allow_origins = ["https://*"]"#
        good Toml r#"allow_origins = ["https://*.example.com"]"#;
    WildcardIpAddress:
        "IP addresses have no subdomains, so the row could never match."
        bad Toml r#"allow_origins = ["http://*.0.0.1"]"#
        good Toml r#"allow_origins = ["http://127.0.0.1:*"]"#;
    WildcardScheme:
        "In schemes other than `http` and `https`, such as those of browser extensions and desktop applications, the host is an opaque name without subdomains or ports."
        bad Toml r#"allow_origins = ["chrome-extension://*.example"]"#
        good Toml r#"allow_origins = ["chrome-extension://abcdefghijklmnopabcdefghijklmnop"]"#;
    WildcardPublicSuffix [Error, Warning]:
        "Below a public suffix, such as `com` or `github.io`, anyone can register a name. The wildcard would match all of them, an attacker's included. It is an error with credentials and a warning without. A wildcard for a name that has public suffixes below it is treated in the same way, and so is one for hosts that run anybody's code, such as `*.cdpn.io` and `*.app.github.dev`. Private network access counts as credentials do."
        bad Toml r#"allow_origins = ["https://*.github.io"]"#
        good Toml r#"allow_origins = ["https://example.github.io"]"#;
    WildcardDepth:
        "`depth` limits how many labels a leading `*.` covers. It is a number from 1 to 126, and has no meaning for other rows."
        bad Toml r#"allow_origins = [{ pattern = "https://app.example.com", depth = 1 }]"#
        good Toml r#"allow_origins = [{ pattern = "https://*.example.com", depth = 1 }]"#;
    WildcardSiblings [Note]:
        "With credentials, scripts on every host below the name can read credentialed responses. One abandoned or compromised host is enough, so make sure that you control all of them."
        bad Toml r#"allow_origins = ["https://*.example.com"]
allow_credentials = true"#
        good Toml r#"allow_origins = ["https://app.example.com", "https://www.example.com"]
allow_credentials = true"#;
    GlobRegistrableLabel:
        "Directly below `com` and similar suffixes, a label is what people register. Anyone could buy a name that the `*` matches, such as `example-evil.com` for `example*.com`."
        bad Toml r#"allow_origins = ["https://example*.com"]"#
        good Toml r#"allow_origins = ["https://example.com", "https://*.example.com"]"#;
    GlobFewLiterals:
        "Directly below a suffix where anyone can register a name, the `*` needs at least four characters of your own next to it. With fewer, almost any name matches."
        bad Toml r#"allow_origins = ["https://my*.vercel.app"]"#
        good Toml r#"allow_origins = ["https://shop-git-main-team.vercel.app"]"#;
    GlobPublicSuffix [Error, Warning]:
        "Anyone can register a name below this suffix, or run code below it, and so also on one that the `*` matches. It is an error with credentials and a warning without. Previews on a domain of your own do not have this risk."
        bad Toml r#"allow_origins = ["https://shop-*.vercel.app"]"#
        good Toml r#"allow_origins = ["https://shop-*.preview.example.com"]"#;
    GlobWeakLiterals:
        "One origin may be compared with at most 64 globs and expressions, so that the cost of a request has a limit. More than 64 rows share the same characters next to their `*`."
        bad Words "65 rows from `https://app-*a0.example.com` to `https://app-*a64.example.com`."
        good Toml r#"allow_origins = ["https://app-*.example.com"]"#;
    RegexSyntax:
        "The text is not a regular expression, or uses syntax that is not supported, such as look-around and back-references. The syntax is that of the Rust crate `regex`, without Unicode."
        bad Toml r#"allow_origins = [{ regex = 'https://(?!evil)[a-z]+\.example\.com' }]"#
        good Toml r#"allow_origins = [{ regex = 'https://[a-z]+[0-9]\.example\.com' }]"#;
    RegexFlags:
        "Flags such as `(?i)` change the meaning of the rest of the expression, and are easily overlooked in a review. They are not needed: browsers send origins in lower case."
        bad Toml r#"allow_origins = [{ regex = '(?i)https://[a-z]+[0-9]\.example\.com' }]"#
        good Toml r#"allow_origins = [{ regex = 'https://[a-z]+[0-9]\.example\.com' }]"#;
    RegexNotAscii:
        "An `Origin` header contains only ASCII characters: international names are sent in their `xn--` form. An expression with other characters could never match as it is meant."
        bad Toml r#"allow_origins = [{ regex = 'https://[a-z]+[0-9]\.bücher\.example' }]"#
        good Toml r#"allow_origins = [{ regex = 'https://[a-z]+[0-9]\.xn--bcher-kva\.example' }]"#;
    RegexLook:
        "Expressions always match the whole origin, so anchors are not needed, and only one `^` at the start and one `$` at the end are accepted. An anchor or word boundary inside makes it unclear what the expression matches."
        bad Toml r#"allow_origins = [{ regex = 'https://[a-z]+\b\.example\.com' }]"#
        good Toml r#"allow_origins = [{ regex = '^https://[a-z]+[0-9]\.example\.com$' }]"#;
    RegexScheme:
        "Each alternative must begin with `https://` or `http://`. Otherwise it is not certain which scheme the expression allows."
        bad Toml r#"allow_origins = [{ regex = '.*\.example\.com' }]"#
        good Toml r#"allow_origins = [{ regex = 'https://[a-z]+[0-9]\.example\.com' }]"#;
    RegexDomain:
        "The end of the host, with the dot before it, must be written out. Otherwise hosts of other owners match: `https://.*example\\.com` also matches `https://evilexample.com`, and an unescaped `.` matches any character. What is optional or repeated is not written out: `example\\.com?` is also `example.co`."
        bad Toml r#"allow_origins = [{ regex = 'https://.*example\.com' }]"#
        good Toml r#"allow_origins = [{ regex = 'https://.*[0-9]\.example\.com' }]"#;
    RegexNoDomain:
        "IP addresses and names without a dot are not registrable domains, and the proof works only for those and for the user's own machine (`localhost`, `127.0.0.1`, `[::1]`). A row says the same more simply, with `:*` for any port."
        bad Toml r#"allow_origins = [{ regex = 'http://192\.168\.0\.1:[0-9]+' }]"#
        good Toml r#"allow_origins = ["http://192.168.0.1:*"]"#;
    RegexPublicSuffix:
        "The part that is written out is a public suffix, or has one below it: anyone can register a name that the expression matches. Domains whose hosts run anybody's code, such as `cdpn.io`, are treated in the same way."
        bad Toml r#"allow_origins = [{ regex = 'https://shop-[a-z0-9]+\.vercel\.app' }]"#
        good Toml r#"allow_origins = [{ regex = 'https://shop-[a-z0-9]+\.preview\.example\.com' }]"#;
    RegexPort:
        "After the domain only a port may follow: a literal one that browsers send, or a colon and digits. Anything else could let the host continue, as in `https://app.example.com.evil.example`."
        bad Toml r#"allow_origins = [{ regex = 'https://app\.example\.com.*' }]"#
        good Toml r#"allow_origins = [{ regex = 'https://app\.example\.com:[0-9]+' }]"#;
    RegexTooLarge:
        "The expression needs more than 1 MiB of memory when it is compiled. The limit keeps the cost of loading within bounds; counted repetitions such as `{100000}` are the usual cause."
        bad Toml r#"allow_origins = [{ regex = 'https://[a-z]{100000}\.example\.com' }]"#
        good Toml r#"allow_origins = [{ regex = 'https://[a-z]{1,20}\.example\.com' }]"#;
    RegexTooLargeTogether:
        "Each expression is compiled to an automaton, which is built whenever the document is loaded and stays in memory. The automata of a document have a limit together, so that loading stays quick and memory bounded. Globs and exact rows need a few bytes each."
        bad Words "200 rows such as `{ regex = 'https://[a-z0-9-]{1,60}-[a-z]{1,60}\\.example\\.com' }`, each with an automaton of nearly 1 MiB."
        good Toml r#"allow_origins = ["https://*.example.com"]"#;
    RegexTooMany:
        "One origin may be compared with at most 64 globs and expressions, and a policy may have at most 16 expressions without a proof, so that the cost of a request has a limit."
        bad Words "65 expressions that all end in `\\.example\\.com`."
        good Toml r#"allow_origins = [{ regex = 'https://(?:app|www|shop)[0-9]+\.example\.com' }]"#;
}

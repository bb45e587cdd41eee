//! Why documents, list files and routes are rejected.

use super::explained;

explained! {
    DocumentUnreadable:
        "The file does not exist, is not a file, or may not be read by this user. Nothing can be decided without it, so a program does not start, and a running one keeps its previous policies."
        bad Words "`corsac check polcy.toml`, where the file is called `policy.toml`."
        good Words "`corsac check policy.toml`, by a user who may read the file.";
    DocumentTooLarge:
        "Documents are limited to 64 MiB and 40 million tokens, so that a wrong or hostile file cannot use up the memory. List files may be larger, because they are only rows."
        bad Words "A document in which two million origins are written out."
        good Toml r#"allow_origins = [{ file = "partners.txt" }]"#;
    DocumentNotUtf8:
        "Documents are read as UTF-8, as TOML and JSON require. Reading them in another encoding could change a name without anyone seeing it."
        bad Words "A document that an editor saved as Latin-1 or UTF-16."
        good Words "The same document, saved as UTF-8.";
    DocumentSyntax:
        "The file is not valid TOML, or not valid JSON if its name ends in `.json`. The position is where the parser gave up; the mistake may be a little before it."
        bad Toml r#"allow_origins = ["https://app.example.com""#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    DocumentTooDeep:
        "Policies nest five levels deep; 16 are allowed. Deeper nesting is a mistake or an attempt to exhaust the stack of the parser."
        bad Toml r#"allow_origins = [[[[[[[[[[[[[[[[[["https://app.example.com"]]]]]]]]]]]]]]]]]]"#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    DocumentVersion:
        "`version` says how the document is to be understood. Without it, or with a version that this release does not know, a key could mean something else than its author intended."
        bad Toml r#"version = 2

[policy.api]
allow_origins = ["https://app.example.com"]"#
        good Toml r#"version = 1

[policy.api]
allow_origins = ["https://app.example.com"]"#;
    DocumentUnknownKey:
        "The key does not exist in this table, or cannot be combined with another key of it. A misspelt key that was ignored would leave a default in place of what you meant, so it is an error. [All keys](policy.md) are listed with the names that other packages use."
        bad Toml r#"allow_origins = ["https://app.example.com"]
supports_credentials = true"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_credentials = true"#;
    DocumentDuplicateKey:
        "JSON parsers disagree on which of two equal keys counts, so a document with both has no clear meaning. (In TOML this is a syntax error.)"
        bad Json r#"{"version": 1, "policy": {"api": {"allow_origins": [], "allow_origins": ["*"]}}}"#
        good Json r#"{"version": 1, "policy": {"api": {"allow_origins": ["*"]}}}"#;
    DocumentMissingKey:
        "A key that has no default is missing: `allow_origins` of a policy or grant, `policy` of a route, `verdict` of an expectation, or what a row matches."
        bad Toml r#"allow_methods = ["PUT"]"#
        good Toml r#"allow_origins = ["https://app.example.com"]
allow_methods = ["PUT"]"#;
    DocumentWrongType:
        "The key accepts another type of value, such as a list in place of a string. Values are not converted, because a conversion could give them another meaning."
        bad Toml r#"allow_origins = "https://app.example.com""#
        good Toml r#"allow_origins = ["https://app.example.com"]"#;
    DocumentWrongValue:
        "The key accepts only certain words or numbers, and this is none of them. Words are compared exactly, including upper and lower case."
        bad Toml r#"allow_origins = ["https://app.example.com"]
preflight = "ignore""#
        good Toml r#"allow_origins = ["https://app.example.com"]
preflight = "forward""#;
    DocumentNoPolicy:
        "A document without a policy would deny everything, which is more likely a mistake than an intention."
        bad Toml "version = 1"
        good Toml r#"version = 1

[policy.api]
allow_origins = ["https://app.example.com"]"#;
    DocumentTooManyOrigins:
        "A document may have ten million rows, those of its list files included. The limit keeps the memory that a wrong list can use within bounds."
        bad Words "A list file with eleven million lines."
        good Words "Two services with a document each, or one wildcard in place of the rows that it covers.";
    DocumentTooManyDiagnostics [Error, Warning]:
        "Only the first 100,000 findings are kept, so that a list with a million bad lines does not fill the memory. The rest are counted."
        bad Words "A list file in which each of 200,000 lines ends in `/`."
        good Words "The same file without the slashes: one change usually fixes all findings.";
    ListUnreadable:
        "A list file that the document names does not exist or may not be read. Its path is relative to the document, not to the current folder. Continuing without its rows would deny origins that should be allowed."
        bad Toml r#"allow_origins = [{ file = "missing.txt" }]"#
        good Toml r#"allow_origins = [{ file = "partners.txt" }]"#;
    ListOutsideFolder:
        "Whoever loads the document restricts its list files to its own folder, for example because tenants write it: findings quote rows, and a row would be a line of any file that the service can read. Absolute paths, `..`, and symbolic links that lead out of the folder are refused."
        bad Words "`{ file = \"../tenants.txt\" }`, checked with `corsac check --restrict-paths`."
        good Words "`{ file = \"tenants.txt\" }`, a file beside the document.";
    ListTooLarge:
        "A list file may have 256 MiB, and all of them together about 1 GiB, so that a wrong file cannot use up the memory."
        bad Words "A list file of 300 MiB."
        good Words "Two list files of 150 MiB each, named in two rows.";
    ListNotUtf8:
        "List files are read as UTF-8. Rows contain only ASCII anyway: other characters can occur only in comments."
        bad Words "A list file whose comments are in Latin-1."
        good Words "The same file, saved as UTF-8.";
    ListUnterminated:
        "A file whose last line does not end may be cut: its writer stalled or failed, or the disk is full. The last row could then be the beginning of another, such as `https://app.example.co` of `https://app.example.com`, and would allow somebody else's site. Empty files are accepted."
        bad Words "A list file that ends with `https://app.example.com` and no line feed."
        good Words "The same file with a line feed at its end.";
    ListNotAHost:
        "With `scheme`, the list holds bare hosts, and the scheme stands before each line. A line that has a scheme itself would name no host; `*` would be every host, and `null` is what pages without an origin send."
        bad Words "The line `https://a.example.com` in a list that is named as `{ file = \"tenants.txt\", scheme = \"https\" }`."
        good Words "The line `a.example.com` in that list.";
    ListNotGiven:
        "A document in memory never opens files: nobody can tell to which folder its paths would be relative, and whoever wrote it may not be allowed to read them. Its lists are passed beside it, by the names that it writes."
        bad Words "`Source::from_text` with a document that names `{ file = \"tenants.txt\" }`, and no list `tenants.txt` beside it."
        good Words "The same call with the list: `&[(\"tenants.txt\", rows)]`.";
    EnvUnset [Error, Note]:
        "The environment has no variable of this name. Continuing without its rows would deny origins that should be allowed. With `optional = true` it is only a note."
        bad Words "`{ env = \"ALLOWED_ORIGINS\" }`, where the service is started without `ALLOWED_ORIGINS`."
        good Toml r#"allow_origins = [{ env = "ALLOWED_ORIGINS" }]"#;
    EnvEmpty [Warning]:
        "The variable is set, but has no element, so it allows nothing: often a template that was not filled in."
        bad Words "`ALLOWED_ORIGINS=` in the service's environment."
        good Words "`ALLOWED_ORIGINS=https://app.example.com,https://admin.example.com`";
    EnvNotStrings:
        "A variable holds rows between commas or white space, or a JSON array of strings. Tables with options are not read from it: an override belongs where it is reviewed."
        bad Words "`ALLOWED_ORIGINS=[{\"pattern\": \"https://app.example.com\"}]`"
        good Words "`ALLOWED_ORIGINS=[\"https://app.example.com\"]`";
    EnvNotGiven:
        "A document in memory, and one whose paths are restricted, may have been written by somebody else. It does not read the environment of the service, which holds secrets; it has only the variables that are passed with it."
        bad Words "`corsac check --restrict-paths tenant.toml`, where the document names `{ env = \"TENANT_ORIGINS\" }`."
        good Words "`corsac check --restrict-paths --env TENANT_ORIGINS=https://app.example.com tenant.toml`";
    PolicyName:
        "The name appears in logs, metrics and the configuration of servers, so it is limited to 1 to 64 characters that need no quoting anywhere."
        bad Toml r#"version = 1

[policy."public api"]
allow_origins = ["https://app.example.com"]"#
        good Toml r#"version = 1

[policy.public-api]
allow_origins = ["https://app.example.com"]"#;
    ExpectFailed:
        "The document says in `expect` what the policy should decide for a request, and the policy decides something else. One of the two is wrong, and using the document would hide it."
        bad Toml r#"allow_origins = ["https://app.example.com"]

[[policy.api.expect]]
origin = "https://app.example.net"
verdict = "allowed""#
        good Toml r#"allow_origins = ["https://app.example.com", "https://app.example.net"]

[[policy.api.expect]]
origin = "https://app.example.net"
verdict = "allowed""#;
    RouteHost:
        "The hosts of requests are compared in lower case, without a port and without a trailing dot. A route that is written in another way could never match."
        bad Toml r#"allow_origins = ["https://app.example.com"]

[[route]]
host = "API.example.com:443"
policy = "api""#
        good Toml r#"allow_origins = ["https://app.example.com"]

[[route]]
host = "api.example.com"
policy = "api""#;
    RoutePath:
        "A path that servers interpret differently (`..`, `//`, `;`, encoded characters) could select one policy here and another resource in the application, so such a path never matches. A route covers everything below its path, so no `/` is needed at the end."
        bad Toml r#"allow_origins = ["https://app.example.com"]

[[route]]
path = "/v1/"
policy = "api""#
        good Toml r#"allow_origins = ["https://app.example.com"]

[[route]]
path = "/v1"
policy = "api""#;
    RouteDuplicate:
        "Two routes have the same host and path. Only one of them could decide, and a reader could not tell which."
        bad Toml r#"allow_origins = ["https://app.example.com"]

[[route]]
path = "/v1"
policy = "api"

[[route]]
path = "/v1"
policy = "api""#
        good Toml r#"allow_origins = ["https://app.example.com"]

[[route]]
path = "/v1"
policy = "api""#;
    RouteUnknownPolicy:
        "The route names a policy that the document does not have. Its requests would be denied without anyone having decided so."
        bad Toml r#"allow_origins = ["https://app.example.com"]

[[route]]
path = "/v1"
policy = "apl""#
        good Toml r#"allow_origins = ["https://app.example.com"]

[[route]]
path = "/v1"
policy = "api""#;
    ReloadPolicyMissing:
        "The configuration of the running service names a policy, such as `corsac api;` in nginx or `policy_name=\"api\"` in Python, and the new document has none of that name. Without the policy, every page of another origin would be shut out, and requests that were rejected would reach the application. The document is refused as a whole, and the policies in use stay. Policies that are only looked up by what a request says are not required."
        bad Words "A reload of a document in which `[policy.api]` was renamed to `[policy.public]`, where nginx is configured with `corsac api;`."
        good Words "A document with both policies; then `corsac public;` in nginx; then a document without `[policy.api]`.";
    ReloadRoutesMissing:
        "The running service lets the document's routes choose the policy of each request, and the new document has no route. Or it uses the document's only policy, and the new document has several and no route to choose among them. No request would have a policy. The document is refused as a whole, and the policies in use stay."
        bad Words "A reload of a document whose last `[[route]]` was removed, where nginx is configured with `corsac route;`."
        good Words "A document with one route for all paths: `[[route]]` with `path = \"/\"` and `policy = \"api\"`.";
}

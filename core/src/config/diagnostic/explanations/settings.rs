//! Why settings of other packages are rejected, which the Python package reads. The engine has no
//! such codes: they are explained here because one page and one command explain all.

use crate::config::diagnostic::code::Severity;
use crate::config::diagnostic::explanation::{Example, Explanation};

const fn explained(
    name: &'static str,
    meaning: &'static str,
    severities: &'static [Severity],
    [why, bad, good]: [&'static str; 3],
) -> Explanation {
    Explanation { name, meaning, severities, why, bad: Example::Python(bad), good: Example::Python(good) }
}

const ERROR: &[Severity] = &[Severity::Error];
const WARNING: &[Severity] = &[Severity::Warning];
const NOTE: &[Severity] = &[Severity::Note];
const WARNING_OR_NOTE: &[Severity] = &[Severity::Warning, Severity::Note];
const BOTH: &[Severity] = &[Severity::Error, Severity::Warning];

pub(super) static EXPLANATIONS: &[Explanation] = &[
    explained(
        "settings/missing",
        "a required environment variable is not set",
        ERROR,
        [
            "`Policy.from_env` needs the variable with the origins. An empty value allows no origin; a missing variable is more likely a mistake in the deployment.",
            "corsac.Policy.from_env(environ={})",
            "corsac.Policy.from_env(environ={\"CORSAC_ALLOW_ORIGINS\": \"https://app.example.com\"})",
        ],
    ),
    explained(
        "settings/unknown",
        "an option, setting or variable that does not exist",
        BOTH,
        [
            "A misspelt option that was ignored would leave a default in place of what you meant. In an import it is a warning, because the original package ignored it too.",
            "CORS(app, origin=\"https://app.example.com\")",
            "CORS(app, origins=\"https://app.example.com\")",
        ],
    ),
    explained(
        "settings/wrong-type",
        "a setting with a value of the wrong type",
        ERROR,
        [
            "The setting accepts another type of value, such as a list in place of a string. Values are not converted, because a conversion could give them another meaning.",
            "CORS_ALLOWED_ORIGINS = \"https://app.example.com\"",
            "CORS_ALLOWED_ORIGINS = [\"https://app.example.com\"]",
        ],
    ),
    explained(
        "settings/conflict",
        "settings that cannot be combined",
        ERROR,
        [
            "A policy or an engine says everything about origins and rights, so no single setting can be added to it. A policy's name needs the engine that has the policy.",
            "CORSAC_POLICY = corsac.Policy(allow_origins=[\"https://app.example.com\"])\nCORS_ALLOW_CREDENTIALS = True",
            "CORSAC_POLICY = corsac.Policy(allow_origins=[\"https://app.example.com\"], allow_credentials=True)",
        ],
    ),
    explained(
        "settings/never-matched",
        "an entry that the original package never matched",
        BOTH,
        [
            "In the original package this entry never matched what it seems to describe. In a policy it would, and so allow what was denied before. Remove it, or write what you mean on purpose. In an import, a `*` among methods is a warning: the document goes without it.",
            "CORS_ALLOWED_ORIGINS = [\"https://*.example.com\"]",
            "CORSAC_POLICY = corsac.Policy(allow_origins=[\"https://*.example.com\"])",
        ],
    ),
    explained(
        "settings/narrower",
        "the policy allows less than the settings did",
        WARNING_OR_NOTE,
        [
            "The original package left the decision to the browser, or to a `*` that covers only requests without credentials, and some pages could do more than the lists say. The policy allows what is listed.",
            "CORS_ALLOW_METHODS = [\"GET\", \"PUT\"]",
            "CORS_ALLOW_METHODS = [\"GET\", \"POST\", \"PUT\"]",
        ],
    ),
    explained(
        "settings/wider",
        "the policy allows more than the settings did",
        NOTE,
        [
            "Every policy allows the methods that only read: `GET` and `HEAD`. The original package refused their preflights unless they were listed, which kept no page from the same request without a preflight.",
            "CORSMiddleware(app, allow_origins=[\"https://app.example.com\"], allow_methods=[\"PUT\"])",
            "CORSMiddleware(app, allow_origins=[\"https://app.example.com\"], allow_methods=[\"GET\", \"PUT\"])",
        ],
    ),
    explained(
        "settings/pattern",
        "a regular expression where only names are accepted",
        ERROR,
        [
            "`allow_headers` lists names of headers. An expression could allow names that nobody has reviewed.",
            "CORS(app, origins=\"https://app.example.com\", allow_headers=re.compile(\"x-.*\"))",
            "CORS(app, origins=\"https://app.example.com\", allow_headers=[\"x-request-id\"])",
        ],
    ),
    explained(
        "settings/vary-header",
        "`Vary: Origin` is switched off although responses depend on the origin",
        ERROR,
        [
            "Without `Vary: Origin`, a cache can send one origin's response to another: then a page is blocked, or reads what it may not.",
            "CORS(app, origins=\"https://app.example.com\", vary_header=False)",
            "CORS(app, origins=\"https://app.example.com\")",
        ],
    ),
    explained(
        "settings/several",
        "two sets of settings apply to the same requests",
        WARNING,
        [
            "One policy decides for each request. The application has two for the same paths: the outer one decides, and a document contains only the one that the message names.",
            "CORS(app, origins=\"https://app.example.com\")\nCORS(app, origins=\"https://www.example.com\")",
            "CORS(app, origins=[\"https://app.example.com\", \"https://www.example.com\"])",
        ],
    ),
    explained(
        "settings/order",
        "a middleware that may answer requests before CORS",
        WARNING_OR_NOTE,
        [
            "Preflights carry no credentials: a middleware outside of CORS that asks for them refuses every preflight. Pages cannot read what it answers itself, because CORS adds no headers there. It is a note for Starlette's own responses to uncaught errors.",
            "app.add_middleware(CORSMiddleware, policy=policy)\napp.add_middleware(AuthenticationMiddleware, backend=backend)",
            "app.add_middleware(AuthenticationMiddleware, backend=backend)\ncorsac.asgi.install(app, policy=policy)",
        ],
    ),
    explained(
        "settings/paths",
        "paths that no route of a document can describe",
        BOTH,
        [
            "A route covers a path and everything below it. Other paths, such as regular expressions, cannot be written to the document. It is an error if another policy of the document would then decide for these paths.",
            "CORS_URLS_REGEX = \"^/v[0-9]/\"",
            "CORS_URLS_REGEX = \"^/api/\"",
        ],
    ),
    explained(
        "settings/unread",
        "code or settings that an import cannot read",
        WARNING,
        [
            "Code can allow or deny requests in ways that no setting shows, such as another middleware or a receiver of a signal. The document does not contain them; check whether it should.",
            "app.add_middleware(OurCorsMiddleware)",
            "app.add_middleware(CORSMiddleware, allow_origins=[\"https://app.example.com\"])",
        ],
    ),
];

"""``python -m corsac import-…`` as a program."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import corsac
from corsac._report import Report

STARLETTE = '''
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount, Route

print("the module talks")

class Services:
    app = Starlette(middleware=[Middleware(CORSMiddleware, allow_origins=["https://a.example.com"])])

bare = Starlette()
refused = Starlette(middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_credentials=True)])
mounted = Starlette(routes=[
    Mount("/one", Services.app),
    Mount("/two", routes=[Mount("/three", refused)]),
    Route("/four", lambda request: None, middleware=[Middleware(CORSMiddleware, allow_origins=["*"])]),
])
api = CORSMiddleware(Starlette(routes=[Mount("/one", Services.app)]), allow_origins=["https://b.example.com"])

def create():
    return Services.app
'''

FLASK = '''
import flask, flask_cors, functools
from flask.views import MethodView
app = flask.Flask("app")
flask_cors.CORS(app, resources={"/api/*": {"origins": ["https://a.example.com"]}})
flask_cors.CORS(app, resources={"/other/*": {"origins": ["https://o.example.com"]}})

def logged_in(view):
    @functools.wraps(view)
    def around(*args, **kwargs):
        return view(*args, **kwargs)
    return around

@app.route("/view")
@logged_in
@flask_cors.cross_origin(origins="https://b.example.com", max_age=60)
def view():
    return "view"

class Items(MethodView):
    @flask_cors.cross_origin(origins="https://c.example.com")
    def get(self):
        return "items"

app.add_url_rule("/items", view_func=Items.as_view("items"))
bare = flask.Flask("bare")
'''

SETTINGS = '''
SECRET_KEY = "x"
INSTALLED_APPS = ["corsheaders"]
MIDDLEWARE = ["corsheaders.middleware.CorsMiddleware"]
CORS_ALLOWED_ORIGINS = ["https://a.example.com"]
CORS_PREFLIGHT_MAX_AGE = 60
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the modules are, and not the tests."""
    for name, text in (("services", STARLETTE), ("site_flask", FLASK), ("site_settings", SETTINGS)):
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "corsac", *arguments]
    variables = {key: value for key, value in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        command, cwd=folder, env={**variables, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_document_is_one(folder: Path) -> None:
    printed = run(folder, "import-starlette", "services:Services.app")
    assert printed.returncode == 0, printed.stderr
    assert printed.stderr.startswith("the module talks\nnote[method/post-unlisted]: ")
    assert printed.stderr.endswith("\nservices:Services.app: 1 note\n")
    assert printed.stdout.splitlines()[:5] == [
        "version = 1",
        "",
        "[policy.default]",
        'allow_origins = ["https://a.example.com"]',
        'allow_methods = ["GET"]',
    ]
    (folder / "policy.toml").write_text(printed.stdout)
    assert run(folder, "check", "policy.toml").returncode == 0
    assert run(folder, "import-starlette", "services:create()").stdout == printed.stdout


def test_mounted_applications(folder: Path) -> None:
    mounted = run(folder, "import-starlette", "services:mounted")
    # An error below `/two/three` rejects the whole document.
    assert (mounted.returncode, mounted.stdout) == (1, "")
    assert "error[any-origin/credentials]" in mounted.stderr
    assert "warning[settings/unread]: the middleware of a single route at `/four` cannot be read" in mounted.stderr
    api = run(folder, "import-starlette", "services:api")
    assert api.returncode == 1
    assert "warning[settings/several]: the CORSMiddleware at `/one` is inside the one at `/`" in api.stderr
    engine = corsac.Engine.from_text(api.stdout)
    assert [engine.decide(f"https://{each}.example.com", "GET").allowed for each in "ab"] == [False, True]


def test_hosts_and_paths(tmp_path: Path) -> None:
    (tmp_path / "hosts.py").write_text(
        STARLETTE + "from starlette.routing import Host\n"
        'host = Starlette(routes=[Host("a.example.net", Starlette(routes=[Mount("/one", Services.app)])), Host("{x}.example.net", refused)])\n'
    )
    printed = run(tmp_path, "import-starlette", "hosts:host")
    assert printed.returncode == 1
    assert "warning[settings/unread]: the host `{x}.example.net` at `/` cannot be read" in printed.stderr
    engine = corsac.Engine.from_text(printed.stdout)
    asked = [("a.example.net", "/one/x"), ("a.example.net", "/two"), ("b.example.net", "/one/x")]
    decided = [engine.decide("https://a.example.com", "GET", host=host, path=path).verdict for host, path in asked]
    assert decided == ["allowed", "no-policy", "no-policy"]


def test_what_comes_before_an_application(tmp_path: Path) -> None:
    (tmp_path / "before.py").write_text(
        STARLETTE + "from starlette.routing import Host, WebSocketRoute\n"
        "def made(*routes): return Starlette(routes=[*routes, Mount('/api', Services.app)])\n"
        "def page(): return made(Route('/api/page', lambda request: None))\n"
        "def socket(): return made(WebSocketRoute('/api/socket', lambda socket: None))\n"
        "def host(): return made(Host('{any}', bare))\n"
        "def twice(): return made(Mount('/api', api))\n"
    )
    for name, code in (("page", "error[settings/paths]: `/api/page` is handled before"), ("host", "error[settings/paths]")):
        refused = run(tmp_path, "import-starlette", f"before:{name}()")
        assert (refused.returncode, refused.stdout, code in refused.stderr) == (1, "", True), refused.stderr
    assert run(tmp_path, "import-starlette", "before:socket()").returncode == 0
    twice = run(tmp_path, "import-starlette", "before:twice()")
    assert "warning[settings/several]: `/api` has two applications; the first decides" in twice.stderr
    decided = corsac.Engine.from_text(twice.stdout).decide("https://b.example.com", "GET", host="h", path="/api")
    assert decided.allowed


def test_flask(folder: Path) -> None:
    printed = run(folder, "import-flask", "site_flask:app")
    assert printed.returncode == 1
    assert "warning[settings/several]: `CORS` is called 2 times for the application" in printed.stderr
    assert "warning[settings/unread]: the decorator of the method `GET` of the view `items`" in printed.stderr
    engine = corsac.Engine.from_text(printed.stdout)
    asked = [("a", "/api/x"), ("b", "/view"), ("o", "/other/x"), ("a", "/view"), ("c", "/items")]
    allowed = [engine.decide(f"https://{each}.example.com", "GET", host="h", path=path).allowed for each, path in asked]
    assert allowed == [True, True, True, False, False]


def test_django(folder: Path) -> None:
    printed = run(folder, "import-django", "site_settings")
    assert (printed.returncode, printed.stderr) == (0, "site_settings: no findings\n")
    assert run(folder, "import-django", DJANGO_SETTINGS_MODULE="site_settings").stdout == printed.stdout
    assert corsac.Engine.from_text(printed.stdout).policies == ("django",)
    unnamed = run(folder, "import-django")
    assert (unnamed.returncode, unnamed.stdout) == (2, "")
    assert "DJANGO_SETTINGS_MODULE" in unnamed.stderr


def test_an_engine_of_django(folder: Path) -> None:
    document = 'version = 1\n[policy.p]\nallow_origins = ["https://a.example.com"]\n'
    (folder / "own.py").write_text(
        'import corsac\nSECRET_KEY = "x"\nMIDDLEWARE = ["corsac.django.CorsMiddleware"]\n'
        f"CORSAC_ENGINE = corsac.Engine.from_text({document!r})\n"
    )
    printed = run(folder, "import-django", "own")
    assert printed.returncode == 0, printed.stderr
    assert corsac.Engine.from_text(printed.stdout).policies == ("p",)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import-starlette", "services:bare"), "error: `services:bare` has no CORSMiddleware of Starlette"),
        (("import-starlette", "services:missing"), "error: cannot load `services:missing`: AttributeError"),
        (("import-starlette", "missing:app"), "error: cannot load `missing:app`: ModuleNotFoundError"),
        (("import-starlette", "services"), "error: `services` is not an application name; write `MODULE:APP`"),
        (("import-starlette",), "Usage: corsac import-starlette [OPTIONS] <MODULE:APP>"),
        (("import-starlette", "services:api", "--jsn"), "error: unexpected argument '--jsn' found"),
        (("import-starlette", "services:api", "--format", "xml"), "human"),
        (("import-flask", "site_flask:bare"), "error: `site_flask:bare` has no use of flask-cors"),
        (("import-flask", "services:api"), "not a Flask application, but a `CORSMiddleware`"),
        (("import-django", "missing"), "error: cannot load `missing`: ModuleNotFoundError"),
        (("import-django", "services"), "error: MIDDLEWARE does not contain `corsheaders.middleware.CorsMiddleware`"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_run_says_why(folder: Path, arguments: tuple[str, ...], says: str) -> None:
    failed = run(folder, *arguments)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert says in failed.stderr


def test_findings_look_as_those_of_check(folder: Path) -> None:
    (folder / "late.py").write_text(SETTINGS.replace("MAX_AGE = 60", "MAX_AGE = 86400"))
    printed = run(folder, "import-django", "late")
    assert printed.returncode == 1
    (folder / "policy.toml").write_text(printed.stdout)
    checked = run(folder, "check", "policy.toml").stdout.splitlines()
    shown = printed.stderr.splitlines()
    place = next(index for index, line in enumerate(shown) if line.lstrip().startswith("--> "))
    assert shown[: place] == checked[: place]
    assert shown[place] == checked[place].replace("policy.toml", "<document>")
    # One caret replaces the whole underline.
    assert [line.rstrip("^") for line in shown[place + 1 : -1]] == [line.rstrip("^") for line in checked[place + 1 : -1]]
    assert (shown[-1], checked[-1]) == ("late: 1 warning", "policy.toml: 1 policy, 1 row: 1 warning")
    as_json = run(folder, "import-django", "late", "--format", "json")
    assert as_json.stdout == printed.stdout
    theirs = json.loads(run(folder, "check", "policy.toml", "--format", "json").stdout)
    theirs["diagnostics"][0]["file"] = "<document>"
    assert json.loads(as_json.stderr) == theirs


def test_colors(folder: Path) -> None:
    assert "\x1b" not in run(folder, "import-starlette", "services:refused").stderr
    colored = run(folder, "--color", "always", "import-starlette", "services:refused").stderr
    assert "\x1b[1m\x1b[91merror[any-origin/credentials]\x1b[0m" in colored
    assert "\x1b" not in run(folder, "import-starlette", "services:refused", "--color", "never").stderr


def test_nothing_that_a_terminal_obeys() -> None:
    stream = io.StringIO()
    ugly = "a\x1b[2J\u202eb\x9b"
    found = corsac.Diagnostic("a/b", "note", ugly, ugly, 1, 1, ugly, ugly)
    Report(stream, "human", "never").write(ugly, [found], ugly)
    assert stream.getvalue().count("a\\u{1b}[2J\\u{202e}b\\u{9b}") == 6
    assert not {"\x1b", "\u202e", "\x9b"} & set(stream.getvalue())


def test_help_lists_the_imports(folder: Path) -> None:
    for arguments in (("--help",), ("-h",), ("help",)):
        shown = run(folder, *arguments)
        assert shown.returncode == 0
        commands = shown.stdout.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
        names = [line.split()[0] for line in commands]
        assert names[-4:] == ["import-starlette", "import-django", "import-flask", "help"]
        assert "check" in names
        # All descriptions begin in one column.
        assert {len(line) - len(line[2:].partition(" ")[2].lstrip()) for line in commands} == {20}
    assert "import-flask" in run(folder).stderr
    for asked in (("import-flask", "--help"), ("help", "import-flask"), ("import-flask", "-h")):
        assert "Usage: corsac import-flask [OPTIONS] <MODULE:APP>" in run(folder, *asked).stdout
    # The help of all other commands is the program's.
    assert "import" not in run(folder, "help", "decide").stdout
    assert "MODULE:APP" in run(folder, "check", "--help").stdout

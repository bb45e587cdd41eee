"""Runs the CORS tests of Starlette and flask-cors themselves, with the drop-in in the original's place.

Downloads the source distributions of the versions that the other tests compare with. Every test that fails has
an entry with a reason in ``failing.toml``; a failure without an entry, and an entry whose test passes, are errors.
So is a test that fails with the original: then the comparison would show nothing.

usage: run.py
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from differences import listed  # noqa: E402

#: The tests that are about CORS, by package. Those of a package's helper functions would not meet the drop-in.
TESTS = {
    "starlette": ["tests/middleware/test_cors.py"],
    "flask-cors": ["tests/decorator", "tests/extension", "tests/core/test_override_headers.py"],
}


def version(package: str) -> str:
    """The version that the tests use."""
    text = (HERE.parent / "frameworks.txt").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^{re.escape(package)}==(\S+)$", text, re.MULTILINE)
    return str(found)


def unpacked(package: str, folder: Path) -> Path:
    """The source distribution, in this folder."""
    requirement = f"{package}=={version(package)}"
    download = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", package]
    subprocess.run([sys.executable, "-m", "pip", *download, "--dest", str(folder), requirement], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (root,) = (each for each in folder.iterdir() if each.is_dir())
    return root


def run(package: str, root: Path, *arguments: str) -> dict[str, dict[str, list[str]]]:
    """For each test its outcomes, of which a test with parameters may have several, and the codes that it met."""
    found = root / "outcomes.json"
    found.unlink(missing_ok=True)
    options = ["-p", "in_place", "-p", "no:cacheprovider", "-p", "no:django", "--quiet", "--no-header", "--tb=line"]
    command = [sys.executable, "-m", "pytest", *options, "--outcomes", str(found), *arguments, *TESTS[package]]
    log = root / "pytest.log"
    with log.open("wb") as out:
        # The plugin is found here, the package as it is installed: the folder of the source has its tests alone.
        environment = {**os.environ, "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}
        ended = subprocess.run(command, cwd=root, env=environment, stdout=out, stderr=subprocess.STDOUT)
    if ended.returncode not in (0, 1) or not found.exists():
        sys.exit(f"{package}: pytest ended with {ended.returncode}\n{log.read_text(encoding='utf-8', errors='replace')}")
    return dict(json.loads(found.read_text(encoding="utf-8")))


def failures(found: dict[str, dict[str, list[str]]]) -> dict[str, list[str]]:
    """The tests that failed, and the codes that they met."""
    return {test: each["refused"] for test, each in found.items() if "failed" in each["outcomes"]}


def is_true(reason: str, package: str, refused: list[str]) -> bool:
    """Whether settings were refused with the code of the reason, or the page has its difference."""
    kind, _, what = reason.partition(": ")
    if kind == "asks for an unsafe policy":
        return what in refused
    return kind == "differs" and what in listed({"starlette": "Starlette", "flask-cors": "Flask"}[package])


def compare(package: str, found: dict[str, dict[str, list[str]]], reasons: dict[str, str]) -> list[str]:
    """What is not as it is listed."""
    failed = failures(found)
    wrong = [f"{package}: {test} fails, and failing.toml has no reason" for test in sorted(failed.keys() - reasons.keys())]
    wrong += [f"{package}: {test} is in failing.toml, and passes" for test in sorted(reasons.keys() - failed.keys())]
    for test in sorted(failed.keys() & reasons.keys()):
        if not is_true(reasons[test], package, failed[test]):
            wrong.append(f"{package}: {test} does not fail because it {reasons[test]!r}")
    unsafe = sum(reason.startswith("asks for") for reason in reasons.values())
    skipped = sum(each["outcomes"] == ["skipped"] for each in found.values())
    passed = len(found) - len(failed) - skipped
    print(f"{package} {version(package)}: {len(found)} tests, {passed} pass, {skipped} skipped, {len(failed)} fail; {unsafe} ask for an unsafe policy")
    return wrong


def main() -> int:
    """Returns the exit status."""
    failing = tomllib.loads((HERE / "failing.toml").read_text(encoding="utf-8"))
    assert failing.keys() == TESTS.keys()
    wrong: list[str] = []
    for package in TESTS:
        with tempfile.TemporaryDirectory() as folder:
            root = unpacked(package, Path(folder))
            # What is installed is tested, not what was downloaded.
            (root / package.replace("-", "_")).rename(root / "not-imported")
            wrong += [f"{package}: {test} fails with the original" for test in failures(run(package, root, "--original"))]
            wrong += compare(package, run(package, root), failing[package])
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

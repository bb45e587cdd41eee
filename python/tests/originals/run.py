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

#: The tests that are about CORS, by package. Those of a package's helper functions would not meet the drop-in.
TESTS = {
    "starlette": ["tests/middleware/test_cors.py"],
    "flask-cors": ["tests/decorator", "tests/extension", "tests/core/test_override_headers.py"],
}


def version(package: str) -> str:
    """The version that the tests use."""
    text = (HERE.parent / "requirements.txt").read_text(encoding="utf-8")
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


def outcomes(package: str, root: Path, *arguments: str) -> dict[str, list[str]]:
    """The outcome of each test; a test with parameters may have several."""
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


def compare(package: str, found: dict[str, list[str]], listed: dict[str, str]) -> list[str]:
    """What is not as it is listed."""
    failed = {test for test, each in found.items() if "failed" in each}
    wrong = [f"{package}: {test} fails, and failing.toml has no reason" for test in sorted(failed - listed.keys())]
    wrong += [f"{package}: {test} is in failing.toml, and passes" for test in sorted(listed.keys() - failed)]
    print(f"{package} {version(package)}: {len(found)} tests, {len(found) - len(failed)} pass, {len(failed)} fail; {len(listed)} listed")
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
            original = outcomes(package, root, "--original")
            wrong += [f"{package}: {test} fails with the original" for test, each in original.items() if "failed" in each]
            wrong += compare(package, outcomes(package, root), failing[package])
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())

"""``python -m corsac`` and the script ``corsac``: the command line of corsac, on Python's streams."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from corsac import _commands
from corsac._corsac import _run, _run_process


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status: 0 success, 1 findings, 2 could not run."""
    given = ["corsac", *(sys.argv[1:] if arguments is None else arguments)]
    streams = (sys.stdin, sys.stdout, sys.stderr)
    for stream in streams[1:]:
        stream.flush()
    own = _commands.run(given[1:])
    if own is not None:
        return own
    if _commands.asks_for_help(given[1:]):
        return _help(given)
    if all(_is_the_process_own(stream, number) for number, stream in enumerate(streams)):
        return _run_process(given)
    stdin, stdout, stderr = map(_binary, streams)
    return _run(given, stdin, stdout, stderr)


def _help(given: Sequence[str]) -> int:
    """The help of the program, with the commands that Python adds."""
    out = io.BytesIO()
    status = _run(list(given), io.BytesIO(), out, out)
    stream = sys.stderr if status else sys.stdout
    stream.write(_commands.with_own(out.getvalue().decode(), given[1:]))
    return status


def _is_the_process_own(stream: Any, number: int) -> bool:
    try:
        return bool(stream.fileno() == number)
    except (AttributeError, OSError, ValueError):
        return False


def _binary(stream: Any) -> Any:
    return getattr(stream, "buffer", None) or _Encoded(stream)


class _Encoded:
    """A text stream as a stream of bytes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._pending = b""

    def read(self, size: int) -> bytes:
        while not self._pending:
            text = self._stream.read(size)
            if not text:
                return b""
            self._pending = text.encode()
        start, self._pending = self._pending[:size], self._pending[size:]
        return start

    def write(self, data: bytes) -> int:
        self._stream.write(data.decode(errors="replace"))
        return len(data)

    def flush(self) -> None:
        self._stream.flush()


def program() -> NoReturn:
    """Runs the command line for this process, and ends it."""
    # Python's handler would not run while native code does the work.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(main())


if __name__ == "__main__":
    program()

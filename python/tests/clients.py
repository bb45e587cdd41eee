"""Pages of several origins that go on asking while a policy file is edited."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count, cycle

from server import Server

APP = "https://app.example.com"
GUEST = "https://guest.example.com"

#: Every other connection is left after so many requests, the others are kept.
_A_FEW = 5


@dataclass(frozen=True)
class Request:
    """What is asked over and over."""

    method: str
    origin: str
    headers: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Answer:
    """What decides the browser: the status, and the lines that CORS is about, in order."""

    status: int
    lines: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, status: int, lines: Sequence[tuple[str, str]]) -> Answer:
        lower = [(name.lower(), value) for name, value in lines]
        return cls(status, tuple(sorted(pair for pair in lower if pair[0] == "vary" or pair[0].startswith("access-control-"))))


@dataclass
class Clients:
    """Threads that ask, each on connections of its own, until they are told to stop."""

    server: Server
    requests: Sequence[Request]
    threads: int = 4
    #: For each connection, what was asked and answered, in order.
    heard: list[list[tuple[Request, Answer]]] = field(default_factory=list)
    #: Every answer that came.
    seen: set[Answer] = field(default_factory=set)
    #: Those that did not come.
    lost: list[str] = field(default_factory=list)

    def __enter__(self) -> Clients:
        self._is_over = threading.Event()
        self._running = [threading.Thread(target=self._ask, args=(number,)) for number in range(self.threads)]
        for thread in self._running:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._running:
            thread.join()

    def _ask(self, number: int) -> None:
        requests = cycle(self.requests)
        is_kept = number % 2 == 0
        while not self._is_over.is_set():
            connection = self.server.connect()
            heard: list[tuple[Request, Answer]] = []
            self.heard.append(heard)
            try:
                for turn in count(1):
                    request = next(requests)
                    response = _response(connection, request)
                    answer = Answer.of(response.status, response.getheaders())
                    heard.append((request, answer))
                    self.seen.add(answer)
                    if response.will_close or self._is_over.is_set() or (turn == _A_FEW and not is_kept):
                        break
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(f"{request}: {error!r}")
            finally:
                connection.close()


def _response(connection: http.client.HTTPConnection, request: Request) -> http.client.HTTPResponse:
    connection.putrequest(request.method, "/")
    connection.putheader("origin", request.origin)
    for name, value in request.headers:
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    response.read()
    return response

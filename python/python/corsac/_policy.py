"""Policies written in Python."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from corsac import _document, _environment, _pyproject
from corsac._corsac import Engine
from corsac._diagnostic import ConfigError, Diagnostic
from corsac._settings import Findings
from corsac._names import Reason, Verdict


class Row(TypedDict, total=False):
    """A row of ``allow_origins`` with options: a ``pattern`` or a ``regex``, and its settings."""

    pattern: str
    regex: str
    depth: int
    dangerously_allow_public_suffix: bool
    dangerously_allow_insecure_scheme: bool
    dangerously_allow_null: bool
    dangerously_unproved: bool


class Grant(TypedDict, total=False):
    """Additional origins with their own rights; omitted keys are inherited from the policy."""

    allow_origins: Sequence[str | Row]
    allow_methods: Sequence[str]
    allow_headers: Sequence[str]
    expose_headers: Sequence[str]
    allow_credentials: bool
    max_age: int


class Expectation(TypedDict, total=False):
    """A request and its expected verdict, checked when the policy is created."""

    origin: str
    method: str
    headers: Sequence[Sequence[str]]
    verdict: Verdict
    reason: Reason
    rule: str


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Policy:
    """Which origins may read a service's responses. Validated as a whole when it is created.

    Options have the names and defaults of the keys of a policy document.

    >>> policy = Policy(allow_origins=["https://app.example.com"], allow_credentials=True)
    >>> policy
    Policy(allow_origins=('https://app.example.com',), allow_credentials=True)
    >>> policy.replace(max_age=600).max_age
    600

    Raises :class:`ConfigError` with every mistake at once:

    >>> Policy(allow_origins=["https://app.example.com/"])
    Traceback (most recent call last):
    corsac.ConfigError: error[origin/trailing-slash]: `https://app.example.com/` ends with `/`, which no origin does (write `https://app.example.com`)
    """

    allow_origins: Sequence[str | Row]
    allow_methods: Sequence[str] = ("GET", "HEAD", "POST")
    allow_headers: Sequence[str] = ()
    expose_headers: Sequence[str] = ()
    allow_credentials: bool = False
    max_age: int | None = None
    own_origins: Sequence[str] = ()
    denied_requests: Literal["forward", "reject"] = "forward"
    preflight: Literal["answer", "forward"] = "answer"
    preflight_answer: Literal["list", "requested"] = "list"
    preflight_status: Literal[200, 204] = 204
    refused_preflight_status: Literal[200, 204, 400, 403] = 403
    upstream: Literal["replace", "keep"] = "replace"
    timing_allow_origin: Sequence[str] = ()
    allow_private_network: bool = False
    grant: Sequence[Grant] = ()
    expect: Sequence[Expectation] = ()
    #: The policy's name in diagnostics and decisions.
    name: str = "default"
    #: Warnings and notes: risks accepted on purpose, and remarks.
    warnings: tuple[Diagnostic, ...] = field(init=False)

    def __post_init__(self) -> None:
        for option in _OPTIONS:
            object.__setattr__(self, option.name, _frozen(getattr(self, option.name)))
        if not isinstance(self.name, str):
            raise TypeError(f"name must be a str, not {type(self.name).__name__}")
        object.__setattr__(self, "warnings", Engine.from_dict(self.to_dict()).warnings)

    def to_dict(self) -> dict[str, Any]:
        """The policy as a document, for :meth:`from_dict` and ``Engine.from_dict``."""
        changed = {option: _thawed(value) for option, value in self._changed() if option != "name"}
        return {"version": 1, "policy": {self.name: changed}}

    def replace(self, **changes: Any) -> Policy:
        """A copy of the policy with these options changed."""
        return dataclasses.replace(self, **changes)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any], *, name: str | None = None) -> Policy:
        """The only policy of a document, or the one with this name."""
        Engine.from_dict(document)
        return cls._of_document(document, name)

    @classmethod
    def from_toml(cls, path: str | os.PathLike[str], *, name: str | None = None) -> Policy:
        """The only policy of a file, or the one with this name; with the rows of its list files."""
        return cls._of_document(_pyproject.parse(Engine.from_file(path).to_document()), name)

    @classmethod
    def from_pyproject(
        cls,
        path: str | os.PathLike[str] = "pyproject.toml",
        *,
        table: str = "tool.corsac",
        name: str | None = None,
    ) -> Policy:
        """The only policy of a table of a pyproject.toml, or the one with this name."""
        return cls.from_dict(_pyproject.read(path, table), name=name)

    @classmethod
    def from_env(cls, prefix: str = "CORSAC_", *, environ: Mapping[str, str] | None = None) -> Policy:
        """The policy described by environment variables named after the options: the prefix, then the option's name in capitals.

        List items are separated by commas or white space; booleans are ``true``, ``1``, ``false`` or ``0``. ``grant``, ``expect`` and rows that need a table cannot be expressed. ``environ`` defaults to ``os.environ``.

        >>> Policy.from_env(environ={"CORSAC_ALLOW_ORIGINS": "https://a.example.com, https://b.example.com"})
        Policy(allow_origins=('https://a.example.com', 'https://b.example.com'))

        Raises :class:`ConfigError` with every mistake at once. ``CORSAC_ALLOW_ORIGINS`` is required.
        """
        findings = Findings()
        options = _environment.options(os.environ if environ is None else environ, prefix, _OPTIONS, findings)
        try:
            policy = cls(**{"allow_origins": (), **options})
        except ConfigError as error:
            raise ConfigError((*findings, *error.errors)) from None
        if findings:
            raise ConfigError(tuple(findings))
        return policy

    @classmethod
    def local_development(cls, **options: Any) -> Policy:
        """Allows every page on this machine, on any port, with credentials. For development only.

        >>> policy = Policy.local_development()
        >>> Engine.from_policy(policy).decide("http://localhost:5173", "GET").allowed
        True
        >>> Engine.from_policy(policy).decide("https://localhost.example.com", "GET").allowed
        False
        """
        defaults: dict[str, Any] = {
            "allow_origins": _LOOPBACK,
            "allow_methods": ["*"],
            "allow_headers": ["*", "authorization"],
            "allow_credentials": True,
            "name": "local-development",
        }
        return cls(**{**defaults, **options})

    @classmethod
    def _of_document(cls, document: Mapping[str, Any], name: str | None) -> Policy:
        policies: Mapping[str, Mapping[str, Any]] = document["policy"]
        if name is None and len(policies) > 1:
            raise ValueError(f"the document has {len(policies)} policies; pass the name of one")
        name = next(iter(policies)) if name is None else name
        if name not in policies:
            raise ValueError(f"the document has no policy {name!r}")
        return cls(**policies[name], name=name)

    def _changed(self) -> Iterable[tuple[str, Any]]:
        for option in _OPTIONS:
            value = getattr(self, option.name)
            if option.default is dataclasses.MISSING or value != option.default:
                yield option.name, value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Policy):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash(_document.encode(self.to_dict()))

    def __repr__(self) -> str:
        options = ", ".join(f"{option}={_short(value)}" for option, value in self._changed())
        return f"Policy({options})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Unpickling creates the policy again, so that it is always validated.
        return _restored, (dict(self._changed()),)


_OPTIONS = tuple(option for option in dataclasses.fields(Policy) if option.init)

_LOOPBACK = [f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("localhost", "127.0.0.1", "[::1]")]


def _restored(options: dict[str, Any]) -> Policy:
    return Policy(**options)


def _frozen(value: object) -> object:
    """Lists as tuples. A str is unchanged: the loader reports it if a list is required."""
    if isinstance(value, Mapping):
        return {key: _frozen(item) for key, item in value.items()}
    if isinstance(value, AbstractSet):
        return tuple(sorted(value))
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return value
    return tuple(_frozen(item) for item in value)


def _thawed(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    return [_thawed(item) for item in value] if isinstance(value, tuple) else value


def _short(value: object) -> str:
    most = 4
    if isinstance(value, tuple) and len(value) > most:
        shown = ", ".join(map(repr, value[:most]))
        return f"({shown}, … {len(value) - most:,} more)"
    return repr(value)

"""The paths of the views of a Flask application."""

from __future__ import annotations

from flask import Flask

from corsac._import._region import Region


class Rules:
    """The beginnings of an application's URL rules, by endpoint."""

    def __init__(self, application: Flask) -> None:
        #: Endpoint, the beginning of its paths, and whether that is the whole path.
        self._rules: list[tuple[str, str, bool]] = []
        for rule in application.url_map.iter_rules():
            literal, variable, _ = rule.rule.partition("<")
            self._rules.append((rule.endpoint, literal, not variable))

    def endpoints(self, blueprint: str | None) -> set[str]:
        """The endpoints of a blueprint, or of the application: all of them."""
        every = {endpoint for endpoint, _, _ in self._rules}
        return every if blueprint is None else {each for each in every if each.startswith(f"{blueprint}.")}

    def beginnings(self, endpoints: set[str]) -> list[tuple[str, bool]]:
        """The beginnings of the paths of these endpoints, and whether each is the whole path."""
        return [(literal, is_all) for endpoint, literal, is_all in self._rules if endpoint in endpoints]

    def _shared(self, endpoints: set[str]) -> str:
        """The common beginning of all paths of these endpoints, in whole segments."""
        paths = [
            (literal if is_all else literal[: literal.rfind("/")]).rstrip("/").split("/")
            for literal, is_all in self.beginnings(endpoints)
        ]
        shared: list[str] = []
        for segments in zip(*paths):
            if len(set(segments)) > 1:
                break
            shared.append(segments[0])
        return "/".join(shared)

    def region(self, endpoints: set[str]) -> Region | None:
        """The path that contains these endpoints and no others."""
        path = self._shared(endpoints)
        return Region(path) if path and self.holds(endpoints, path) else None

    def holds(self, endpoints: set[str], path: str) -> bool:
        """Whether no other endpoint is at or below this path."""
        return all(endpoint in endpoints for endpoint, literal, _ in self._rules if _is_within(literal, path))

    def without_difference(self, region: Region) -> Region:
        """The region without its difference, unless a view's path is affected by the difference."""
        match region.but:
            case "at":
                differs = any(literal.rstrip("/") == region.path for _, literal, is_all in self._rules if is_all)
            case "below":
                differs = any(literal.startswith(f"{region.path}/") for _, literal, _ in self._rules)
            case _:
                differs = any(
                    literal.startswith(region.path or "") and not _is_within(literal, region.path or "")
                    for _, literal, _ in self._rules
                )
        return region if differs else Region(region.path)


def _is_within(literal: str, path: str) -> bool:
    return literal == path or literal.startswith(f"{path}/")

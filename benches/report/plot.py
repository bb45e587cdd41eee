"""Plots with two logarithmic axes, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape

from bounds import Json, right
from page import is_peer

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 1000, 560, 72, 760, 44, 510
OURS = ["#006e32", "#28a050", "#5ab978", "#82cd96", "#a5dcb4", "#b4c800"]
FLOORS = ["#3c3c3c", "#787878", "#aaaaaa"]
PEERS = ["#c82828", "#e17814", "#1e5abe", "#823caa", "#1496b4", "#be3c82", "#8c6432", "#c8aa00", "#ff8c8c"]

Line = tuple[str, str, int, list[tuple[float, float]]]


def plots(raw: Json) -> list[tuple[str, str, str]]:
    """File, title and SVG of every plot for which there are results."""
    names = "bytes of Access-Control-Request-Headers"
    wanted = [
        ("sizes.svg", "rows", "An allowed request, by the length of the list", "origins in the list", "read input"),
        ("hostile.svg", "hostile", "A hostile preflight, by the length of its header", names, "probe"),
    ]
    found = []
    for file, key, title, along, without in wanted:
        if drawn := lines(raw, key, without):
            found.append((file, title, draw(title, along, drawn)))
    return found


def lines(raw: Json, key: str, without: str) -> list[Line]:
    """A line for each contestant that decides, through its right answers."""
    found: list[Line] = []
    colours = {"ours": iter(OURS * 4), "floor": iter(FLOORS * 4), "peer": iter(PEERS * 4)}
    for contestant in raw["contestants"]:
        name = contestant["name"]
        times = [(scenario[key], right(scenario["outcomes"].get(name))) for scenario in raw["scenarios"] if key in scenario]
        points = [(float(at), time) for at, time in times if time is not None]
        if not points or without in name or "bare" in name:
            continue
        kind = "ours" if contestant["is_corsac"] else "peer" if is_peer(contestant) else "floor"
        found.append((name, next(colours[kind]), 4 if kind == "ours" else 2, points))
    return found


def scale(values: list[float], low: int, high: int) -> Callable[[float], float]:
    """From a value to a position between two, by its logarithm."""
    least, most = math.log(min(values)), math.log(max(values))
    span = (most - least) or 1.0
    return lambda value: round(low + (high - low) * (math.log(value) - least) / span, 1)


def ticks(values: list[float]) -> list[float]:
    first, last = math.ceil(math.log10(min(values)) - 1e-9), math.floor(math.log10(max(values)) + 1e-9)
    return [10.0**power for power in range(first, last + 1)]


def text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def stroke(path: str, colour: str, width: int) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def draw(title: str, along: str, drawn: list[Line]) -> str:
    xs = [x for *_, points in drawn for x, _ in points]
    ys = [y for *_, points in drawn for _, y in points]
    across, up = scale(xs, LEFT, RIGHT - 20), scale(ys, BOTTOM, TOP)
    middle = (TOP + BOTTOM) / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif"',
        ' font-size="13">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        text(LEFT, 26, title, 'font-size="20"'),
        text((LEFT + RIGHT) / 2, HEIGHT - 10, along, 'text-anchor="middle"'),
        text(14, middle, "CPU time of a request, ns", f'text-anchor="middle" transform="rotate(-90 14 {middle})"'),
    ]
    for x in ticks(xs):
        parts.append(stroke(f"M{across(x)} {TOP}V{BOTTOM}", "#ddd", 1))
        parts.append(text(across(x), BOTTOM + 18, f"{x:,.9g}", 'text-anchor="middle"'))
    for y in ticks(ys):
        parts.append(stroke(f"M{LEFT} {up(y)}H{RIGHT - 20}", "#ddd", 1))
        parts.append(text(LEFT - 6, up(y) + 4, f"{y:,.9g}", 'text-anchor="end"'))
    for index, (name, colour, width, points) in enumerate(drawn):
        places = [(across(x), up(y)) for x, y in points]
        parts.append(stroke("M" + " ".join(f"{x},{y}" for x, y in places), colour, width))
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places]
        y = TOP + 22 * index
        parts.append(stroke(f"M{RIGHT + 4} {y}h24", colour, width))
        parts.append(text(RIGHT + 34, y + 5, name))
    return "\n".join([*parts, "</svg>"]) + "\n"

"""The strongest findings of a run as a picture in the report's first screen: HTML with drawings inside.

A finding is a claim that is surely confirmed or contradicted. The strongest lie farthest from the nearest end of the
range that bears them out, in units of their own limits. Drawn here, since the environment of the engine alone, which
makes reports, has no matplotlib.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from netspaces.files.escaping import html
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED
from netspaces.studies.claims.places import places
from netspaces.studies.wording import number

COUNT = 3
WIDTH, HEIGHT, EDGE = 260, 40, 8  # pixels of a drawing, and left free at its sides
COLOURS = {CONFIRMED: "#0072B2", CONTRADICTED: "#D55E00"}  # as the figures' blue and red
NEEDED = ("claim", "estimate", "low", "high", "range", "range_low", "range_high", "verdict")


def strongest(claims: pd.DataFrame, count: int = COUNT) -> pd.DataFrame:
    """The rows of the strongest findings of a table of claims, the strongest first; fewer where there are fewer."""
    decided = claims[claims["verdict"].isin(list(COLOURS)) & np.isfinite(claims["high"] - claims["low"])]
    decided = decided[decided["high"] > decided["low"]]
    order = places(decided)["x"].abs().sort_values(ascending=False, kind="stable").index
    return decided.loc[order[:count]]


def picture(findings: pd.DataFrame) -> str:
    """A row per finding: what it says and its numbers, beside a drawing of them."""
    rows = [f"<tr><td>{_words(row)}</td><td>{_drawing(row)}</td></tr>" for row in findings.itertuples()]
    return "\n".join(['<table class="findings">', "<tbody>", *rows, "</tbody>", "</table>"])


def _words(row: Any) -> str:
    colour = COLOURS[row.verdict]
    numbers = f"{number(row.estimate)} [{number(row.low)}, {number(row.high)}]"
    verdict = f'<b style="color:{colour}">{row.verdict}</b>'
    return f"{html(row.claim)}<br>{verdict}: here {numbers}, borne out by {html(row.range)}"


def _drawing(row: Any) -> str:
    """The estimate with its limits over the range that bears the claim out, which is grey."""
    numbers = [row.estimate, row.low, row.high, row.range_low, row.range_high]
    ends = [value for value in numbers if np.isfinite(value)]
    low, high = min(ends), max(ends)
    room = 0.12 * (high - low)

    def x(value: float) -> str:
        share = (np.clip(value, low - room, high + room) - low + room) / (high - low + 2 * room)
        return f"{EDGE + share * (WIDTH - 2 * EDGE):.1f}"

    left, right, colour, middle = x(row.range_low), x(row.range_high), COLOURS[row.verdict], HEIGHT / 2 - 6
    marks = [row.estimate, *(end for end in (row.range_low, row.range_high) if np.isfinite(end))]
    parts = [
        f'<rect x="{left}" y="2" width="{float(right) - float(left):.1f}" height="{HEIGHT - 16}" fill="#D9D9D9"/>',
        f'<line x1="{x(row.low)}" x2="{x(row.high)}" y1="{middle}" y2="{middle}" stroke="{colour}" stroke-width="3"/>',
        f'<circle cx="{x(row.estimate)}" cy="{middle}" r="5" fill="{colour}"/>',
        *(f'<text x="{x(v)}" y="{HEIGHT - 2}">{number(v)}</text>' for v in _apart(marks, (high - low) / 6)),
    ]
    label = html(f"{row.verdict}: {number(row.estimate)}, limits {number(row.low)} to {number(row.high)}")
    look = 'font-size="10" text-anchor="middle"'
    return f'<svg role="img" aria-label="{label}" width="{WIDTH}" height="{HEIGHT}" {look}>{"".join(parts)}</svg>'


def _apart(values: Iterable[float], least: float) -> list[float]:
    """Those of some values, the first of them always, that lie `least` apart from all before them."""
    kept: list[float] = []
    for value in values:
        if all(abs(value - other) >= least for other in kept):
            kept.append(value)
    return kept

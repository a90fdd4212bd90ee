"""All claims of a run in one figure: where each quantity lies, how sure that is, and the range that bears it out.

Percentage points, exponents and correlations share an axis: the distance of the estimate from the nearest end of its
claim's range, in units of the limit that points there. A claim is decided when its line does not cross that end, 0.
"""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.key import Key, line
from netspaces.figures.notes import footnote
from netspaces.figures.style import BLUE, GREY, NORMAL, RED, SMALL, Look, house_style, words
from netspaces.files.escaping import mathtext
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED, UNDECIDED
from netspaces.studies.claims.places import places
from netspaces.studies.study import Study
from netspaces.studies.wording import number

ROW, ROOM = 0.17, 1.75  # inches: of a claim, of everything above and below
WIDTH, LEFT, RIGHT = 7.4, 0.3, 0.36  # inches; shares of the width for names and for numbers
REACH = 4.0  # half-widths that are drawn to both sides
LOOKS = {CONFIRMED: (BLUE, "o"), CONTRADICTED: (RED, "s"), UNDECIDED: (GREY, "D")}
KINDS = {
    "claim": "a claim with limits: x its distance from the nearest end of its range, `lower` and `upper` those of its "
    "limits, y its row from the top"
}
COLUMNS = {
    "estimate": "the quantity here",
    "low": "lower limit of the quantity, for all claims of the list",
    "high": "upper limit of it",
    "range_low": "lower end of the range that bears the claim out",
    "range_high": "upper end of that range",
    "verdict": "the sure verdict",
    "likely": "the likely verdict",
    "likely_lower": "left end of the likely limits as drawn, in units of x",
    "likely_upper": "right end of the likely limits as drawn",
}
WANTS: dict = {}


@house_style()
def draw(study: Study) -> Drawing:
    """A row per claim with limits, by chapter, within it from the surest to the least sure."""
    claims = _with_limits(study.inputs["claims"])
    figure = Figure(figsize=(WIDTH, ROOM + ROW * max(1, len(claims))))
    ax = figure.add_axes((LEFT, 1.35 / figure.get_figheight(), 1 - LEFT - RIGHT, 1 - 1.65 / figure.get_figheight()))
    ax.set(xlim=(-REACH, REACH), ylim=(max(1, len(claims)) - 0.4, -0.6), xlabel="distance from the end of its range")
    ax.set_title("Claims: left of 0 against, right of 0 in favour", fontsize=NORMAL)
    ax.axvspan(0, REACH, color=BLUE, alpha=0.07, linewidth=0)
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    for row in claims.itertuples():
        colour, marker = LOOKS[row.verdict]
        ax.plot([row.lower, row.upper], [row.y, row.y], color=colour, linewidth=0.9)
        ax.plot(
            [row.likely_lower, row.likely_upper], [row.y, row.y], color=colour, linewidth=2.4, solid_capstyle="butt"
        )
        ax.plot(row.x, row.y, marker, color=colour, markersize=3.6)
        texts: Look = {"va": "center", "fontsize": SMALL, "color": colour, "transform": ax.get_yaxis_transform()}
        ax.text(-0.02, row.y, words(row.series), ha="right", **texts)
        ax.text(1.02, row.y, mathtext(_numbers(row)), ha="left", **texts)
    key = Key()
    for verdict, (colour, marker) in LOOKS.items():
        key.add(line(color=colour, marker=marker, markersize=3.6), f"{verdict}: {(claims['verdict'] == verdict).sum()}")
    key.draw(ax)
    footnote(
        figure,
        f"{len(claims)} claims with limits of {len(study.inputs['claims'])}; thin: limits that hold for all of them "
        f"(Holm), thick: of likely verdicts (Benjamini and Hochberg), {100 * study.level:g} %; 1 is the "
        f"length of the thin line towards the end of the range; cut at {REACH:g}",
    )
    return finish(figure, study, [claims])


def _with_limits(claims: pd.DataFrame) -> pd.DataFrame:
    """The claims that have limits of some width, with where they are drawn, in rows from the top."""
    kept = claims[claims["verdict"].isin(list(LOOKS)) & np.isfinite(claims["high"] - claims["low"])]
    kept = kept[kept["high"] > kept["low"]].reset_index(drop=True)
    drawn = places(kept).clip(-REACH, REACH)
    order = {chapter: place for place, chapter in enumerate(dict.fromkeys(claims["chapter"]))}
    kept = kept.assign(**drawn, place=kept["chapter"].map(order)).sort_values(["place", "x"], ascending=[True, False])
    kept = kept.assign(panel="claims", series=kept["name"], kind="claim", y=np.arange(len(kept), dtype=float))
    return kept[["panel", "series", "kind", "x", "y", "lower", "upper", *COLUMNS]].reset_index(drop=True)


def _numbers(row) -> str:
    """The estimate with its limits, and the range that bears the claim out."""
    numbers = f"{number(row.estimate)} [{number(row.low)}, {number(row.high)}]"
    if np.isinf(row.range_low):
        return f"{numbers} ≤ {row.range_high:g}"
    return (
        f"{numbers} ≥ {row.range_low:g}"
        if np.isinf(row.range_high)
        else (f"{numbers} in {row.range_low:g} to {row.range_high:g}")
    )

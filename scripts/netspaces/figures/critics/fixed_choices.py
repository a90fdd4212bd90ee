"""What the paper fixed against what it searched: the share of each choice in the variance of error."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from netspaces.figures.drawing import Drawing, finish, shared
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels.axes import NO_RUNS, say
from netspaces.figures.panels.estimates import HOLLOW, POINT, VARIANCE, bars, points, rows_axis
from netspaces.figures.style import BLUE, GREY, RED, grid, house_style, title
from netspaces.statistics.search import bootstrap_interval
from netspaces.studies.choices import (
    FIXED,
    choice_effects,
    choice_shares,
    enough,
    fixed_choices,
    level_names,
    pooled,
    words,
)
from netspaces.studies.study import Row, Study

KINDS = {
    "share": "share of a choice in the variance of log error: x the share, y the row; `lower`, `upper` in x",
    "share_of_ranks": "the same of ranks of errors",
    "effect": "partial ω² of a fixed choice or of a pair: x its value, y the row; `lower`, `upper` in x",
    "effect_of_ranks": "the same of ranks of errors",
    "mean_of_level": "mean error (%) of the networks of a level: x the mean, y the row; `lower`, `upper` in x",
    "mean_of_all": "mean error (%) of all networks",
}
COLUMNS = (
    {
        "columns": "columns of the choice's group in the linear model",
        "choice": "name of the choice",
        "value": "its level",
    }
    | VARIANCE
    | shared("n", "level", "resamples")
)
PERCENT = FuncFormatter(lambda value, _: f"{100 * value:.0f}")
TOO_FEW = "too few networks yet"
WANTS: dict = {"*": {"trained": True}}


@house_style()
def draw(study: Study) -> Drawing:
    """Left: shares of all choices. Middle: effects of the fixed ones and of their pairs. Right: errors by level."""
    table = pooled(study)
    figure, ((left, middle, right),) = grid(3, key_rows=3, height=3.1)
    known = enough(table)
    frames = [shares_panel(left, study, table, known), effects_panel(middle, study, table, known)]
    frames.append(levels_panel(right, study, table))
    title(left, "a", "Shares of the variance of error")
    title(middle, "b", "The fixed choices and their pairs")
    title(right, "c", "Mean error by level")
    footnote(figure, runs_note(study.curves), *_notes(study, table, known), error_note(study.curves))
    return finish(figure, study, frames)


def shares_panel(ax: Axes, study: Study, table: pd.DataFrame, known: bool) -> pd.DataFrame:
    """Shapley shares of log error as bars, of ranks as circles."""
    if not known:
        return _nothing(ax, table, "shares")
    shares = choice_shares(table, "log", study.resampling)
    ranks = choice_shares(table, "rank", study.resampling.estimates_only())
    sums = {"all fixed": BLUE, "all searched": RED, "total": GREY}
    colours = [sums.get(name, BLUE if name in FIXED else RED) for name in shares["group"]]
    estimates = shares.rename(columns={"group": "series", "share": "x", "low": "lower", "high": "upper"})
    drawn = bars(ax, estimates, colours).assign(kind="share")
    circles = points(ax, pd.DataFrame({"series": ranks["group"], "x": ranks["share"]}), **HOLLOW)
    rows_axis(ax, list(shares["group"]), "share of the variance (%)")
    ax.axhline(len(shares) - 3.5, color=GREY, linewidth=0.8)
    ax.xaxis.set_major_formatter(PERCENT)
    key = Key()
    key.add(Patch(color=(BLUE, 0.55)), "fixed by the paper (log error)")
    key.add(Patch(color=(RED, 0.55)), "searched by the paper (log error)")
    key.add(line(**HOLLOW), "of ranks of errors")
    key.draw(ax)
    return pd.concat([drawn, circles.assign(kind="share_of_ranks")]).assign(panel="shares")


def effects_panel(ax: Axes, study: Study, table: pd.DataFrame, known: bool) -> pd.DataFrame:
    """Partial omega^2 of the fixed choices and of their interactions."""
    if not known:
        return _nothing(ax, table, "effects")
    effects = choice_effects(table, "log", study.resampling)
    ranks = choice_effects(table, "rank", study.resampling.estimates_only())
    estimates = effects.rename(columns={"term": "series", "omega2": "x", "low": "lower", "high": "upper"})
    drawn = bars(ax, estimates).assign(kind="effect")
    circles = points(ax, pd.DataFrame({"series": ranks["term"], "x": ranks["omega2"]}), **HOLLOW)
    rows_axis(ax, [words(term) for term in effects["term"]], "partial ω² (%)")
    ax.xaxis.set_major_formatter(PERCENT)
    key = Key()
    key.add(Patch(color=(BLUE, 0.55)), "log error")
    key.add(line(**HOLLOW), "ranks of errors")
    key.draw(ax)
    return pd.concat([drawn, circles.assign(kind="effect_of_ranks")]).assign(panel="effects")


def levels_panel(ax: Axes, study: Study, table: pd.DataFrame) -> pd.DataFrame:
    """Mean error of the networks of each level of each fixed choice."""
    levels = fixed_choices(table) if len(table) else {}
    rows = [_level(study, table, levels, choice, level) for choice, level in level_names(levels)]
    rows = [row for row in rows if row["n"] > 1]
    if not rows:
        return _nothing(ax, table, "levels")
    frame = pd.DataFrame(rows)
    drawn = points(ax, frame)
    rows_axis(ax, [f"{row['choice']}: {row['value']}" for row in rows], "mean error (%)")
    starts = np.flatnonzero(frame["choice"].ne(frame["choice"].shift()))
    for start in starts[1:]:
        ax.axhline(start - 0.5, color="#EBEBEB", linewidth=0.8, zorder=0)
    mean = float(table["error"].mean())
    ax.axvline(mean, color=GREY, linewidth=1.0, zorder=1)
    key = Key()
    key.add(line(**POINT), "mean of a level's networks")
    key.add(line(color=GREY), "mean of all networks")
    key.draw(ax)
    of_all = pd.DataFrame([{"series": "all", "kind": "mean_of_all", "x": mean, "n": len(table)}])
    return pd.concat([drawn.assign(kind="mean_of_level"), of_all]).assign(panel="levels")


def _level(study: Study, table: pd.DataFrame, levels: dict, choice: str, level: object) -> dict:
    """The mean error of the networks of one level, with its interval if there is more than one."""
    errors = table["error"][levels[choice] == level]
    row: Row = {"series": f"{choice}: {level}", "choice": choice, "value": level, "n": len(errors)}
    if len(errors) > 1:
        mean = bootstrap_interval(errors, resampling=study.resampling)
        row |= {"x": mean.estimate, "lower": mean.low, "upper": mean.high, "level": mean.level}
    return row | {"resamples": study.resamples}


def _nothing(ax: Axes, table: pd.DataFrame, panel: str) -> pd.DataFrame:
    say(ax, TOO_FEW if len(table) else NO_RUNS)
    ax.set(xticks=[], yticks=[])
    return pd.DataFrame([{"panel": panel, "series": "all", "kind": "share", "x": np.nan, "y": np.nan}])


def _notes(study: Study, table: pd.DataFrame, known: bool) -> list[str]:
    level, resamples = f"{100 * study.level:g} %", f"{study.resamples:,}"
    notes = [f"{len(table)} networks of {table['population'].nunique() if len(table) else 0} populations pooled"]
    if known:
        zeros = int((table["error"] <= 0).sum())
        notes.append(
            "shares: Shapley values of the adjusted R² of a linear model; partial ω²: analysis of variance, type II"
            + (f"; {zeros} errors of 0 count as half the smallest other" if zeros else "")
        )
        notes.append(
            f"lines: {level} intervals, {resamples} resamples of networks within populations (seed {study.seed}), "
            "in c BCa over the networks of a level"
        )
    return notes

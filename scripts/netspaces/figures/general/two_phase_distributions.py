"""Error distributions of the populations that are drawn in two phases, in which each network counts as many."""

import pandas as pd
from matplotlib.axes import Axes

from netspaces.figures.drawing import Drawing, finish, joined, shared
from netspaces.figures.key import Key, line
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels.axes import distribution_limits, error_axis, say
from netspaces.figures.panels.edf import draw_steps
from netspaces.figures.style import grid, house_style, looks, pretty
from netspaces.statistics.two_phase_edf import distribution
from netspaces.studies.study import Curve, Study
from netspaces.studies.two_phase import check_all_two_phase, population_of

KINDS = {
    "edf": "vertex of a step curve and its simultaneous band: x an error in %, y a share; `lower` and `upper` are "
    "shares; first and last, at the ends of the axis, of the band alone",
    "summary": "what an error distribution rests on",
}
COLUMNS = {
    "minimum": "smallest error of a trained network, %",
    "mean": "mean error of the design space, %",
    "resamples": "simulated populations that the band is fitted to",
    "seed": "seed of these",
    **shared("n", "planned", "diverged", "level"),
}
WANTS: dict = {"populations": {"at_least": 0}}
PANEL = "populations"


@house_style()
def draw(study: Study) -> Drawing:
    """One panel of all populations; it says so where there is none."""
    check_all_two_phase(study)
    figure, ((ax,),) = grid(1, width=4.0, key_rows=1 + len(study.curves))
    drawn = _panel(ax, study) if study.curves else _none(ax)
    if study.curves:
        bands = f"bands: simultaneous {100 * study.level:g} % ({study.resamples:,} simulations, seed {study.seed})"
        weighed = "each network counts as those that it stands for"
        footnote(figure, runs_note(study.curves), weighed, bands, error_note(study.curves))
    return finish(figure, study, [drawn])


def _none(ax: Axes) -> pd.DataFrame:
    say(ax, "no population is drawn in two phases")
    return pd.DataFrame([{"panel": PANEL, "kind": "summary", "n": 0}])


def _panel(ax: Axes, study: Study) -> pd.DataFrame:
    styles, key, frames = looks(study), Key("[min|mean] error, %"), []
    error_axis(ax.xaxis, distribution_limits(study, study.curves)[0])
    for curve in study.curves:
        look, summary = styles[curve.label], _summary(curve, study)
        population = population_of(curve)
        if population is None:
            label, steps = f"[–|–] {pretty(curve.label)}, a stratum of fewer than two runs", pd.DataFrame()
        else:
            steps = draw_steps(ax, distribution(population, study.resampling).steps(ax.get_xlim()), curve.label, look)
            summary |= {"minimum": float(population.errors.min()), "mean": population.mean}
            label = f"[{summary['minimum']:.1f}|{summary['mean']:.1f}] {pretty(curve.label)}"
        key.add(line(**look), label)
        rows = pd.concat([steps, pd.DataFrame([summary])], ignore_index=True)
        rows.insert(0, "series", curve.label)
        frames.append(rows)
    ax.set(ylim=(0, 1.005), ylabel="cumulative prob.")
    key.draw(ax)
    return joined(frames, PANEL)


def _summary(curve: Curve, study: Study) -> dict:
    counts = {"n": len(curve.table), "planned": curve.planned, "diverged": curve.diverged}
    return {"kind": "summary", **counts, **study.resampling.columns()}

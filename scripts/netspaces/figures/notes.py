"""Footnotes of figures: on what a figure rests, and lines that fit its width."""

import re
from collections import Counter
from collections.abc import Iterable

from matplotlib.figure import Figure

from netspaces.figures.style import GREY, SMALLEST, pretty
from netspaces.studies.networks import few_architectures
from netspaces.studies.study import Curve

ERRORS = {
    "error_min": "top-1, minimum over epochs",
    "error": "top-1 after the last epoch",
    "error_selected": "top-1 after the epoch that is best on the validation split",
}


def runs_note(curves: Iterable[Curve]) -> str:
    """How many runs the figure rests on: of how many planned, how many diverged, and where architectures are few."""
    curves = list({curve.population: curve for curve in curves}.values())
    names_by_count: dict[str, Counter] = {}
    diverged: Counter = Counter()
    imported: Counter = Counter()
    for curve in curves:
        name = pretty(curve.label)
        names_by_count.setdefault(curve.count_text, Counter())[name] += 1
        diverged[name] += 0 if curve.origin else curve.diverged
        imported[name] += curve.diverged if curve.origin else 0
    if len(names_by_count) == 1:
        unit = "space" if len({curve.space for curve in curves}) == len(curves) else "population"
        note = f"n = {next(iter(names_by_count))}" + (f" per {unit}" if len(curves) > 1 else "")
    else:
        note = "n = " + "; ".join(f"{count} ({_names(names)})" for count, names in names_by_count.items())
    note += _diverged_note(diverged, ", drawn at chance error") + _diverged_note(imported, ", as imported")
    few = {pretty(curve.label): text for curve in curves if (text := few_architectures(curve))}
    return note + "".join(f"; {name}: {text}" for name, text in few.items())


def _names(counts: Counter) -> str:
    """Names, each with the number of populations that have it if there are several."""
    return ", ".join(name if k == 1 else f"{name} × {k}" for name, k in counts.items())


def _diverged_note(diverged: Counter, how: str) -> str:
    """How many runs of each name diverged and how they count, as the end of a sentence; empty if none did."""
    if not any(diverged.values()):
        return ""
    if len(diverged) > 1 and len(set(diverged.values())) == 1:
        counts = f"{next(iter(diverged.values()))} of each"
    else:
        counts = ", ".join(f"{k} ({name})" for name, k in diverged.items() if k)
    return f"; diverged{how}: {counts}"


def error_note(curves: Iterable[Curve]) -> str:
    """Which error is drawn, and what that of imported populations was made of."""
    curves = list(curves)
    drawn = "error: " + " or ".join(dict.fromkeys(ERRORS.get(curve.error, curve.error) for curve in curves))
    imported = {curve.label: curve.measures for curve in curves if curve.origin}
    named = [f"of {name}: {measures}".replace("$", r"\$") for name, measures in imported.items() if measures]
    return "; ".join([drawn, *named])


def footnote(figure: Figure, *parts: str) -> None:
    """What the figure rests on, below its panels: n, resamples, level, seed."""
    text = wrap_note(figure.get_figwidth(), "; ".join(part for part in parts if part) + ".")
    figure.supxlabel(text, x=0.008, ha="left", fontsize=SMALLEST, color=GREY, linespacing=1.25)


def wrap_note(width: float, text: str) -> str:
    """Text in lines of a width in inches, in footnote size; the marks of formulas take no room."""
    characters, lines = int(width * 72 / (0.58 * SMALLEST)), [""]
    for word in text.replace(" %", "\N{NO-BREAK SPACE}%").split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if len(re.sub(r"\\[a-z]+|[${}_\\]", "", longer)) > characters:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")

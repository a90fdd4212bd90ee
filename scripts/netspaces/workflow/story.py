"""The beginning of the report for studies of one's own: what each asks, shows, compares, claims, and what it cost.

It is reStructuredText, read from the files of the study when the report is made.
"""

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from textwrap import wrap

import pandas as pd

from netspaces.files.escaping import from_csv, restructured_text
from netspaces.populations.table import MISSING, read_collected
from netspaces.tables import TABLES
from netspaces.tables.style import Column, present, printed
from netspaces.workflow.first_screen import first_screen
from netspaces.workflow.study_rules import OWN_CLAIMS, OWN_SUMMARIES, StudyRule

SHOWN = {  # columns of the tables of a study that its story shows; the tables have more
    "populations": ("space", "n", "planned", "diverged", "minimum", "mean", "mean_low", "mean_high"),
    "comparisons": ("a", "b", "difference", "simultaneous_low", "simultaneous_high", "p_mean_corrected", "superiority"),
    OWN_CLAIMS: ("claim", "estimate", "low", "high", "range", "verdict", "reason"),
}
LINE = 1000  # characters of a line of data
HEADINGS = {"populations": "Populations", "comparisons": "Comparisons", OWN_CLAIMS: "Claims"}


@dataclass(frozen=True)
class Story:
    """The text of the studies of one's own, whether the report is about nothing else, and the first screen if not."""

    text: str
    alone: bool
    first: str = ""


def prepare_story(rules: Mapping[str, StudyRule]) -> None:
    """Let the report's template ask for the story of the studies whose files are in it."""
    from jinja2.defaults import DEFAULT_NAMESPACE

    DEFAULT_NAMESPACE["own_story"] = partial(own_story, rules)


def own_story(rules: Mapping[str, StudyRule], present_files: Collection[str]) -> Story:
    """The story of those studies of one's own whose figure or table is among the files of the report, by name."""
    own = {study for rule in rules.values() for study in rule.configuration.own_studies}
    told = [rule for rule in rules.values() if rule.name in own and Path(rule.files[0]).name in present_files]
    theirs = {Path(r.files[0]).name for r in rules.values() if r in told or r.of in [rule.name for rule in told]}
    pages = {Path(rule.paths.page(of)).name for rule in told for of in ("", rule.name)}
    alone = bool(told) and (theirs | pages).issuperset(present_files)
    texts = [_study(rule, rules, "=" if alone and len(told) == 1 else "-") for rule in told]
    if alone and len(told) > 1:
        texts.insert(0, _heading("Studies", "="))
    return Story("\n\n".join(texts), alone, "" if alone else first_screen(rules, present_files))


def _study(rule: StudyRule, rules: Mapping[str, StudyRule], underline: str) -> str:
    parts = [_heading(rule.title, underline), restructured_text(rule.declared.get("description", ""))]
    picture = Path(rule.files[0]).with_suffix(".png")
    if rule.kind == "figure" and picture.is_file():
        parts.append(_image(picture))
    for summary in OWN_SUMMARIES:
        table = rules.get(f"{rule.name}_{summary}")
        if table is not None and Path(table.files[1]).is_file():
            target = Path(table.files[0]).name
            parts += [f"**{HEADINGS[summary]}** (`the whole table <{target}_>`_)", _table(table.files[1], summary)]
    return "\n\n".join([*filter(None, parts), _cost(rule)])


def _image(path: Path) -> str:
    """A picture within the page; of its data lines that docutils reads."""
    data = "\n   ".join(wrap(base64.b64encode(path.read_bytes()).decode(), LINE))
    return f".. image:: data:image/png;base64,\n   {data}\n   :alt: the figure of the study\n   :width: 100%"


def _heading(title: str, underline: str) -> str:
    text = restructured_text(title)
    return f"{text}\n{underline * len(text)}"


def _table(path: str, summary: str) -> str:
    """Some columns of a table that was made, from its CSV file, as they are printed."""
    columns: Mapping[str, Column] = import_module(TABLES.modules[summary]).COLUMNS
    shown = {name: columns[name] for name in SHOWN[summary]}
    cells, _ = printed(present(from_csv(pd.read_csv(path)), "", "", shown))
    return grid([list(cells), *cells.to_numpy().tolist()])


def grid(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells, the first of them headers, as a table of reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        for index, cell in enumerate(row):
            lines.append(f"   {'*' if index == 0 else ' '} - {restructured_text(cell)}")
    return "\n".join(lines)


def _cost(rule: StudyRule) -> str:
    """What the trainings of a study took, those that other studies share included."""
    paths = [path for path in map(Path, rule.paths.populations(rule.populations)) if path.is_file()]
    tables = [table for table in map(read_collected, paths) if "seconds" in table]
    networks, seconds = sum(len(table) for table in tables), sum(float(table["seconds"].sum()) for table in tables)
    missing = sum(int((table["status"] == MISSING).sum()) for table in tables)
    devices = sorted({str(name) for table in tables if "device" in table for name in table["device"].dropna()})
    on = f" on {', '.join(devices)}" if devices else ""
    said = f"{networks} networks, {missing} of them without a run, {duration(seconds)} of training{on}."
    return f"**What it cost**\n\n{restructured_text(said)}"


def duration(seconds: float) -> str:
    """Seconds as people say them, with a decimal where hours are few.

    >>> duration(40), duration(600), duration(9000)
    ('40 seconds', '10 minutes', '2.5 hours')
    """
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"

"""The first screen of the report of a run: what was run, on what, which claims it decides and how, what it cost.

It is reStructuredText, read from the files of the run when the report is made. What a file would say that is not there
is a plain line instead.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from netspaces.configuration.configuration import Configuration
from netspaces.files.escaping import restructured_text
from netspaces.files.safe import DamagedFile
from netspaces.files.tables import read_csv
from netspaces.workflow.outcome import Trainings, trainings, verdict_counts
from netspaces.workflow.paths import Paths
from netspaces.workflow.progress import duration
from netspaces.workflow.strongest import NEEDED, picture, strongest
from netspaces.workflow.study_rules import CLAIMS, StudyRule

FOREST = "claims_forest"


def first_screen(rules: Mapping[str, StudyRule], present_files: Collection[str]) -> str:
    """What the report of a run shows first, by the rules of studies and the names of the files in the report."""
    rule = rules[CLAIMS]
    claims = _claims(rule) if Path(rule.files[0]).name in present_files else None
    trained = _trainings(rule.configuration, rule.paths)
    fields = {
        "Run": _run(rule.configuration, trained),
        "Images": _images(rule.configuration.settings["dataset"]),
        "Claims": _verdicts(rule, claims),
        "Best": restructured_text(trained.best) if trained else "no network has a run yet",
        "Cost": _cost(trained),
        "See": _places(rule, present_files),
    }
    said = "\n".join(f":{name}: {text}" for name, text in fields.items() if text)
    return f"{said}\n\n{_findings(claims)}"


def _claims(rule: StudyRule) -> pd.DataFrame | None:
    """The table of claims; None where its file cannot be read."""
    try:
        return read_csv(rule.files[1], "the table of claims", NEEDED, digest_needed=False)
    except (DamagedFile, OSError):
        return None


def _trainings(configuration: Configuration, paths: Paths) -> Trainings | None:
    """What is known of the trainings of the run; None where no table is there, or one cannot be read."""
    own = [name for name in configuration.run_populations if name in configuration.populations]
    files = [file for file in paths.populations(own) if Path(file).is_file()]
    try:
        return trainings(files, configuration.settings["statistics"]["error"]) if files else None
    except (DamagedFile, OSError):
        return None


def _run(configuration: Configuration, trained: Trainings | None) -> str:
    """Which preset, and how many networks of how many populations."""
    populations = len(configuration.run_populations)
    text = f"preset {configuration.preset}: {populations} population{'' if populations == 1 else 's'}"
    if trained:
        text += f", {trained.runs:,} of {trained.planned:,} networks trained"
    return restructured_text(text)


def _images(dataset: Mapping) -> str:
    pixels = f"{dataset['resolution']} x {dataset['resolution']} pixels"
    return restructured_text(f"{dataset['name']}: {pixels}, {dataset['classes']} classes")


def _verdicts(rule: StudyRule, claims: pd.DataFrame | None) -> str:
    """How many claims have which verdict; each count leads to their rows."""
    if claims is None:
        return "the table of claims is not part of this report"
    path = quote(Path(rule.files[0]).as_posix())
    links = []
    for verdict, count in verdict_counts(claims["verdict"]).items():
        target = f"javascript:app.showResultInfo('{path}','verdict={quote(verdict)}')"
        links.append(f"`{count} {restructured_text(verdict)} <{target}>`__")
    return f"{', '.join(links)}, of {len(claims)}"


def _cost(trained: Trainings | None) -> str:
    if trained is None:
        return ""
    on = f" on {', '.join(trained.devices)}" if trained.devices else ""
    return restructured_text(f"{duration(trained.seconds)} of training{on}; {trained.diverged} trainings diverged")


def _places(rule: StudyRule, present_files: Collection[str]) -> str:
    """Where to look on: the page to explore, all claims at one glance."""
    named = {
        "every network, by hand": Path(rule.paths.page()).name,
        "all claims at one glance": f"{FOREST}.svg",
    }
    return ", ".join(f"`{words} <{target}_>`_" for words, target in named.items() if target in present_files)


def _findings(claims: pd.DataFrame | None) -> str:
    """The strongest findings as a picture; nothing where there is none."""
    if claims is None or (found := strongest(claims)).empty:
        return ""
    count = {1: "The strongest finding", 2: "The two strongest findings", 3: "The three strongest findings"}[len(found)]
    indented = "\n".join(f"   {line}" for line in picture(found).splitlines())
    head = f"**{count}** (grey: the range that bears the claim out)"
    return f"{head}\n\n.. raw:: html\n\n{indented}"

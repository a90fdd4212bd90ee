"""The resolved configuration, written beside the results: what a run made them with, to be run again from one file.

A folder holds results of several runs, so the file says which run it is of: what that was asked for, and whether it has
ended well. Only then are all files that were asked for as these settings say.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from netspaces.configuration.configuration import Configuration
from netspaces.configuration.yaml_files import plain_yaml
from netspaces.files.safe import write_text
from netspaces.workflow.made_with import QUESTIONS

NAME = "configuration.yaml"
DERIVED = ("name", "stem", "channels", "classes")  # of a design space: they follow from its key, skeleton and dataset
HEADER = """\
# All settings of the last run that made results here, with nothing left to defaults, presets or other files.
# It was asked for {targets}.
# {state}
# Other files here may have been made with other settings.
# The same again: snakemake {targets} --configfile {path}
"""
ENDED = "It has ended well: what it was asked for is as these settings say."
BEGUN = "It has not ended well, or not yet: what it was asked for may still be of runs before."


def note_run(dag: Any, configuration: Configuration, results: str | Path, ended: bool) -> None:
    """Write the configuration of a run of the engine's `dag` when it begins and when it has ended well.

    Questions about results leave no trace.
    """
    rules = {job.rule.name for job in dag.jobs}
    if not QUESTIONS.issuperset(rules):
        targets = {str(job.output[0]) if job.wildcards_dict else job.rule.name for job in dag.targetjobs}
        write_resolved(configuration, results, sorted(targets), rules, ended)


def write_resolved(
    configuration: Configuration, results: str | Path, targets: Sequence[str], rules: Iterable[str], ended: bool
) -> None:
    """Write the configuration into the folder of results, unless the file says the same already.

    No job reads it, so that it makes none run. `targets` are those of the run, `rules` all that it needs for them.
    """
    path = Path(results, NAME)
    state = ENDED if ended else BEGUN
    header = HEADER.format(targets=" ".join(targets), state=state, path=os.path.relpath(path))
    content = resolved(configuration, rules)
    text = header + plain_yaml(content)
    if not path.is_file() or path.read_bytes() != text.encode():
        write_text(path, text)


def resolved(configuration: Configuration, rules: Iterable[str] = ()) -> dict:
    """The settings with all claims, the studies of the default target and of some rules, and their design spaces."""
    studies = list(dict.fromkeys([*configuration.run_studies, *sorted({*rules} & set(configuration.studies))]))
    curves = [curve for study in studies for curve in configuration.own_curves(study)]
    sized = [space for study in studies for space in configuration.studies[study].get("sizes_of", [])]
    spaces = dict.fromkeys([*(curve["space"] for curve in curves), *sized])
    return dict(configuration.settings) | {
        "design_spaces": {name: _space(configuration.spaces[name]) for name in spaces},
        "studies": {study: dict(configuration.studies[study]) for study in studies},
        "claims": dict(configuration.claims),
    }


def _space(definition: Mapping) -> dict:
    return {key: value for key, value in definition.items() if key not in DERIVED}

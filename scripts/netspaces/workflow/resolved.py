"""The resolved configuration, written beside the results: what they were made with, to be run again from one file."""

import os
from collections.abc import Mapping
from pathlib import Path

import yaml

from netspaces.configuration.configuration import Configuration
from netspaces.files.safe import write_text

NAME = "configuration.yaml"
DERIVED = ("name", "stem", "channels", "classes")  # of a design space: they follow from its key, skeleton and dataset
HEADER = """\
# All settings of the last run that made results here, with nothing left to defaults, presets or other files.
# The same again: snakemake --configfile {path}
"""


class _Plain(yaml.SafeDumper):
    """YAML without anchors: what two places share is written in both."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def write_resolved(configuration: Configuration, results: str | Path) -> None:
    """Write the configuration into the folder of results, unless the file says the same already.

    No job reads it, so that it makes none run.
    """
    path = Path(results, NAME)
    header = HEADER.format(path=os.path.relpath(path))
    text = header + yaml.dump(resolved(configuration), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    if not path.is_file() or path.read_bytes() != text.encode():
        write_text(path, text)


def resolved(configuration: Configuration) -> dict:
    """The settings with the design spaces and studies of the default target and all claims, each complete."""
    studies = configuration.run_studies
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

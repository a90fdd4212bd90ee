"""Limits on complexity that design spaces take from other populations: `limits.json`, derived from figure 12.

A design space that says `constraints_from: complexity_limits` is complete only with that file. Where it is sampled, the
file's constraints are added to its definition under `limits`.
"""

from collections.abc import Mapping
from pathlib import Path

from netspaces.files.safe import DamagedFile, read_json
from netspaces.spaces.expressions import Constraint

SOURCE = "complexity_limits"


def takes_limits(definition: Mapping) -> bool:
    """Whether a design space takes limits from figure 12."""
    return definition.get("constraints_from") == SOURCE


def definition_with_limits(definition: Mapping, path: str | Path | None) -> dict:
    """A definition as it is sampled: with the limits of a file if it takes any, else as it is.

    `path` None leaves the limits out, for a first guess before they are known. Raises ValueError for a damaged file.
    """
    if path is None or not takes_limits(definition):
        return dict(definition)
    return dict(definition) | {"limits": read_limits(path)}


def read_limits(path: str | Path) -> list[str]:
    """The constraints of a limits file; raises DamagedFile."""
    contents = read_json(path, "limits on complexity", ["constraints"], digest_needed=False)
    try:
        return [Constraint(text).text for text in contents["constraints"]]
    except (ValueError, TypeError) as error:
        raise DamagedFile(path, f"{error}, expected a list of constraints") from None

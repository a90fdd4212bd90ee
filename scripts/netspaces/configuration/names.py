"""The names that schemas leave open: `x-registry: blocks` stands for the names of all blocks, plug-ins among them.

Registries know their names without importing an entry, so nothing here costs torch or matplotlib.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from netspaces.data.readers import READERS
from netspaces.figures import FIGURES
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.layers import ACTIVATIONS
from netspaces.networks.metrics import METRICS
from netspaces.networks.stems import STEMS
from netspaces.populations.importers import IMPORTERS
from netspaces.spaces.definition import RECIPE_PARAMETERS
from netspaces.spaces.distributions import KINDS
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.family import stage_parameters
from netspaces.studies.claims.quantities import QUANTITIES
from netspaces.studies.covariates import COVARIATES
from netspaces.tables import TABLES
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.losses import LOSSES
from netspaces.training.mixings import MIXINGS
from netspaces.training.optimisers import OPTIMISERS
from netspaces.training.recipe import DECAYING, LAYOUTS, PRECISIONS, RATE_UPDATES
from netspaces.training.schedules import SCHEDULES
from netspaces.training.targets import TARGETS

MARKER = "x-registry"
PRESET_NAME = re.compile("[A-Za-z0-9_-]{1,64}")  # which becomes the name of a file and of a folder


def known_names() -> dict[str, Iterable[str]]:
    """The names that there are now, by what they are names of; a mapping's values may have a description."""
    return {
        "activations": ACTIVATIONS,
        "augmentations": AUGMENTATIONS,
        "blocks": BLOCKS,
        "covariates": COVARIATES,
        "decaying parameters": DECAYING,
        "families": FAMILIES,
        "figures": FIGURES,
        "import formats": IMPORTERS,
        "layouts": LAYOUTS,
        "losses": LOSSES,
        "metrics": METRICS,
        "mixings": MIXINGS,
        "optimisers": OPTIMISERS,
        "precisions": PRECISIONS,
        "quantities": QUANTITIES,
        "ranges": KINDS,
        "rate updates": RATE_UPDATES,
        "readers": READERS,
        "sampled recipe values": RECIPE_PARAMETERS,
        "schedules": SCHEDULES,
        "stage parameters": stage_parameters(FAMILIES.values()),
        "stems": STEMS,
        "tables": TABLES,
        "targets": TARGETS,
    }


def filled(schema: object, names: Mapping[str, Iterable[str]]) -> object:
    """A schema with the names that it leaves open.

    `x-registry` in a schema of text names the values that it may have. In a schema of a mapping it names the keys, of
    which each has the schema that the mapping's `additionalProperties` states.
    """
    if isinstance(schema, list):
        return [filled(part, names) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    parts: dict[str, Any] = {key: filled(part, names) for key, part in schema.items() if key != MARKER}
    if MARKER not in schema:
        return parts
    known = names[schema[MARKER]]
    if parts.get("type") != "object":
        return parts | {"enum": list(known)}
    keys = {name: {**parts["additionalProperties"], **_described(known, name)} for name in known}
    return parts | {"properties": keys, "additionalProperties": False}


def _described(names: Iterable[str], name: str) -> dict[str, str]:
    """The description of a key for the documentation, if what it names has one."""
    description = getattr(names[name], "description", "") if isinstance(names, Mapping) else ""
    return {"markdownDescription": f"{description[:1].upper()}{description[1:]}."} if description else {}

"""Design spaces: what one extends, what the preset adds to it, and whether networks can be drawn from it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from netspaces.configuration.errors import ConfigError
from netspaces.configuration.layers import Layers
from netspaces.configuration.merging import merge_space, merge_spaces
from netspaces.configuration.schemas import Schemas
from netspaces.configuration.yaml_files import read_yaml
from netspaces.files.suggestions import did_you_mean
from netspaces.plugins.loading import naming_plugins
from netspaces.spaces.sampling import decide
from netspaces.spaces.space import Space


def read_design_spaces(file: Path, layers: Layers, schemas: Schemas) -> dict[str, dict]:
    """The design spaces of a file and of the settings by name, resolved and complete; raises ConfigError."""
    declared, settings = schemas.check(read_yaml(file), "design_spaces.schema.yaml", str(file)), layers.settings
    sources = dict.fromkeys(declared, str(file))
    for name in settings.get("design_spaces", {}):
        source = layers.source("design_spaces", name)
        sources[name] = f"{file}, changed by {source}" if name in declared else f"{source}: design_spaces"
    declared = merge_spaces(declared, settings.get("design_spaces", {}))
    return {name: _checked_space(name, declared, settings, source) for name, source in sources.items()}


def resolve(name: str, declared: Mapping[str, Mapping], source: object) -> dict:
    """Follow `extends` from the root down; raises ConfigError for an unknown base or a circle."""
    chain: list[str] = []
    current: str | None = name
    while current is not None:
        if current not in declared:
            suggested = did_you_mean(current, declared)
            raise ConfigError(f"{source}: {chain[-1]}.extends: unknown design space {current!r}{suggested}")
        if current in chain:
            raise ConfigError(f"{source}: {name}.extends: goes round in a circle ({' -> '.join([*chain, current])})")
        chain.append(current)
        current = declared[current].get("extends")
    resolved: dict = {}
    for ancestor in reversed(chain):
        resolved = merge_space(resolved, declared[ancestor])
    resolved.pop("extends", None)
    return resolved | {"name": name, "description": declared[name].get("description", "")}


def complete(definition: Mapping, settings: Mapping) -> dict:
    """Add to a design space what the preset says: skeleton, and the images' resolution, channels and classes."""
    skeleton, dataset = settings["skeleton"], settings["dataset"]
    defaults = {"resolution": dataset["resolution"], "stem_width": skeleton["stem_width"], "se_ratio": 0.0}
    whole = {
        "stem": skeleton["stem"],
        "strides": skeleton["strides"],
        "channels": dataset["channels"],
        "classes": dataset["classes"],
        "stages": 4,
        "block": "x",
    }
    return whole | dict(definition) | {"parameters": defaults | dict(definition.get("parameters", {}))}


def _checked_space(name: str, declared: Mapping, settings: Mapping, source: str) -> dict:
    """One design space, resolved and complete; raises ConfigError if no network can be drawn from it."""
    definition = resolve(name, declared, source)
    for key in ("family", "parameters"):
        if key not in definition:
            raise ConfigError(f"{source}: {name}: missing key {key!r}, stated neither here nor in a space it extends")
    has_own_strides, definition = "strides" in definition, complete(definition, settings)
    if len(definition["strides"]) < definition["stages"]:
        if not has_own_strides:  # then the skeleton has too few, which matters for spaces that run: checks.py
            return definition
        strides = f"at most the {len(definition['strides'])} of strides"
        raise ConfigError(f"{source}: {name}.stages: got {definition['stages']}, expected {strides}")
    try:
        with naming_plugins():
            space = Space.from_definition(definition)
            if space.constraints:  # a few draws show whether they speak of what there is
                decide(space, {}, np.random.default_rng(0).random((8, space.uniforms_per_draw)))
    except ValueError as error:
        raise ConfigError(f"{source}: {name}: {error}") from None
    return definition

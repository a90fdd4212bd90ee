"""What the definition of a design space says: its parameters, what it ties and what it orders, read and checked.

Everything wrong is a ValueError that names the key; `netspaces.spaces.space` draws from what is right.
"""

from collections.abc import Mapping, Sequence

from netspaces.files.suggestions import one_of
from netspaces.networks.block import Block
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.numbers import whole_number
from netspaces.plugins.registry import Entry, Registry
from netspaces.spaces.distributions import Distribution
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.family import Family

OPTIONAL = {"kernel": 3, "head_width": 0}
"""Parameters that a definition need not state, and their values then; no random number is drawn for them."""

RECIPE_PARAMETERS = ("learning_rate", "weight_decay")


def family_of(definition: Mapping) -> Family:
    """The family of a design space; raises ValueError if there is none of that name."""
    return _entry(FAMILIES, definition["family"])


def block_of(definition: Mapping) -> Block:
    """The block of a design space; raises ValueError if there is none of that name."""
    return _entry(BLOCKS, definition["block"])


def _entry(registry: Registry[Entry], name: str) -> Entry:
    if name not in registry:
        raise ValueError(f"{registry.kind}: got {name!r}, expected {one_of(name, registry)}")
    return registry[name]


def with_whole_numbers(definition: Mapping) -> dict:
    """A definition whose counts are whole; raises ValueError for other ones, and for fewer strides than stages."""
    whole = {key: whole_number(key, definition[key], 1) for key in ("stages", "channels", "classes")}
    strides = [whole_number("strides", stride, 1) for stride in definition["strides"]]
    if len(strides) < whole["stages"]:
        raise ValueError(f"strides: got {strides}, expected one for each of {whole['stages']} stages")
    return {**definition, **whole, "strides": strides}


def read_tied(definition: Mapping) -> dict[str, str]:
    """Which parameter takes the value of which other."""
    tied, per_stage = _entries(definition, "tied"), family_of(definition).per_stage
    free = [name for name in _entries(definition, "parameters") if name not in tied]
    for name, source in tied.items():
        sources = [other for other in free if name in per_stage or other not in per_stage]
        if source not in sources:
            raise ValueError(f"tied: {name} follows {source}, expected {one_of(source, sources)}")
    return tied


def read_parameters(definition: Mapping, tied: Mapping[str, str]) -> dict[str, Distribution]:
    """The distributions of the parameters that are drawn, in the order in which they are drawn."""
    declared = _entries(definition, "parameters")
    needed = [name for name in family_of(definition).parameters if name not in block_of(definition).lacks]
    if missing := [name for name in needed if name not in {**declared, **tied, **OPTIONAL}]:
        raise ValueError(f"parameters: {missing[0]} is missing, family {definition['family']} needs it")
    free = {name: value for name, value in declared.items() if name not in tied}
    return {name: Distribution.from_config(f"parameters: {name}", value) for name, value in free.items()}


def read_shared(definition: Mapping, parameters: Mapping[str, Distribution]) -> tuple[str, ...]:
    """The drawn parameters that all stages share."""
    per_stage = family_of(definition).per_stage
    for name in definition.get("shared", ()):
        if name not in per_stage:
            raise ValueError(f"shared: {name} has no values per stage")
    return tuple(name for name in definition.get("shared", ()) if name in parameters)


def read_monotone(
    definition: Mapping, parameters: Mapping[str, Distribution]
) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The order of a parameter's values, and the stages, counted from 0, that it orders."""
    orders, stages = {}, definition["stages"]
    for name, rule in _entries(definition, "monotone").items():
        rule = {"order": rule} if isinstance(rule, str) else rule
        chosen = tuple(sorted(stage - 1 for stage in rule.get("stages", range(1, stages + 1))))
        shared = name in definition.get("shared", ()) or name not in family_of(definition).per_stage
        if shared or name not in parameters:
            raise ValueError(f"monotone: {name} has no values per stage")
        if parameters[name].kind == "per_stage":
            raise ValueError(f"monotone: {name} has stated values, which no order changes")
        if not 0 <= chosen[0] <= chosen[-1] < stages:
            raise ValueError(f"monotone: {name}: stages must lie between 1 and {stages}")
        orders[name] = (rule["order"], chosen)
    return orders


def read_recipe(definition: Mapping) -> dict[str, Distribution]:
    """The distributions of the recipe's values that are sampled; without a step, a range is continuous."""
    declared = definition.get("recipe", {})
    if unknown := [name for name in declared if name not in RECIPE_PARAMETERS]:
        raise ValueError(f"recipe: {unknown[0]} is unknown, expected {one_of(unknown[0], RECIPE_PARAMETERS)}")
    recipe = {}
    for name in (name for name in RECIPE_PARAMETERS if name in declared):
        recipe[name] = Distribution.from_config(f"recipe: {name}", declared[name], step=0)
        if recipe[name].kind == "per_stage":
            raise ValueError(f"recipe: {name} has no values per stage")
        if recipe[name].values and min(recipe[name].values) <= 0:
            raise ValueError(f"recipe: {name} is {min(recipe[name].values):g}, expected more than 0")
    return recipe


def _entries(definition: Mapping, key: str) -> dict:
    """What a definition's key says of the parameters that its block has, in the order in which they are drawn."""
    known, declared = family_of(definition).parameters, definition.get(key, {})
    if unknown := [name for name in declared if name not in known]:
        raise ValueError(f"{key}: {unknown[0]} is unknown, expected {one_of(unknown[0], known)}")
    lacks = block_of(definition).lacks
    return {name: declared[name] for name in known if name in declared and name not in lacks}


def check_values(name: str, distribution: Distribution, block: Block) -> None:
    """Raise ValueError unless a network of a block can be built with every value of a parameter."""
    values = distribution.values or (distribution.low, distribution.high)
    if expected := _expected(name, distribution, values, block):
        raise ValueError(f"parameters: {name} is {', '.join(f'{value:g}' for value in values)}, expected {expected}")


def _expected(name: str, distribution: Distribution, values: Sequence[float], block: Block) -> str:
    """What the values of a parameter should be; empty if they are."""
    whole, stated = distribution.integer, bool(distribution.values)
    if name in ("se_ratio", "bottleneck"):
        return block.check_values(name, values, whole, is_range=not stated)
    if name == "head_width":
        return "" if whole and min(values) >= 0 else "whole numbers, at least 0"
    if name == "kernel":
        odd = all(value % 2 == 1 for value in values) and (stated or distribution.step % 2 == 0)
        return "" if whole and odd else "odd numbers"
    if name in ("depth", "width", "group_width", "resolution", "stem_width"):
        return "" if whole and min(values) > 0 else "whole numbers above 0"
    return "" if min(values) > 0 else "more than 0"

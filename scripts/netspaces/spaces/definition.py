"""What the definition of a design space says: its parameters, what it ties and what it orders, read and checked.

Everything wrong is a ValueError that names the key; `netspaces.spaces.sampling` draws from what is right.
"""

import math
from collections.abc import Mapping

from netspaces.spaces.distributions import Distribution

STAGE_PARAMETERS = ("depth", "width", "bottleneck", "group_width", "kernel")
REGNET_PARAMETERS = ("depth", "w_0", "w_a", "w_m", "bottleneck", "group_width", "kernel")
NETWORK_PARAMETERS = ("resolution", "stem_width", "se_ratio", "head_width")
WHOLE = ("depth", "width", "group_width", "resolution", "stem_width")
OPTIONAL = {"kernel": 3, "head_width": 0}
"""Parameters that a definition need not state, and their values then; no random number is drawn for them."""

PLAIN = ("bottleneck", "group_width")
WITHOUT = {"x": (), "r": ("group_width",), "v": PLAIN, "vr": PLAIN, "mb": ("group_width",)}
"""The parameters that a block does not have; what a definition says of them is left aside."""

RECIPE_PARAMETERS = ("learning_rate", "weight_decay")


def known_parameters(family: str) -> tuple[str, ...]:
    """The parameters of a family, in the order in which they are drawn."""
    return (*(STAGE_PARAMETERS if family == "anynet" else REGNET_PARAMETERS), *NETWORK_PARAMETERS)


def has_stages(family: str, name: str) -> bool:
    """Whether a parameter has a value for each stage."""
    return family == "anynet" and name in STAGE_PARAMETERS


def _entries(definition: Mapping, key: str) -> dict:
    """What a definition's key says of the parameters that its block has, in the order of the constants above."""
    known, declared = known_parameters(definition["family"]), definition.get(key, {})
    if unknown := [name for name in declared if name not in known]:
        raise ValueError(f"{key}: {unknown[0]} is unknown, expected one of {', '.join(known)}")
    return {name: declared[name] for name in known if name in declared and name not in WITHOUT[definition["block"]]}


def read_tied(definition: Mapping) -> dict[str, str]:
    """Which parameter takes the value of which other."""
    tied, family = _entries(definition, "tied"), definition["family"]
    free = [name for name in _entries(definition, "parameters") if name not in tied]
    for name, source in tied.items():
        sources = [other for other in free if has_stages(family, name) or not has_stages(family, other)]
        if source not in sources:
            raise ValueError(f"tied: {name} follows {source}, expected one of {', '.join(sources)}")
    return tied


def read_parameters(definition: Mapping, tied: Mapping) -> dict[str, Distribution]:
    """The distributions of the parameters that are drawn."""
    declared, family = _entries(definition, "parameters"), definition["family"]
    needed = [name for name in known_parameters(family) if name not in WITHOUT[definition["block"]]]
    if missing := [name for name in needed if name not in {**declared, **tied, **OPTIONAL}]:
        raise ValueError(f"parameters: {missing[0]} is missing, family {family} needs it")
    free = {name: value for name, value in declared.items() if name not in tied}
    return {name: Distribution.from_config(f"parameters: {name}", value) for name, value in free.items()}


def read_recipe(definition: Mapping) -> dict[str, Distribution]:
    """The distributions of the recipe's values that are sampled; without a step, a range is continuous."""
    declared = definition.get("recipe", {})
    if unknown := [name for name in declared if name not in RECIPE_PARAMETERS]:
        raise ValueError(f"recipe: {unknown[0]} is unknown, expected one of {', '.join(RECIPE_PARAMETERS)}")
    recipe = {}
    for name in (name for name in RECIPE_PARAMETERS if name in declared):
        recipe[name] = Distribution.from_config(f"recipe: {name}", declared[name], step=0)
        if recipe[name].kind == "per_stage":
            raise ValueError(f"recipe: {name} has no values per stage")
        if recipe[name].values and min(recipe[name].values) <= 0:
            raise ValueError(f"recipe: {name} is {min(recipe[name].values):g}, expected more than 0")
    return recipe


def read_monotone(definition: Mapping, parameters: Mapping) -> dict[str, tuple[str, tuple[int, ...]]]:
    """The order of a parameter's values, and the stages, counted from 0, that it orders."""
    orders, stages = {}, definition["stages"]
    for name, rule in _entries(definition, "monotone").items():
        rule = {"order": rule} if isinstance(rule, str) else rule
        chosen = tuple(sorted(stage - 1 for stage in rule.get("stages", range(1, stages + 1))))
        shared = name in definition.get("shared", ()) or not has_stages(definition["family"], name)
        if shared or name not in parameters:
            raise ValueError(f"monotone: {name} has no values per stage")
        if parameters[name].kind == "per_stage":
            raise ValueError(f"monotone: {name} has stated values, which no order changes")
        if not 0 <= chosen[0] <= chosen[-1] < stages:
            raise ValueError(f"monotone: {name}: stages must lie between 1 and {stages}")
        orders[name] = (rule["order"], chosen)
    return orders


def check_values(name: str, distribution: Distribution, block: str) -> None:
    """Raise ValueError unless a network can be built with every value of a parameter."""
    values = distribution.values or (distribution.low, distribution.high)
    if name == "se_ratio":
        valid, expected = min(values) >= 0, "at least 0"
        if block in ("v", "vr"):
            valid, expected = not any(values), f"0, block {block} has no squeeze-and-excitation"
    elif name == "head_width":
        valid, expected = distribution.integer and min(values) >= 0, "whole numbers, at least 0"
    elif name == "kernel":
        odd = all(value % 2 == 1 for value in values) and (bool(distribution.values) or distribution.step % 2 == 0)
        valid, expected = distribution.integer and odd, "odd numbers"
    elif name == "bottleneck" and block == "mb":
        valid = all(map(_is_ratio, distribution.values or (0,))) and max(values) <= 1
        expected = "1 or one over a whole number in block mb"
    elif name == "bottleneck" and distribution.values:
        valid, expected = all(map(_is_ratio, values)), "whole numbers or one over a whole number"
    elif name in (*WHOLE, "bottleneck"):
        valid, expected = distribution.integer and min(values) > 0, "whole numbers above 0"
    else:
        valid, expected = min(values) > 0, "more than 0"
    if not valid:
        raise ValueError(f"parameters: {name} is {', '.join(f'{value:g}' for value in values)}, expected {expected}")


def _is_ratio(bottleneck: float) -> bool:
    ratio = max(bottleneck, 1 / bottleneck) if bottleneck > 0 else 0.0
    return ratio > 0 and math.isclose(ratio, round(ratio), rel_tol=1e-5)

"""Recipes that extend others: those of the same preset, or those of papers in config/recipes.yaml."""

from collections.abc import Mapping

from netspaces.configuration.errors import ConfigError
from netspaces.configuration.merging import merge
from netspaces.files.suggestions import one_of

EXTENDS = "extends"


def extend_any(recipes: object) -> bool:
    """Whether any of some recipes, which may be anything yet, extends another."""
    values = recipes.values() if isinstance(recipes, Mapping) else ()
    return any(isinstance(recipe, Mapping) and EXTENDS in recipe for recipe in values)


def without_replaced(settings: Mapping, layer: Mapping) -> dict:
    """Settings without the recipes for which a layer above states another base: nothing of them would be meant."""
    recipes = layer.get("recipes", {})
    kept = {k: recipe for k, recipe in settings.get("recipes", {}).items() if EXTENDS not in recipes.get(k, {})}
    return dict(settings) | ({"recipes": kept} if "recipes" in settings else {})


def resolved(recipes: Mapping[str, Mapping], named: Mapping[str, Mapping]) -> dict[str, dict]:
    """Recipes with all values of those that they extend; `named` are those of the file, with what they say of them.

    Raises ConfigError, which begins with the path of the key, for a base that there is not or a circle.
    """
    return {name: _resolved(name, recipes, named) for name in recipes}


def _resolved(name: str, recipes: Mapping[str, Mapping], named: Mapping[str, Mapping]) -> dict:
    """One recipe. A name of the preset's hides that of the file, but for the recipe that has the name itself."""
    chain, seen = [recipes[name]], [name]
    while (base := chain[-1].get(EXTENDS)) is not None:
        if base in recipes and base not in seen:
            chain.append(recipes[base])
            seen.append(base)
        elif base in named:
            chain.append(named[base]["recipe"])
        else:
            others = [other for other in recipes if other not in seen]
            raise ConfigError(f"recipes.{seen[-1]}.{EXTENDS}: got {base!r}, expected {one_of(base, [*others, *named])}")
    whole: dict = {}
    for recipe in reversed(chain):
        whole = merge(whole, recipe)
    whole.pop(EXTENDS, None)
    return whole

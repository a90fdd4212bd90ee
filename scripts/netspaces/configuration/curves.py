"""Curves: the populations that studies and claims speak of, from their short forms to all their keys."""

from collections.abc import Mapping, Sequence
from itertools import combinations

DEFAULTS: dict = {"regime": "base", "recipe": "short", "repeat": 0}
IMPORTED = "imported"  # what stands for the regime in the name of a population that is read from a file
REGIME = "{regime}"  # what a label may hold in place of the name of its regime
MEASURED: dict[str, dict] = {
    "times": {True: "times", "by_setting": "times_by_setting"},
    "proxies": {True: "proxies"},
}
"""By the key of a study that asks for measurements of its populations: their folders by what it says."""


def spelled_out(curves: Sequence[str | Mapping]) -> list[str | Mapping]:
    """Curves with one for each regime of those that name several, in their order."""
    result: list[str | Mapping] = []
    for curve in curves:
        if isinstance(curve, str) or "regimes" not in curve:
            result.append(curve)
            continue
        for key in ("regime", IMPORTED):
            if key in curve:
                raise ValueError(f"a curve has both regimes and {key}, expected one of them")
        shared = {key: value for key, value in curve.items() if key != "regimes"}
        for regime in curve["regimes"]:
            label = {"label": curve["label"].replace(REGIME, regime)} if "label" in curve else {}
            result.append(shared | {"regime": regime} | label)
    return result


def complete_curve(curve: str | Mapping, imported: Mapping[str, Mapping], shared: Mapping | None = None) -> dict:
    """A curve with all its keys, and the name of its population; `shared` holds keys of all curves beside it.

    An imported population (one of `imported`, by name) has a format where others have a recipe.
    """
    stated: dict = {"space": curve} if isinstance(curve, str) else dict(curve)
    if IMPORTED in stated:
        name = stated[IMPORTED]
        stated = {"space": name, "regime": IMPORTED, "recipe": imported.get(name, {}).get("format", "")} | stated
    whole = DEFAULTS | {"label": stated["space"]} | dict(shared or {}) | stated
    repeat = [f"r{whole['repeat']}"] if whole["repeat"] else []
    return whole | {"population": "-".join([whole["space"], whole["regime"], whole["recipe"], *repeat])}


def complete_study(study: Mapping) -> dict:
    """A study with its curves spelled out, and the measurements that it asks for among its inputs, by population.

    Raises ValueError for keys that exclude each other.
    """
    for one, other in (("figure", "table"), *combinations([*MEASURED, "finals"], 2)):
        if study.get(one) and study.get(other):
            raise ValueError(f"has both {one} and {other}, expected one of them")
    panels = {panel: spelled_out(curves) for panel, curves in study.get("panels", {}).items()}
    completed = {key: value for key, value in study.items() if key not in MEASURED}
    completed |= {"panels": panels} if panels else {}
    folders = [folder[study[key]] for key, folder in MEASURED.items() if study.get(key)]
    if not folders and not study.get("finals"):
        return completed
    trained = [curve for curves in panels.values() for curve in curves if IMPORTED not in curve]
    names = dict.fromkeys(complete_curve(curve, {})["population"] for curve in trained)
    own = {name: f"{folder}/{name}.csv" for folder in folders for name in names}
    given = study.get("inputs", {})
    if twice := [name for name in given if name in names and given[name] != own.get(name)]:  # else it is complete
        raise ValueError(
            f"inputs has {twice[0]!r}, the name of a population with an input of its own, expected another"
        )
    return completed | ({"inputs": {**given, **own}} if own else {})


def complete_claim(claim: Mapping) -> dict:
    """A claim with its curves spelled out."""
    return dict(claim) | ({"populations": spelled_out(claim["populations"])} if "populations" in claim else {})

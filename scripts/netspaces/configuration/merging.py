"""How one layer of the configuration changes another: what merges, and what replaces."""

from collections.abc import Mapping


def merge(base: Mapping, over: Mapping) -> dict:
    """Deep merge: mappings are merged, anything else in `over` replaces what `base` has.

    A mapping whose `name` is another one than before replaces it too: what went before are options of something else.
    """
    merged = dict(base)
    for key, value in over.items():
        before = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(before, Mapping) and not _renames(before, value)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def _renames(before: Mapping, over: Mapping) -> bool:
    names = [mapping.get("name") for mapping in (before, over)]
    return all(isinstance(name, str) for name in names) and names[0] != names[1]


def merge_space(base: Mapping, over: Mapping) -> dict:
    """Merge design spaces: as `merge`, but only part of a range merges, with a range; an order replaces an order."""
    merged = merge(base, over)
    for key in ("parameters", "recipe"):
        before = base.get(key, {})
        for name, declared in over.get(key, {}).items():
            both = _is_range(declared) and _is_range(before.get(name))
            if not both or {"distribution", "low", "high"}.issubset(declared):
                merged[key][name] = declared
    return merged | ({"monotone": base.get("monotone", {}) | over["monotone"]} if "monotone" in over else {})


def merge_spaces(base: Mapping, over: Mapping) -> dict:
    """Merge design spaces by name."""
    return dict(base) | {name: merge_space(base.get(name, {}), space) for name, space in over.items()}


def _is_range(declared: object) -> bool:
    return isinstance(declared, Mapping) and not {"choice", "per_stage"}.intersection(declared)

"""The difference of two bundles, folders of results or stores of runs: a line per finding.

    python -m netspaces.bundles.difference FIRST SECOND

says which networks only one of them has, whose errors differ and why, and which claims have another verdict. It exits
as `diff` does: with 0 if there is no finding, with 1 if there are some, with 2 if something cannot be read.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np
import pandas as pd

from netspaces.bundles.opened import Opened, open_results
from netspaces.files.safe import OneLineError
from netspaces.training.records import IDENTITY

SAME, DIFFERENT, TROUBLE = 0, 1, 2
ERRORS = ("error", "error_min")


def difference(first: Opened, second: Opened) -> list[str]:
    """The findings, a line each; none if both have the same networks with the same errors, and the same verdicts.

    Two that know populations are compared network by network, by population and number; others by the keys of runs.
    """
    if first.populations is None or second.populations is None:
        return list(_of_runs(first, second))
    return [*_of_populations(first, second), *_of_claims(first, second)]


def _in_one(first: Opened, second: Opened, one: Mapping, other: Mapping) -> Iterator[tuple[str, str]]:
    """What only one of two has, of the first and then of the second: where, and its name."""
    for where, own, others in ((first.name, one, other), (second.name, other, one)):
        yield from ((f"only in {where}", name) for name in own if name not in others)


# ---- Networks --------------------------------------------------------------------------------------------------------


def _of_runs(first: Opened, second: Opened) -> Iterator[str]:
    for where, key in _in_one(first, second, first.runs, second.runs):
        yield f"{where}: run {key}, {_errors(first.runs.get(key) or second.runs[key])}"
    for key in (key for key in first.runs if key in second.runs):
        if said := _other_errors(first.runs[key], second.runs[key]):
            yield f"run {key}: {said}, though its inputs are the same"


def _of_populations(first: Opened, second: Opened) -> Iterator[str]:
    one, other = ({**(results.populations or {})} for results in (first, second))
    for where, name in _in_one(first, second, one, other):
        yield f"{where}: population {name} of {len({**one, **other}[name])} networks"
    for name in (name for name in one if name in other):
        a, b = (tables[name].set_index("index") for tables in (one, other))
        for where, only in ((first.name, a.index.difference(b.index)), (second.name, b.index.difference(a.index))):
            if len(only):
                yield f"only in {where}: {name}, networks {ranges(only)}"
        both = a.index.intersection(b.index)
        yield from _of_networks(name, a.loc[both], b.loc[both], first, second)


def _of_networks(name: str, one: pd.DataFrame, other: pd.DataFrame, first: Opened, second: Opened) -> Iterator[str]:
    """The findings on the networks of a population that both have, in rows of the same numbers."""
    is_other = (one["architecture"] != other["architecture"]).to_numpy()
    if is_other.any():
        yield f"{name}: networks {ranges(one.index[is_other])} are others in {second.name} than in {first.name}"
    for index in one.index[_differ(one, other) & ~is_other]:
        a, b = one.loc[index].to_dict(), other.loc[index].to_dict()
        yield f"{name} {index}: {_other_errors(a, b)}{_why(a, b, first.runs, second.runs)}"


def _differ(one: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Which rows say something else of what became of a network; no value is equal to no value."""
    unequal = [(one[name] != other[name]) & (one[name].notna() | other[name].notna()) for name in ("status", *ERRORS)]
    return np.logical_or.reduce(unequal)


def _other_errors(one: Mapping, other: Mapping) -> str:
    """How two results of a network differ, in words; empty if they do not."""
    differs = [name for name in ERRORS if not _equal(one[name], other[name])]
    if not differs and one["status"] == other["status"]:
        return ""
    return f"{_errors(one, differs)} in the first, {_errors(other, differs)} in the second"


def _errors(run: Mapping, names: Iterable[str] = ERRORS) -> str:
    """What became of a run, and its errors."""
    known = [f"{name} {run[name]:.10g} %" for name in names if not pd.isna(run[name])]
    return ", ".join([str(run["status"]), *known])


def _why(one: Mapping, other: Mapping, *runs: Mapping[str, Mapping]) -> str:
    """What differs between the inputs of two runs, as far as their records are there."""
    if pd.isna(one["key"]) or pd.isna(other["key"]):
        return ""
    if one["key"] == other["key"]:
        return ", though their inputs are the same"
    records = [store.get(run["key"]) for store, run in zip(runs, (one, other), strict=True)]
    if None in records:
        return ", from other inputs"
    a, b = (record or {} for record in records)
    parts = [name for name in IDENTITY if name != "recipe" and a.get(name) != b.get(name)]
    mine, yours = (dict(record.get("recipe", {})) for record in (a, b))
    options = [f"recipe.{key}" for key in sorted({*mine, *yours}) if mine.get(key) != yours.get(key)]
    return f", from another {' and '.join([*parts, *options])}"


def _equal(one: float, other: float) -> bool:
    return bool(one == other or (pd.isna(one) and pd.isna(other)))


def ranges(numbers: Iterable[int]) -> str:
    """Whole numbers in rising order, neighbours together.

    >>> ranges([0, 1, 2, 5, 7, 8])
    '0-2, 5, 7-8'
    """
    groups: list[list[int]] = []
    for number in map(int, numbers):
        if groups and number == groups[-1][1] + 1:
            groups[-1][1] = number
        else:
            groups.append([number, number])
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in groups)


# ---- Claims ----------------------------------------------------------------------------------------------------------


def _of_claims(first: Opened, second: Opened) -> Iterator[str]:
    for where, name in _in_one(first, second, first.claims, second.claims):
        yield f"{where}: claim {name}, {_verdict(first.claims.get(name) or second.claims[name])}"
    for name in (name for name in first.claims if name in second.claims):
        a, b = first.claims[name], second.claims[name]
        if a["verdict"] != b["verdict"]:
            yield f"claim {name}: {_verdict(a)} in the first, {_verdict(b)} in the second"


def _verdict(row: Mapping) -> str:
    """The verdict on a claim, and what it rests on."""
    if pd.isna(row["estimate"]):
        return str(row["verdict"])
    limits = "" if pd.isna(row["low"]) or pd.isna(row["high"]) else f" [{row['low']:.4g}, {row['high']:.4g}]"
    return f"{row['verdict']} ({row['estimate']:.4g}{limits})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, print the findings and return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m netspaces.bundles.difference", description="The difference of two bundles, results or stores."
    )
    parser.add_argument("first", help="a bundle, a folder of results, a store of runs or a table of runs")
    parser.add_argument("second", help="what it is compared with")
    given = parser.parse_args(arguments)
    try:
        findings = difference(open_results(given.first), open_results(given.second))
    except (OneLineError, OSError) as error:
        print(f"error: {error}")
        return TROUBLE
    with suppress(BrokenPipeError):  # of `| head`
        print("\n".join(findings) or "the same networks, errors and verdicts", flush=True)
    return DIFFERENT if findings else SAME


if __name__ == "__main__":
    raise SystemExit(main())

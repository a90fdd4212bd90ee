"""Table 1: how large the design spaces are: what restricts them, dimensions, and settings counted two ways."""

import math
from collections.abc import Mapping

import pandas as pd

from netspaces.spaces.size import QUANTISED, count, paper_levels
from netspaces.spaces.space import Space
from netspaces.studies.study import Row, Study
from netspaces.tables.style import Column, present

LETTERS = {"depth": "d", "width": "w", "bottleneck": "b", "group_width": "g", "resolution": "r"}
ORDERS = {"increasing": "non-decreasing", "decreasing": "non-increasing", "equal": "equal"}
PUBLISHED = ("dimensions", "formula", "count")
COLUMNS = {
    "space": Column("the design space", "space"),
    "restriction": Column("what makes it smaller than the free choice of all parameters", "restriction"),
    "dimensions": Column("number of values that can be chosen", "dim.", "integer"),
    "formula": Column(
        "number of networks as the paper counts them, as a product: k ordered values are their combinations "
        "divided by k!",
        "combinations",
    ),
    "paper_count": Column("the value of that product", "total", "count"),
    "exact_count": Column("number of networks with the ties of ordered values counted exactly", "exact total", "count"),
    "published_dimensions": Column("dimensions that the paper prints", "dim. (paper)", "integer"),
    "published_formula": Column("product that the paper prints", "combinations (paper)"),
    "published_count": Column("number of networks that the paper prints", "total (paper)", "count"),
}
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per design space of the study, in the order of its definitions."""
    table = pd.DataFrame([_row(study, name, definition) for name, definition in study.definitions.items()])
    note = (
        "Settings before the complexity regime and before RegNet's test of the number of stages. Total: as the paper "
        f"counts, where k ordered values are their combinations divided by k!, and a parameter of RegNet's rule has at "
        f"most {QUANTISED} levels; exact total: the steps that are sampled, ordered combinations with their ties."
    )
    return present(table, study.title, note, COLUMNS, formulas=("formula", "published_formula"))


def _row(study: Study, name: str, definition: Mapping) -> dict:
    size = count(definition)
    row: Row = {"space": name, "restriction": restriction(definition), "dimensions": size.dimensions}
    row |= {"formula": formula(definition), "paper_count": size.paper_count, "exact_count": float(size.exact_count)}
    theirs = study.published
    if set(PUBLISHED) <= set(theirs) and (theirs["space"] == name).any():
        published = theirs[theirs["space"] == name].iloc[0]
        row |= {f"published_{column}": published[column] for column in PUBLISHED}
    return row


def restriction(definition: Mapping) -> str:
    """What makes a space smaller than the free choice of all its parameters, in the paper's letters."""
    space = Space.from_definition(definition)
    parts = [space.family.restriction] if space.family.restriction else []
    parts += [f"shared {', '.join(LETTERS[name] for name in space.shared)}"] if space.shared else []
    for name, (order, stages) in space.monotone.items():
        where = "" if len(stages) == space.stages else f" (stages {', '.join(str(stage + 1) for stage in stages)})"
        parts.append(f"{LETTERS[name]} {ORDERS[order]}{where}")
    parts += [f"{name} = {source}" for name, source in space.tied.items()]
    parts += [constraint.text for constraint in space.constraints]
    return "; ".join(parts) or "none"


def formula(definition: Mapping) -> str:
    """The product that the paper's way of counting makes, such as (16·128)^4·3·6/4!."""
    space = Space.from_definition(definition)
    factors: dict[int, list[int]] = {}  # exponent -> numbers of values
    orders = []
    for name, distribution in space.parameters.items():
        values = space.values_per_draw(name)
        order, stages = space.monotone.get(name, ("free", ()))
        if distribution.levels == 1:
            continue
        exponent = values - len(stages) + 1 if order == "equal" else values
        factors.setdefault(exponent, []).append(paper_levels(space, name))
        if order in ("increasing", "decreasing"):
            orders.append(len(stages))
    products = {exponent: "·".join(map(str, levels)) for exponent, levels in sorted(factors.items(), reverse=True)}
    terms = [
        product if exponent == 1 else f"({product})^{exponent}" if "·" in product else f"{product}^{exponent}"
        for exponent, product in products.items()
    ]
    divisors = {k: orders.count(k) for k in orders if math.factorial(k) > 1}
    divided = "".join(f"/{k}!" if times == 1 else f"/({k}!)^{times}" for k, times in divisors.items())
    return ("·".join(terms) or "1") + divided

"""What claims are of: values of networks, as arithmetic on columns of population tables, read by one evaluator.

`error` is the error that the statistics of the configuration choose, `e_fit` the fit of a network's widths where the
table has none, `time` its measured time; all other names are columns.
"""

from typing import TYPE_CHECKING

import numpy as np

from netspaces.spaces.expressions import Expression
from netspaces.studies.claims.claim import Claim

if TYPE_CHECKING:
    from netspaces.statistics.widths_fit import FitGrid
    from netspaces.studies.study import Curve

ERROR, FIT, TIME = "error", "e_fit", "time"


def value_names(claim: Claim) -> tuple[str, ...]:
    """The values that a claim is of, then those that it compares with."""
    return (*(claim.values or (claim.value,)), *claim.against)


def expression_of(value: str, where: str) -> Expression:
    """The arithmetic of a value; raises ValueError, which begins with `where`, for anything else."""
    try:
        return Expression(value)
    except ValueError as error:
        reason = str(error).partition(": ")[2] if "cannot be computed" in str(error) else ""
        shown = repr(value if len(value) <= 60 else f"{value[:60]} ...")
        expected = f"expected error, e_fit or arithmetic on columns{f' ({reason})' if reason else ''}"
        raise ValueError(f"{where}: got {shown}, {expected}") from None


def values_of(curve: "Curve", value: str, grid: "FitGrid", name: str = "claim") -> np.ndarray:
    """What a claim is of, for each network, (n,); NaN where a column is not there.

    `name` is that of the claim. Raises ValueError for what is no arithmetic, or a column that holds no numbers.
    """
    expression = expression_of(value, f"{name}.value")
    if lacking(curve, value, name):
        return np.full(len(curve.table), np.nan)
    return expression.evaluate({column: _column(curve, column, grid, name) for column in expression.names})


def lacking(curve: "Curve", value: str, name: str = "claim") -> set[str]:
    """The columns that a value is of and a population's table does not have."""
    needed = expression_of(value, f"{name}.value").names
    return {column for column in needed if column not in curve.table and column not in (ERROR, FIT)}


def _column(curve: "Curve", column: str, grid: "FitGrid", name: str) -> np.ndarray:
    """A column of a population's table as numbers, (n,), empty cells as NaN."""
    table = curve.table
    if column == ERROR:
        return curve.errors
    if column == FIT and FIT not in table:
        from netspaces.statistics.widths_fit import fit_table  # here as in `statistics.intervals`

        depths, widths = (table.filter(regex=rf"^{part}_\d+$").to_numpy() for part in ("depth", "width"))
        return np.array([fit.e_fit for fit in fit_table(depths, widths, grid)]) if len(table) else curve.errors
    try:
        return table[column].to_numpy(float, na_value=np.nan)
    except (ValueError, TypeError):
        text = f"column {column} of {curve.population} holds text, expected numbers"
        raise ValueError(f"{name}.value: {text}") from None

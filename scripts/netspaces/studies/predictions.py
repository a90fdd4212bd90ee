"""Predicted errors as a table, a row per network, so that they are made once and read by many.

Populations of one recipe were fitted together. A trained network has its error, its fold, and what the model of the
other folds predicts; an untrained one what each model predicts, `fold_K` being that which has not seen fold K, and the
mixture of all.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from netspaces.statistics.cross_fitting import Predicted

Groups = Mapping[str, Mapping[str, Predicted]]  # predictions by recipe and population
PER_FOLD = "fold_"


def table_of(groups: Groups, indices: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The table of some predictions; `indices` (n + N,) are those of the trained networks and then of the others."""
    rows = [
        _rows(predicted, indices[name]).assign(recipe=recipe, population=name)
        for recipe, group in groups.items()
        for name, predicted in sorted(group.items())
    ]
    first = ["recipe", "population", "index", "trained", "error", "fold", "predicted"]
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=first)
    return table[[*first, *(name for name in table if name.startswith(PER_FOLD))]]


def _rows(predicted: Predicted, indices: np.ndarray) -> pd.DataFrame:
    """The networks of one population, the trained ones first."""
    free = predicted.by_fold.shape[1]
    columns = {
        "index": indices,
        "trained": np.repeat([True, False], [predicted.n, free]),
        "error": np.concatenate([predicted.errors, np.full(free, np.nan)]),
        "fold": np.concatenate([predicted.folds, np.full(free, -1)]),
        "predicted": np.concatenate([predicted.fitted, predicted.untrained]),
    }
    none = np.full(predicted.n, np.nan)
    return pd.DataFrame(columns).assign(
        **{f"{PER_FOLD}{k}": np.concatenate([none, values]) for k, values in enumerate(predicted.by_fold)}
    )


def groups_of(table: pd.DataFrame) -> Groups:
    """The predictions that a table holds, number by number those that it was made of."""
    return {str(recipe): _group(rows) for recipe, rows in table.groupby("recipe", sort=True)}


def _group(table: pd.DataFrame) -> dict[str, Predicted]:
    """The predictions of the populations of one recipe."""
    trained = table[table["trained"]]
    residuals = (trained["error"] - trained["predicted"]).to_numpy()
    residual_folds = trained["fold"].to_numpy()
    names = [f"{PER_FOLD}{k}" for k in range(residual_folds.max() + 1)]
    predicted = {}
    for name, rows in table.groupby("population", sort=True):
        own, free = rows[rows["trained"]], rows[~rows["trained"]]
        predicted[str(name)] = Predicted(
            errors=own["error"].to_numpy(),
            fitted=own["predicted"].to_numpy(),
            folds=own["fold"].to_numpy(),
            by_fold=np.ascontiguousarray(free[names].to_numpy().T),
            residuals=residuals,
            residual_folds=residual_folds,
        )
    return predicted

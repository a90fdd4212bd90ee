"""Predictions of errors from structure by models that have not seen the network, nor another one of its architecture.

One model is fitted to all populations at once: what makes a network bad (few blocks, narrow stages) is the same in
nested design spaces, and no population alone is large enough to learn it. The networks are dealt to folds, all those of
one architecture to the same one, and each fold is predicted by a model of the others. Networks that nobody trained are
predicted by all of these models.

Sources: Chernozhukov and others 2018 (cross-fitting); Zrnic and Candes 2024 (cross-prediction, which averages the
predictions of unlabelled points over the folds).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from netspaces.statistics.samples import finite_sample

FOLDS = 8
FEWEST = 16  # networks in all, of which a fit can learn anything


class Regressor(Protocol):
    """What scikit-learn's regressors do."""

    def fit(self, X: np.ndarray, y: np.ndarray) -> Any:
        """Learn to predict y (n,) from X (n, p)."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Predictions (n,) for X (n, p)."""


@dataclass(frozen=True, eq=False)
class Predicted:
    """One population: what its networks err, and what models say that have not seen them; all in the unit of errors.

    Parameters
    ----------
    errors : (n,) of the trained networks.
    fitted : (n,) predictions of the same networks, each by the model of the other folds.
    folds : (n,) the fold of each, from 0.
    by_fold : (k, N) predictions of untrained networks by the model that has not seen fold k.
    residuals : (m,) errors minus predictions of the networks of all populations that were fitted together.
    residual_folds : (m,) the fold of each.
    """

    errors: np.ndarray
    fitted: np.ndarray
    folds: np.ndarray
    by_fold: np.ndarray
    residuals: np.ndarray
    residual_folds: np.ndarray

    @property
    def n(self) -> int:
        """Number of trained networks."""
        return self.errors.size

    @property
    def fold_shares(self) -> np.ndarray:
        """The share (k,) of this population's networks that lies in each fold, and so is predicted by its model."""
        return np.bincount(self.folds, minlength=len(self.by_fold)) / self.n

    @property
    def untrained(self) -> np.ndarray:
        """Predictions (N,) of the untrained networks, by models mixed as they predict the trained ones.

        With these shares the mean of the predictions cancels exactly from the estimate of a mean, whatever the models.
        """
        return self.fold_shares @ self.by_fold

    @property
    def r2(self) -> float:
        """Share of the variance of errors within this population that predictions explain, below 0 where they harm."""
        spread = float(self.errors.var())
        return 1 - float((self.errors - self.fitted).var()) / spread if spread > 0 else 0.0


def boosted_trees() -> Regressor:
    """Gradient boosting of small trees, each of which sees a part of the networks and of their features.

    It runs on one thread, so that the number of cores changes no number.
    """
    from sklearn.ensemble import GradientBoostingRegressor  # takes a second, which only a fit is to pay

    return GradientBoostingRegressor(
        n_estimators=150,
        learning_rate=0.06,
        max_depth=3,
        min_samples_leaf=3,
        subsample=0.7,
        max_features=0.3,
        random_state=0,
    )


def cross_fit(
    errors: Mapping[str, ArrayLike],
    features: Mapping[str, ArrayLike],
    groups: Mapping[str, Sequence],
    untrained: Mapping[str, ArrayLike],
    model: Callable[[], Regressor] = boosted_trees,
    folds: int = FOLDS,
) -> dict[str, Predicted]:
    """Fit errors on features over several populations, and predict their trained and untrained networks.

    Parameters
    ----------
    errors : by population, (n,), two or more.
    features : by population, (n, p) finite numbers that describe the networks.
    groups : by population, n labels; networks of one label (of one architecture) are never used to predict each other.
    untrained : by population, (N, p) features of untrained networks of the same design space.
    model : makes a regressor, afresh for each fold.
    folds : at most so many, fewer where there are fewer groups.

    Raises
    ------
    ValueError : for populations that do not fit together, fewer than `FEWEST` networks, or a single group.

    Notes
    -----
    Groups are dealt to folds in turns, in the order in which they appear, so that folds share out every population. A
    name's order decides, not that of the mapping.
    """
    names = sorted(errors)
    y = {name: finite_sample(errors[name], f"errors[{name!r}]", at_least=2) for name in names}
    x = {name: _matrix(features[name], f"features[{name!r}]", y[name].size) for name in names}
    free = {name: _matrix(untrained[name], f"untrained[{name!r}]") for name in names}
    if len({matrix.shape[1] for matrix in (*x.values(), *free.values())}) > 1:
        raise ValueError("features: expected as many of every network, trained and untrained")
    fold = _folds({name: list(groups[name]) for name in names}, {name: y[name].size for name in names}, folds)
    all_x, all_y = np.concatenate([x[name] for name in names]), np.concatenate([y[name] for name in names])
    all_folds = np.concatenate([fold[name] for name in names])
    if all_y.size < FEWEST:
        raise ValueError(f"errors: expected {FEWEST} networks or more in all, got {all_y.size}")
    models = [model() for _ in range(all_folds.max() + 1)]
    for k, one in enumerate(models):
        one.fit(all_x[all_folds != k], all_y[all_folds != k])
    fitted = {name: _out_of_fold(models, x[name], fold[name]) for name in names}
    residuals = np.concatenate([y[name] - fitted[name] for name in names])
    return {
        name: Predicted(
            errors=y[name],
            fitted=fitted[name],
            folds=fold[name],
            by_fold=np.stack([one.predict(free[name]) for one in models]),
            residuals=residuals,
            residual_folds=all_folds,
        )
        for name in names
    }


def r2_within(predicted: Mapping[str, Predicted]) -> float:
    """Share of the variance within populations that predictions explain, over all populations together."""
    left = sum(((p.errors - p.fitted - (p.errors - p.fitted).mean()) ** 2).sum() for p in predicted.values())
    total = sum(((p.errors - p.errors.mean()) ** 2).sum() for p in predicted.values())
    return 1 - float(left / total) if total > 0 else 0.0


def _matrix(values: ArrayLike, name: str, rows: int | None = None) -> np.ndarray:
    """Features as an array (rows, p); raises ValueError that names them."""
    matrix = np.asarray(values, float)
    if matrix.ndim != 2 or not len(matrix) or rows not in (None, len(matrix)) or not np.isfinite(matrix).all():
        expected = "a row of finite numbers per network" + (f", {rows} rows" if rows else "")
        raise ValueError(f"{name}: expected {expected}, got shape {matrix.shape}")
    return matrix


def _folds(groups: Mapping[str, list], sizes: Mapping[str, int], folds: int) -> dict[str, np.ndarray]:
    """The fold (n,) of each network of each population."""
    places: dict[object, int] = {}
    for name, labels in groups.items():
        if len(labels) != sizes[name]:
            raise ValueError(f"groups[{name!r}]: expected {sizes[name]} labels, got {len(labels)}")
        for label in labels:
            places.setdefault(label, len(places))
    if folds < 2 or len(places) < 2:
        raise ValueError(f"expected two or more folds and groups, got {folds} folds, {len(places)} groups")
    return {name: np.array([places[label] % folds for label in labels]) for name, labels in groups.items()}


def _out_of_fold(models: Sequence[Regressor], x: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Predictions (n,) of each network by the model of the other folds."""
    fitted = np.empty(len(x))
    for k, model in enumerate(models):
        if (folds == k).any():
            fitted[folds == k] = model.predict(x[folds == k])
    return fitted

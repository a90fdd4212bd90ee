"""Bad samples and settings of statistics are named; logarithms of errors stand zeros."""

import numpy as np
import pytest
from netspaces.statistics.best import empirical_bootstrap, empirical_bootstrap_exact
from netspaces.statistics.comparisons import compare
from netspaces.statistics.edf import edf, legend_label
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.samples import log_errors
from netspaces.statistics.search import bootstrap_interval, random_search, random_search_exact


@pytest.mark.parametrize("bad", [[], [39.0, np.nan], [np.inf], [[39.0, 40.0]], 39.0])
@pytest.mark.parametrize(
    "function",
    [
        edf,
        lambda errors: legend_label(errors, "A"),
        lambda errors: empirical_bootstrap([1.0], errors),
        lambda errors: empirical_bootstrap_exact([1.0], errors),
        random_search,
        random_search_exact,
        bootstrap_interval,
    ],
)
def test_bad_errors_are_named(function, bad):
    with pytest.raises(ValueError, match="errors: expected"):
        function(bad)


TWO = {"A": [1.0, 2.0], "B": [3.0, 4.0]}


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: edf([1.0], level=1.0), "level"),
        (lambda: random_search([1.0, 2.0], level=95), "level"),
        (lambda: Resampling(level=95), "level"),
        (lambda: empirical_bootstrap([1, 2], [1.0]), "x"),
        (lambda: empirical_bootstrap([np.nan, 2], [1.0, 2.0]), "x"),
        (lambda: empirical_bootstrap([1, 2], [1.0, 2.0], fraction=25), "fraction"),
        (lambda: Resampling(resamples=0), "resamples"),
        (lambda: Resampling(seed=-1), "seed"),
        (lambda: random_search([1.0, 2.0], experiments=0), "experiments"),
        (lambda: random_search_exact([1.0, 2.0], sizes=[1, 4]), "size"),
        (lambda: random_search_exact([1.0, 2.0], sizes=[1.5]), "size"),
        (lambda: bootstrap_interval([1.0]), "errors"),
        (lambda: bootstrap_interval([1.0, 2.0], m=0), "size"),
        (lambda: compare({"A": [1.0, 2.0], "B": [3.0]}), r"populations\['B'\]"),
        (lambda: compare({"A": [1.0, 2.0]}), "pairs"),
        (lambda: compare(TWO, [("A", "C")]), "pairs"),
        (lambda: compare(TWO, [("A", "A")]), "pairs"),
        (lambda: Resampling(level=0), "level"),
    ],
)
def test_bad_arguments_are_named(call, name):
    with pytest.raises(ValueError, match=f"{name}.*expected"):
        call()


def test_log_errors_stand_zeros():
    assert log_errors(np.array([0.0, 1.0, 4.0])).tolist() == [-1, 0, 2]
    assert np.isfinite(log_errors(np.zeros(3))).all()

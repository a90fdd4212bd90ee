"""What zero-cost proxies tell beyond structure: a row per space and proxy, and what is left out."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from helpers.with_untrained import TRAINED, small_study
from netspaces.statistics.beyond import TOGETHER
from netspaces.studies.study import Study
from netspaces.tables.critics import zero_cost_proxies
from netspaces.tables.critics.zero_cost_proxies import MORE, NOT_SEEN, TOO_FEW, make
from sklearn.linear_model import Ridge


@pytest.fixture(autouse=True, scope="module")
def _quick_model():
    """A model that is fitted in no time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zero_cost_proxies, "beyond", partial(zero_cost_proxies.beyond, model=Ridge))
        yield


def proxies(errors: np.ndarray) -> pd.DataFrame:
    """One that is noise, and one that knows the errors better than structure does."""
    noise = np.random.default_rng(len(errors)).normal(size=len(errors))
    return pd.DataFrame({"index": range(len(errors)), "noise": noise, "oracle": -errors})


def with_proxies(**changes) -> Study:
    """Errors of the small study with a part that no structure tells, and proxies."""
    study, rng = small_study(), np.random.default_rng(0)
    curves = [
        replace(curve, table=curve.table.assign(error_min=curve.errors + rng.normal(0, 8, TRAINED)))
        for curve in study.curves[:2]
    ]
    inputs = {curve.population: proxies(curve.errors) for curve in curves}
    return replace(study, panels={"spaces": curves}, inputs=inputs, **changes)


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return make(with_proxies())


def test_each_space_and_all_together_have_a_row_per_proxy_and_one_of_all(table):
    assert table["space"].unique().tolist() == ["AnyNetX_A", "RegNetX", TOGETHER]
    assert table["proxy"].tolist() == ["noise", "oracle", TOGETHER] * 3
    assert table["n"].tolist() == [TRAINED] * 6 + [2 * TRAINED] * 3
    assert table["level"].tolist() == pytest.approx([1 - 0.05 / 3] * 9)
    rows = table.set_index(["space", "proxy"])
    assert rows.loc[("all", "oracle"), "verdict"] == MORE and rows.loc[("all", "noise"), "verdict"] == NOT_SEEN
    assert rows.loc[("RegNetX", "oracle"), "correlation"] == pytest.approx(-1)
    assert rows.loc[("all", "oracle"), "partial_high"] < 0 < rows.loc[("all", "noise"), "partial_high"]


def test_a_network_without_a_finite_proxy_is_left_out_and_counted():
    study = with_proxies()
    first = study.curves[0].population
    study.inputs[first].loc[3, "oracle"] = np.nan
    rows = make(study)
    assert rows.loc[0, ["n", "without_proxy"]].tolist() == [TRAINED - 1, 1]
    assert "1 networks without a finite number" in rows.attrs["note"]


def test_too_few_networks_have_no_numbers():
    study = with_proxies()
    few = [replace(curve, table=curve.table.head(4)) for curve in study.curves]
    rows = make(replace(study, panels={"spaces": few}))
    assert set(rows["verdict"]) == {TOO_FEW} and rows["gain"].isna().all()


def test_a_population_without_proxies_is_named():
    with pytest.raises(ValueError, match=r"no proxies of AnyNetX_A-base-short, expected proxies: true"):
        make(replace(with_proxies(), inputs={}))

"""The regression estimates of a study: what is fitted together, what is left out, and which estimate decides."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.configurations import CONFIG
from helpers.with_untrained import TRAINED, UNTRAINED, small_study, true_mean
from netspaces.configuration.errors import ConfigError
from netspaces.configuration.loading import load
from netspaces.files.tables import read_parquet, write_parquet
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.studies.regression import Regression, features_of, predictions_of
from netspaces.studies.study import Study
from netspaces.tables.summaries.regression_estimates import make

PLUGIN = CONFIG.parent / "docs" / "examples" / "steepest_stage.py"


@pytest.fixture(name="small_study", scope="module")
def _small_study() -> Study:
    return small_study()


@pytest.fixture(scope="module")
def predictions(small_study) -> pd.DataFrame:
    return predictions_of(small_study)


def test_populations_of_one_recipe_are_fitted_together(small_study):
    found = small_study.regression
    assert set(found.predicted) == {one.population for one in small_study.curves}
    assert found.r2["AnyNetX_A-base-short"] == found.r2["RegNetX-base-short"] != found.r2["RegNetX-base-medium"]
    together, alone = found.predicted["RegNetX-base-short"], found.predicted["RegNetX-base-medium"]
    assert together.residuals.size == 2 * TRAINED and alone.residuals.size == TRAINED
    mean = found.mean("AnyNetX_A-base-short")
    truth = true_mean("AnyNetX_A")
    assert (mean.n, mean.untrained) == (TRAINED, UNTRAINED)
    assert abs(mean.estimate - truth) < abs(mean.plain - truth) and mean.n_eff > 2 * TRAINED


def test_what_is_only_known_after_a_training_predicts_nothing(small_study):
    """The column `seconds` is the error itself here."""
    trained, free = features_of(small_study, small_study.curves)
    errors = small_study.curves[0].errors
    assert {matrix.shape[1] for matrix in (*trained.values(), *free.values())} == {
        trained["RegNetX-base-short"].shape[1]
    }
    assert not any(np.array_equal(column, errors) for column in trained["AnyNetX_A-base-short"].T)


def test_predictions_that_were_made_once_are_those_that_a_study_makes(small_study, predictions, tmp_path):
    """Those of populations that the study does not show change nothing in its table."""
    shuffled = replace(small_study, panels={"spaces": small_study.curves[::-1]})
    files = [tmp_path / f"{name}.parquet" for name in ("one", "other")]
    for table, file in zip((predictions, predictions_of(shuffled)), files, strict=True):
        write_parquet(file, table)
    assert files[0].read_bytes() == files[1].read_bytes()
    shown = replace(small_study, panels={"spaces": small_study.curves[:1]})
    read = replace(shown, predictions=read_parquet(files[0], "predictions"))
    before, after = (of.regression.predicted["AnyNetX_A-base-short"] for of in (small_study, read))
    assert all(np.array_equal(getattr(before, name), value) for name, value in vars(after).items())
    assert read.regression.r2 == small_study.regression.r2
    assert list(make(read)["population"]) == ["AnyNetX_A-base-short"]
    pd.testing.assert_series_equal(make(read).iloc[0], make(small_study).iloc[0])


def test_predictions_of_other_runs_are_refused(small_study, predictions):
    first = small_study.curves[0]
    worse = replace(first, table=first.table.assign(error_min=first.errors + 1))
    other = replace(small_study, panels={"spaces": [worse]}, predictions=predictions)
    with pytest.raises(ValueError, match="small: the predictions of AnyNetX_A-base-short are of other runs"):
        _ = other.regression


def test_the_table_of_predictions_has_a_row_per_network(small_study, predictions):
    table = predictions
    assert table.groupby("population").size().tolist() == [TRAINED + UNTRAINED] * 3
    one = table[table["population"] == "RegNetX-base-short"]
    assert one["index"].tolist() == list(range(TRAINED + UNTRAINED)) and one["trained"].sum() == TRAINED
    assert one["predicted"].mean() == pytest.approx(one.filter(regex="^fold_").mean(axis=1).mean(), rel=0.1)
    empty = predictions_of(replace(small_study, untrained={}))
    assert empty.empty and replace(small_study, predictions=empty).regression.predicted == {}


def test_a_population_without_untrained_networks_or_runs_is_left_out(small_study):
    short, *others = small_study.curves
    few = replace(short, table=short.table.head(1))
    study = replace(
        small_study,
        panels={"spaces": [few, *others]},
        untrained={name: small_study.untrained[name] for name in (short.population, "RegNetX-base-medium")},
    )
    assert set(study.regression.predicted) == {"RegNetX-base-medium"}
    assert study.regression.mean(short.population) is None and not study.regression.decides([short.population])
    rows = make(study).set_index("population")
    assert rows.loc[short.population, "decides"] == "plain" and np.isnan(rows.loc[short.population, "regression"])


def test_the_rule_is_fixed_before_and_holds_for_all_populations_of_a_question():
    of = Regression({}, {"good": 0.7, "poor": 0.1}, 0.25)
    assert of.decides(["good"]) and not of.decides(["good", "poor"]) and not of.decides(["good", "unknown"])
    assert not Regression({}, {"good": 0.7}, None).decides(["good"])


def test_the_table_has_both_estimates_and_says_which_decides(small_study):
    table = make(small_study).set_index("population")
    row = table.loc["RegNetX-base-short"]
    mean = small_study.regression.mean("RegNetX-base-short")
    assert (row["plain"], row["regression"], row["n_eff"]) == (mean.plain, mean.estimate, mean.n_eff)
    assert row["decides"] == "regression" and row["regression_low"] < row["regression"] < row["regression_high"]
    assert 0 < row["distinct"] <= UNTRAINED
    assert row["regression_median_low"] <= row["regression_median"] <= row["regression_median_high"]
    assert "at least 0.25" in make(small_study).attrs["note"]
    never = make(replace(small_study, decides_from=None))
    assert set(never["decides"]) == {"plain"} and "The plain mean decides" in never.attrs["note"]


def test_a_configuration_with_ones_own_covariate_predicts_from_it(small_study, predictions):
    """As docs/how-to/own_covariate.md says; without the file its name is refused."""
    covariates = {"statistics": {"covariates": [*small_study.covariates, "steepest_stage"]}}
    with pytest.raises(ConfigError, match=r"covariates.*got 'steepest_stage'"):
        load(covariates, CONFIG)
    try:
        settings = load(covariates | {"plugins": [str(PLUGIN)]}, CONFIG).settings
        chosen = tuple(settings["statistics"]["covariates"])
        with_own = predictions_of(replace(small_study, covariates=chosen))
        assert not np.allclose(with_own["predicted"], predictions["predicted"])
        pd.testing.assert_series_equal(with_own["error"], predictions["error"])
    finally:
        forget_plugins()


def test_a_covariate_of_ones_own_joins_by_one_file(small_study):
    load_plugins([PLUGIN])
    try:
        with_own = replace(small_study, covariates=(*small_study.covariates, "steepest_stage"))
        more, before = (features_of(of, of.curves)[0]["RegNetX-base-short"] for of in (with_own, small_study))
        assert more.shape[1] == before.shape[1] + 2
        widths = small_study.curves[1].table.filter(regex=r"^width_").to_numpy(float)
        assert more[:, -2] == pytest.approx(np.log2(widths[:, 1:] / widths[:, :-1]).max(axis=1))
    finally:
        forget_plugins()

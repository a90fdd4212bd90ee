"""Error distributions with untrained networks show both means; without, nothing of the kind."""

from dataclasses import replace

import pytest
from helpers.with_untrained import small_study
from netspaces.figures import FIGURES

ESTIMATE = ["regression", "regression_low", "regression_high", "n_eff"]


def test_both_means_are_drawn_and_stand_in_the_table():
    study = small_study()
    drawing = FIGURES["error_distributions"](study)
    rows = drawing.data[drawing.data["kind"] == "summary"].reset_index(drop=True)
    for (_, row), curve in zip(rows.iterrows(), study.curves, strict=True):
        mean = study.regression.mean(curve.population)
        interval = mean.interval(study.level)
        expected = [mean.estimate, interval.low, interval.high, mean.n_eff]
        assert list(row[ESTIMATE]) == pytest.approx(expected)
    texts = [text.get_text() for text in drawing.figure.axes[0].get_legend().get_texts()]
    mean = study.regression.mean("AnyNetX_A-base-short")
    assert any(f"|{mean.plain:.1f}|{mean.estimate:.1f}]" in text for text in texts)


def test_without_untrained_networks_there_is_one_mean():
    drawing = FIGURES["error_distributions"](replace(small_study(), untrained={}))
    texts = [text.get_text() for text in drawing.figure.axes[0].get_legend().get_texts()]
    assert texts[0] == "[min|mean] error, %" and "regression" not in drawing.data

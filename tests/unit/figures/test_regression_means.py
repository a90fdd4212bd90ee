"""Error distributions with untrained networks show both estimates; without, nothing of the kind."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.with_untrained import small_study
from netspaces.figures import FIGURES
from netspaces.figures.panels.edf import edf_note
from netspaces.statistics.edf import edf
from netspaces.statistics.regression_edf import regression_edf

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


@pytest.mark.parametrize(
    ("least", "band", "words"), [(-5, "regression", "thin steps)"), (2, "DKW", "(DKW); thin steps")]
)
def test_both_distributions_are_steps_and_the_band_is_that_of_the_one_that_decides(least, band, words):
    study = replace(small_study(), decides_from=least)
    drawing = FIGURES["error_distributions"](study)
    ax, of = drawing.figure.axes[0], study.curves[0]
    limits, rows = ax.get_xlim(), drawing.data[drawing.data["series"] == of.label]
    found = regression_edf(study.regression.predicted[of.population], resampling=study.resampling)
    expected = {"edf": edf(of.errors, study.level).steps(limits), "regression_edf": found.steps(limits)}
    for kind, vertices in expected.items():
        shown = rows[rows["kind"] == kind][["x", "y", "lower", "upper"]].to_numpy()[: len(vertices[0])]
        assert shown == pytest.approx(np.column_stack(vertices))
        x, y, *_ = vertices
        drawn = [line.get_xydata() for line in ax.get_lines() if len(line.get_xdata()) == len(x) - 2]
        assert any(np.array_equal(line, np.column_stack([x, y])[1:-1]) for line in drawn)
    summary = drawing.data[drawing.data["kind"] == "summary"]
    assert set(summary["band"]) == {band} and words in edf_note(study)
    kind = "regression_edf" if band == "regression" else "edf"
    (outline,) = (path.get_paths()[0].vertices for path in ax.collections[:1])
    assert set(np.round(rows[rows["kind"] == kind]["upper"], 9)) <= set(np.round(outline[:, 1], 9))


def test_more_curves_than_have_bands_have_plain_distributions_alone():
    study = small_study()
    panels = {"spaces": [*study.curves, replace(study.curves[0], label="once more")]}
    drawing = FIGURES["error_distributions"](replace(study, panels=panels))
    assert "regression_edf" not in set(drawing.data["kind"]) and not drawing.figure.axes[0].collections
    assert set(drawing.data["band"].dropna()) == {"none"}


def test_without_untrained_networks_there_is_one_mean():
    study = replace(small_study(), untrained={})
    drawing = FIGURES["error_distributions"](study)
    texts = [text.get_text() for text in drawing.figure.axes[0].get_legend().get_texts()]
    assert texts[0] == "[min|mean] error, %" and "regression" not in drawing.data
    assert "regression_edf" not in set(drawing.data["kind"]) and edf_note(study).endswith("95 % (DKW)")

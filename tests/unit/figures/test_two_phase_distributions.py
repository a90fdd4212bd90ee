"""The figure of populations drawn in two phases shows weighted distributions, and says what it lacks."""

import pytest
from helpers.invented import curve
from helpers.two_phases import chosen
from netspaces.figures.drawing import save
from netspaces.figures.general.two_phase_distributions import COLUMNS, KINDS, draw
from netspaces.statistics.two_phase_edf import distribution
from netspaces.studies.study import Study
from netspaces.studies.two_phase import population_of


def study(*curves) -> Study:
    return Study("two_phase_distributions", "Two phases", {"populations": list(curves)}, resamples=200)


def test_curves_and_numbers_are_those_of_the_weights():
    of = study(chosen("RegNetX"), chosen("AnyNetX_E", 9))
    drawing = draw(of)
    data = drawing.data.set_index(["series", "kind"]).sort_index()
    steps, summary = data.loc[("RegNetX", "edf")], data.loc[("RegNetX", "summary")].iloc[0]
    (ax,) = drawing.figure.axes
    expected = distribution(population_of(of.curves[0]), of.resampling).steps(ax.get_xlim())
    for column, values in zip(("x", "y", "lower", "upper"), expected, strict=True):
        assert steps[column].tolist() == pytest.approx(values.tolist())
    assert summary["mean"] == pytest.approx(0.95 * 7 + 0.05 * 35) and summary["n"] == 12
    lacking = data.loc[("AnyNetX_E", "summary")].iloc[0]
    assert lacking["n"] == 9 and lacking.isna()["mean"] and ("AnyNetX_E", "edf") not in data.index
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert any("fewer than two runs" in text for text in texts) and any("[6.0|8.4]" in text for text in texts)
    assert set(data.index.get_level_values("kind")) == set(KINDS) and set(COLUMNS) <= set(drawing.data)


def test_the_same_populations_give_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        save(draw(study(chosen("RegNetX"), chosen("AnyNetX_E", shift=2.0))), tmp_path / name, ("svg",))
    for kind in ("svg", "csv"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"other.{kind}").read_bytes()


def test_it_says_that_there_is_none_and_refuses_ordinary_populations():
    (ax,) = draw(study()).figure.axes
    assert "no population" in " ".join(text.get_text() for text in ax.texts)
    with pytest.raises(ValueError, match="RegNetX.* is not drawn in two phases"):
        draw(study(curve("RegNetX")))

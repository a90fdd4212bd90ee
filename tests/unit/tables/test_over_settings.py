"""An order in several settings: the steps of each, their mean, and what to expect of another setting."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.invented import curve
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.pooling import pooled
from netspaces.studies.study import Study
from netspaces.tables.critics import over_settings
from scipy import stats

SHIFTS = {"base": 0.0, "doubled": 1.5, "long": -0.5, "block_r": 3.0}


def shifted(space: str, label: str, by: float):
    of = curve(space)
    return replace(of, label=label, table=of.table.assign(error_min=of.table["error_min"] + by))


def order(settings: dict[str, float]) -> Study:
    panels = {
        name: [shifted("AnyNetX_A", "A", by), shifted("AnyNetX_E", "E", 0.0), shifted("RegNetX", "RegNet", 0.0)]
        for name, by in settings.items()
    }
    return Study("order", "Order", panels, resamples=2000)


def test_each_step_has_a_row_per_setting_and_two_for_all():
    table = over_settings.make(order(SHIFTS))
    assert table[["worse", "better"]].drop_duplicates().values.tolist() == [["A", "E"], ["E", "RegNet"]]
    ends = [over_settings.ON_AVERAGE, over_settings.ELSEWHERE]
    assert table["setting"].tolist() == [*("base", "doubled", "long", "block r", *ends)] * 2
    first = table.iloc[:4]
    a, e = curve("AnyNetX_A").errors, curve("AnyNetX_E").errors
    assert first["difference"].tolist() == pytest.approx([a.mean() + by - e.mean() for by in SHIFTS.values()])
    welch = stats.ttest_ind(a, e, equal_var=False).confidence_interval(0.95)
    assert (first["low"].iloc[0], first["high"].iloc[0]) == pytest.approx(tuple(welch))


def test_the_last_rows_are_the_pooled_differences():
    table = over_settings.make(order(SHIFTS))
    a, e = curve("AnyNetX_A").errors, curve("AnyNetX_E").errors
    error = np.sqrt(a.var(ddof=1) / len(a) + e.var(ddof=1) / len(e))
    expected = pooled([a.mean() + by - e.mean() for by in SHIFTS.values()], [error] * 4, Resampling(resamples=2000))
    mean, another = (
        table[table["setting"] == name].iloc[0] for name in (over_settings.ON_AVERAGE, over_settings.ELSEWHERE)
    )
    assert (mean["difference"], mean["low"]) == pytest.approx((expected.mean.estimate, expected.mean.low))
    assert (another["low"], another["high"]) == pytest.approx((expected.another.low, expected.another.high))
    assert another["low"] < mean["low"] and mean["n"] == "4 settings"


def test_two_settings_are_not_pooled_and_a_setting_without_runs_is_a_row():
    few = order({"base": 0.0, "doubled": 1.0})
    assert set(over_settings.make(few)["setting"]) == {"base", "doubled"}
    empty = order({**SHIFTS, "none": 0.0})
    empty.panels["none"] = [replace(of, table=of.table.iloc[:0]) for of in empty.panels["none"]]
    row = over_settings.make(empty).set_index("setting").loc["none"].iloc[0]
    assert row["n"] == "0 of 24, 0 of 24" and np.isnan(row["difference"])


def test_panels_of_other_lengths_are_refused():
    wrong = order(SHIFTS)
    wrong.panels["long"].pop()
    with pytest.raises(ValueError, match=r"order.panels.long: got 2 curves, expected 3 as in the first panel"):
        over_settings.make(wrong)

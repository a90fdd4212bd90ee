"""The columns of a population that is drawn in two phases."""

import pandas as pd
import pytest
from netspaces.populations.imported import read_population
from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.strata import STRATA, is_two_phase, with_strata

PLAN = [{"from": 5.0, "free": 75, "indices": [33, 36, 40]}, {"from": 12.5, "free": 25, "indices": [34, 39]}]
TABLE = pd.DataFrame({"population": "A", "index": [33, 34, 36, 39, 40], "duplicate_of": None, "error_min": 1.0})


def test_weights_are_those_of_the_networks_that_each_stands_for():
    table = with_strata(TABLE.copy(), PLAN)
    assert list(table) == ["population", "index", "duplicate_of", *STRATA, "error_min"]
    assert table["stratum"].tolist() == [1, 2, 1, 2, 1] and table["stratum_share"].tolist() == [0.75, 0.25] * 2 + [0.75]
    assert table["probability"].tolist() == pytest.approx([3 / 75, 2 / 25, 3 / 75, 2 / 25, 3 / 75])
    assert table["weight"].sum() == pytest.approx(1)
    assert table.groupby("stratum")["weight"].sum().tolist() == pytest.approx([0.75, 0.25])


def test_other_populations_are_as_they_were():
    assert with_strata(TABLE, ()) is TABLE and not is_two_phase(TABLE)
    assert is_two_phase(with_strata(TABLE.copy(), PLAN))


def test_imported_they_are_refused_as_no_figure_weighs_them(tmp_path):
    file = tmp_path / "weighted.csv"
    with_strata(TABLE.assign(status="finished", error=1.0), PLAN).to_csv(file, index=False)
    with pytest.raises(ImportFileError, match=rf"^{file}: columns stratum, .*weight: networks drawn in two phases"):
        read_population("weighted", {"format": "csv", "file": str(file), "unit": "percent"})

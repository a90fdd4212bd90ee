"""The table of orders in several settings."""

import pytest
from helpers.invented import STUDIES, study
from netspaces.tables.critics import order_holds
from scipy import stats
from statsmodels.stats.nonparametric import rank_compare_2indep


def declared(name: str = "labels_and_recipe", **runs):
    return study(name, STUDIES[name]["panels"], **runs)


def test_the_table_holds_what_the_statistics_say():
    of = declared(n=20, planned=32, diverged=2)
    table = order_holds.make(of).set_index(["setting", "space"])
    assert len(table) == 3 * 3 + 3
    curves = {(panel, c.label): c for panel, cs in of.panels.items() for c in cs}
    row, curve, first = table.loc[("other", "RegNetX")], curves["other", "RegNetX"], curves["short", "RegNetX"]
    assert row["mean"] == pytest.approx(curve.errors.mean()) and row["n"] == "20 of 32" and row["diverged"] == 2
    assert row["spearman"] == pytest.approx(stats.spearmanr(first.errors, curve.errors)[0])
    assert row["kendall"] == pytest.approx(stats.kendalltau(first.errors, curve.errors)[0])
    assert row["changed"] == pytest.approx(1 - row["spearman"])
    assert row["net"] == pytest.approx(row["changed"] - row["noise"])
    assert table["net"].notna().sum() == 3 and table.loc[("other", "AnyNetX_A"), "superiority"] != row["superiority"]
    assert row["superiority"] == pytest.approx(
        rank_compare_2indep(curves["other", "AnyNetX_A"].errors, curve.errors).prob1
    )


@pytest.mark.parametrize("n", [0, 1, 3])
def test_the_table_of_few_runs_is_empty_where_there_is_nothing_to_say(n):
    table = order_holds.make(declared(n=n, planned=32))
    assert len(table) == 12 and table[["spearman", "p_order", "superiority", "net"]].isna().all(axis=None)

"""Pooled choices, budgets, and the tables of critics 3 and 4."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.invented import curve, study
from netspaces.networks.blocks import BLOCKS
from netspaces.statistics.intervals import Resampling
from netspaces.statistics.matching import match, unmatched, weighted_difference
from netspaces.studies.choices import choice_shares, enough, fixed_choices, groups, pooled
from netspaces.studies.times import Conditions, complexities, conditions_of
from netspaces.tables.critics import fixed_choices as fixed_choices_table
from netspaces.tables.critics import matched_conclusions

# ---- Choices ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool():
    return pooled(study("fixed_choices"))


def test_every_network_is_pooled_once_with_what_was_fixed(pool):
    of = study("fixed_choices")
    assert len(pool) == sum(len(one.table) for one in of.curves) and pool["population"].nunique() == len(of.curves)
    levels = fixed_choices(pool)
    assert {name: sorted(set(values.tolist())) for name, values in levels.items()} == {
        "stem width": [8, 16, 32],
        "stages": [3, 4],
        "strides": ["early", "late"],
        "block": ["r", "v", "x"],
    }
    twice = replace(of, panels=of.panels | {"again": of.panels["early"]})
    assert len(pooled(twice)) == len(pool)


def test_parameters_that_a_block_lacks_are_empty_and_tell_nothing(pool):
    with_groups, with_bottleneck = pool["group_width"].notna(), pool["bottleneck"].notna()
    assert (with_groups == (pool["block"] == "x")).all() and (with_bottleneck == (pool["block"] != "v")).all()
    columns = groups(pool)
    assert (columns["group width"][~with_groups] == 0).all() and (columns["bottleneck"][~with_bottleneck] == 0).all()
    assert columns["group width"][with_groups].mean(0) == pytest.approx(0)  # means of blocks are the block's
    assert columns["widths"].shape == (len(pool), 6) and columns["block"].shape == (len(pool), 2)


@pytest.mark.parametrize("name", BLOCKS)
def test_the_group_width_counts_where_the_block_has_groups_to_choose(name):
    """Networks of block mb are depthwise: their group width was no choice."""
    one = curve("RegNetX")
    pool = pooled(replace(study("fixed_choices"), panels={"even": [replace(one, table=one.table.assign(block=name))]}))
    for parameter in ("bottleneck", "group_width"):
        assert pool[parameter].notna().all() == (parameter in BLOCKS[name].parameters)
        assert pool[parameter].isna().all() == (parameter not in BLOCKS[name].parameters)


def test_spaces_without_a_linear_rule_have_first_and_last_widths():
    one = curve("AnyNetX_A")
    pool = pooled(replace(study("fixed_choices"), panels={"even": [one]}))
    assert pool["w_0"].tolist() == one.table["width_1"].tolist()
    assert pool["w_a"].tolist() == one.table["width_4"].tolist() and "w_m" not in pool
    assert not enough(pool)  # nothing that was fixed varies


def test_an_error_that_a_choice_decides_is_attributed_to_it(pool):
    decided = pool.assign(error=np.where(pool["strides"] == "early", 5.0, 10.0))
    share = choice_shares(decided, "log", resampling=Resampling(resamples=1)).set_index("group")["share"]
    assert share["strides"] > 0.8 and share["all fixed"] > 0.8 and share["total"] == pytest.approx(1)


def test_the_table_holds_shares_sums_and_pairs(pool):
    table = fixed_choices_table.make(study("fixed_choices")).set_index("choice")
    assert table.loc[["stem width", "stages", "strides", "block"], "kind"].eq("fixed").all()
    assert table.loc["stages x block", "kind"] == "pair of fixed" and np.isnan(table.loc["stages x block", "share"])
    single = table["kind"].isin(["fixed", "searched"])
    assert table.loc["total", "share"] == pytest.approx(table.loc[single, "share"].sum())
    assert (table["low"] <= table["share"])[single].all() and set(table["n"]) == {len(pool)}
    assert fixed_choices_table.make(study("fixed_choices", n=0)).empty


# ---- Budgets ---------------------------------------------------------------------------------------------------------


def test_budgets_are_complexities_and_times_in_every_common_setting():
    of = study("matched_complexity")
    curves = of.panels["spaces"]
    settings = conditions_of(of, curves)
    assert [setting.name for setting in settings] == [
        "CPU, fp32, 64 images",
        "CPU, fp32, 1 image",
        "CPU, bf16, 64 images",
    ]
    found = complexities(of, curves)
    assert list(found) == ["flops", "parameters", "activations", *(f"time: {setting.name}" for setting in settings)]
    first = curves[0]
    assert found["parameters"][first.population].tolist() == first.table["params"].tolist()
    taken = of.inputs[first.population].query("batch == 1").set_index("index")["inference_ms"]
    assert found["time: CPU, fp32, 1 image"][first.population].tolist() == taken[first.table["index"]].tolist()


def test_a_setting_that_one_space_lacks_is_left_out():
    of = study("matched_complexity")
    name = of.panels["spaces"][0].population
    fewer = replace(of, inputs=of.inputs | {name: of.inputs[name].query("precision == 'fp32'")})
    assert len(conditions_of(fewer, of.panels["spaces"])) == 2
    assert conditions_of(replace(of, inputs={}), of.panels["spaces"]) == []
    assert Conditions("cuda", "bf16", 1, "some GPU").name == "GPU, bf16, 1 image"


# ---- Conclusions -----------------------------------------------------------------------------------------------------


def test_rows_are_the_weighted_differences_of_each_pair():
    of = study("matched_complexity")
    table = matched_conclusions.make(of)
    a, _, e, _ = of.panels["spaces"]
    rows = table[(table["a"] == a.label) & (table["b"] == e.label)].set_index("budget")
    errors = {one.population: one.errors for one in (a, e)}
    crude = weighted_difference(errors, unmatched(errors), list(errors), resampling=of.resampling)
    within = rows.loc[matched_conclusions.WITHIN]
    assert (within["difference"], within["low"]) == (crude.estimate, crude.low)
    matched = match({one.population: one.table["params"] for one in (a, e)})
    found = weighted_difference(errors, matched, list(errors), resampling=of.resampling)
    assert (rows.loc["parameters", "difference"], rows.loc["parameters", "high"]) == (found.estimate, found.high)
    assert rows.loc["parameters", "outside_a"] == matched.outside(a.population)
    assert len(table) == 6 * 7 and table["conclusion"].notna().all()


def test_pairs_without_runs_or_without_common_networks_are_said_to_be():
    empty = matched_conclusions.make(study("matched_complexity", n=1))
    assert empty["conclusion"].tolist() == ["no runs"] * 6
    small, large = curve("RegNetX"), curve("AnyNetX_A")
    large.table["params"] = 1_000_000_000 + large.table["index"]
    table = matched_conclusions.make(replace(study("matched_complexity"), panels={"spaces": [small, large]}, inputs={}))
    row = table.set_index("budget").loc["parameters"]
    assert row["conclusion"] == row["best_conclusion"] == "not comparable" and np.isnan(row["difference"])

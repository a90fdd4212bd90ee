"""Sizes of design spaces, as table 1 prints them and exactly."""

import csv

import numpy as np
import pytest
from helpers.small_spaces import CONFIG, every_setting, imagenet, laws, small
from hypothesis import given
from hypothesis import strategies as st
from netspaces.spaces.size import count

with (CONFIG / "published" / "design_space_sizes.csv").open() as file:
    TABLE_1 = {row["space"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", ["AnyNetX_A", "AnyNetX_B", "AnyNetX_C", "AnyNetX_D", "AnyNetX_E"])
def test_sizes_as_the_paper_prints_them(name):
    assert float(f"{count(imagenet(name)).paper_count:.1e}") == float(TABLE_1[name]["count"])


def test_a_rule_is_counted_at_64_levels_as_in_the_paper():
    """64 levels of w_a and w_m; d and w_0 have fewer steps than that, 60 and 32, which halves the paper's 3.0e8."""
    assert count(imagenet("RegNetX")).paper_count == 60 * 32 * 64**2 * 6 * 3
    assert count(imagenet("RegNetX")).exact_count > 1e11


@pytest.mark.parametrize("name", TABLE_1)
def test_dimensions_as_the_paper_prints_them(name):
    assert count(imagenet(name)).dimensions == int(TABLE_1[name]["dimensions"])


@pytest.mark.parametrize(
    ("changes", "dimensions", "size"),
    [
        ({}, 12, (16 * 3 * 3 * 4) ** 3),
        ({"shared": ["bottleneck"]}, 10, (16 * 3 * 4) ** 3 * 3),
        ({"parameters": {"bottleneck": 1}}, 9, (16 * 3 * 4) ** 3),
        ({"block": "r"}, 9, (16 * 3 * 3) ** 3),
        ({"block": "v"}, 6, (16 * 3) ** 3),
        ({"parameters": {"width": {"per_stage": [8, 16, 32]}}}, 9, (16 * 3 * 4) ** 3),
        ({"parameters": {"kernel": {"choice": [3, 5]}}}, 15, (16 * 3 * 3 * 4 * 2) ** 3),
        (
            {"recipe": {"learning_rate": {"distribution": "log_uniform", "low": 0.1, "high": 1}}},
            12,
            (16 * 3 * 3 * 4) ** 3,
        ),
        ({"tied": {"group_width": "bottleneck"}}, 9, (16 * 3 * 3) ** 3),
        ({"parameters": {"resolution": {"choice": [8, 16]}}}, 13, (16 * 3 * 3 * 4) ** 3 * 2),
    ],
)
def test_sizes_without_an_order_are_products(changes, dimensions, size):
    found = count(small(**changes))
    assert (found.dimensions, found.exact_count) == (dimensions, size)
    assert found.paper_count == pytest.approx(size)


@laws
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.sampled_from([None, "increasing", "equal", "decreasing"]),
    st.sets(st.sampled_from(["depth", "width"]), max_size=2),
    st.data(),
)
def test_exact_counts_are_those_of_brute_force(stages, levels, order, shared, data):
    parameters = {"depth": {"choice": list(range(1, levels + 1))}, "width": {"choice": [8, 16]}}
    definition = small(stages=stages, block="v", shared=sorted(shared), parameters=parameters)
    if order and "depth" not in shared:
        chosen = data.draw(st.sets(st.integers(1, stages), min_size=1))
        definition["monotone"] = {"depth": {"order": order, "stages": sorted(chosen)}}
    settings, _ = every_setting(definition)
    rows = np.hstack([settings.depths, settings.widths])
    assert count(definition).exact_count == len(np.unique(rows, axis=0))

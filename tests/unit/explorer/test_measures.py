"""Measures: which columns they are, and bins that lose no network."""

import numpy as np
import pandas as pd
import pytest
from helpers.invented import curve
from helpers.small_runs import laws
from hypothesis import given
from hypothesis import strategies as st
from netspaces.explorer.columns import packed
from netspaces.explorer.measures import bins, measures

VALUES = st.lists(
    st.floats(-1e6, 1e6) | st.integers(1, 40) | st.sampled_from([1.0, 2.0, 64.0]), min_size=2, unique=True
)


def table(**columns) -> pd.DataFrame:
    return pd.DataFrame({"error": [1.0, 2.0, 3.0]} | columns)


@laws
@given(VALUES)
def test_bins_hold_every_value(values):
    values = np.unique(np.asarray(values, float))
    log, edges = bins(values)
    assert (np.diff(edges) > 0).all() and edges[0] <= values[0] and values[-1] <= edges[-1]
    assert not log or edges[0] > 0
    assert np.histogram(values, edges)[0].sum() == len(values)


@pytest.mark.parametrize("values", [[1, 2, 4, 8, 32], [3, 4, 7]])
def test_few_whole_numbers_and_powers_of_two_have_a_bin_each(values):
    _, edges = bins(np.asarray(values, float))
    assert np.histogram(values, edges)[0].max() == 1


def test_measures_are_the_error_and_what_varies_among_parameters_and_complexity():
    found = measures(curve("RegNetX").table.assign(error=lambda runs: runs["error_min"]))
    names = [measure.name for measure in found]
    assert names[0] == "error" and {"depth", "w_0", "w_a", "w_m", "flops", "params", "activations"} <= set(names)
    assert not {"index", "error_min", "key", "resolution", "stages", "draws"} & set(names)
    assert names.index("w_0") < names.index("width_1") < names.index("flops")


def test_a_value_that_all_stages_share_is_one_measure():
    shared = {"bottleneck_1": [1.0, 2.0, 4.0], "bottleneck_2": [1.0, 2.0, 0.0]}
    own = {"width_1": [8, 16, 8], "width_2": [8, 8, 32]}
    found = {measure.name: measure.columns for measure in measures(table(**shared, **own))}
    assert found["bottleneck"] == ("bottleneck_1", "bottleneck_2")
    assert found["width_1"] == ("width_1",) and "width" not in found and "bottleneck_1" not in found


def test_columns_of_other_people_are_measures_and_texts_are_not():
    found = [
        measure.name for measure in measures(table(momentum=[0.1, 0.2, None], note=["a", "b", "c"], one=[1, 1, 1]))
    ]
    assert found == ["error", "momentum"]


def unpacked(column: dict, n: int) -> list:
    """As the page's script does it."""
    if "all" in column:
        return [column["all"]] * n
    return [column["of"][place] for place in column["at"]] if "of" in column else column["is"]


@laws
@given(st.lists(st.none() | st.text() | st.floats() | st.integers(-5, 5), min_size=1))
def test_packed_columns_have_all_values(values):
    expected = [None if isinstance(v, float) and not np.isfinite(v) else v for v in values]
    assert unpacked(packed(pd.Series(values, dtype=object)), len(values)) == expected

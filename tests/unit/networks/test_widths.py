"""RegNet's quantised linear widths."""

import numpy as np
import pytest
from helpers.strategies import published
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.networks.widths import quantised_linear, regnet

laws = settings(deadline=None, derandomize=True, max_examples=200)
REGNETS = {name: model for name, model in published().items() if name.startswith("RegNet")}


def authors_rule(depth, w_0, w_a, w_m, stages):
    """The authors' rule, block by block: (depths, widths), or None if the draw is not regular."""
    exponents = np.round(np.log((w_0 + w_a * np.arange(depth)) / w_0) / np.log(w_m))
    blocks = 8 * np.round(w_0 * np.power(w_m, exponents) / 8)
    widths, depths = np.unique(blocks, return_counts=True)
    if not len(widths) == stages == exponents.max() + 1:
        return None
    return depths.tolist(), widths.astype(int).tolist()


regnet_parameters = st.tuples(
    st.integers(1, 63),
    st.integers(1, 32).map(lambda eighths: 8 * eighths),
    st.integers(0, 2560).map(lambda tenths: tenths / 10),
    st.integers(1500, 3000).map(lambda thousandths: thousandths / 1000),
)


@laws
@given(st.lists(regnet_parameters, min_size=1, max_size=40), st.integers(1, 5))
def test_quantised_linear_is_the_authors_rule(parameters, stages):
    valid, depths, widths = quantised_linear(*np.array(parameters).T, stages=stages)
    assert depths.shape == widths.shape == (len(parameters), stages)
    for (depth, *rest), is_valid, of_depth, of_width in zip(parameters, valid, depths, widths, strict=True):
        expected = authors_rule(depth, *rest, stages)
        assert is_valid == (expected is not None)
        assert (of_depth.tolist(), of_width.tolist()) == (expected or ([0] * stages, [0] * stages))
        if is_valid:
            assert of_depth.sum() == depth
            assert (np.diff(of_width) > 0).all() and (of_width % 8 == 0).all()


def test_published_regnets_are_all_there():
    assert len(REGNETS) == 24


def test_regnet_parameters_without_four_stages_are_refused():
    with pytest.raises(ValueError, match="does not give 4 stages"):
        regnet(12, 256, 8.0, 3.0, 8)

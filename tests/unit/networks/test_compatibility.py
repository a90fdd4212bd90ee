"""The compatibility of widths, bottleneck ratios and group widths."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.compatibility import make_compatible

laws = settings(deadline=None, derandomize=True, max_examples=200)
any_width = st.integers(1, 2048)
any_bottleneck = st.sampled_from([0.125, 0.25, 1 / 3, 0.5, 1.0, 2.0, 3.0, 4.0, 8.0])
any_group = st.integers(1, 128)


@given(any_width, any_bottleneck, any_group)
def test_block_mb_keeps_its_width_and_is_depthwise(width, bottleneck, group_width):
    assert compatible(width, bottleneck, group_width, "mb") == (width, bottleneck, 1)


def test_a_rounded_ratio_is_the_exact_one():
    for block in ("x", "mb"):
        assert compatible(48, 0.166667, 1, block) == (48, 1 / 6, 1)


def compatible(width, bottleneck, group_width, block="x"):
    """`make_compatible` for one stage."""
    arrays = make_compatible(np.array([width]), np.array([bottleneck]), np.array([group_width]), block)
    return tuple(array[0].item() for array in arrays)


@laws
@given(any_width, any_bottleneck, any_group, st.sampled_from(["x", "r"]))
def test_groups_divide_the_bottleneck_width(width, bottleneck, group_width, block):
    width, bottleneck, group = compatible(width, bottleneck, group_width, block)
    bottleneck_width = round(width / bottleneck)
    assert width >= 1 and bottleneck_width >= 1
    assert math.isclose(bottleneck_width * bottleneck, width), "the ratio is exact"
    assert bottleneck_width % group == 0
    assert group == bottleneck_width if block == "r" else group <= group_width


@laws
@given(any_width, any_bottleneck, any_group, st.sampled_from(tuple(BLOCKS)))
def test_what_is_compatible_stays_as_it_is(width, bottleneck, group_width, block):
    once = compatible(width, bottleneck, group_width, block)
    assert compatible(*once, block) == once


@laws
@given(st.integers(1, 256), st.sampled_from([1, 2, 3, 4, 8]), any_group)
def test_a_width_moves_by_at_most_a_third(bottleneck_width, bottleneck, group_width):
    width = bottleneck_width * bottleneck
    assert 3 * abs(compatible(width, float(bottleneck), group_width)[0] - width) <= width


@laws
@given(st.integers(1, 128), st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 2, 4, 8, 16, 32]))
def test_an_inverted_width_moves_by_at_most_a_third_too(eighths, expansion, group_width):
    """True if one common multiple of group width and expansion fits, as it does wherever the paper samples."""
    width = 8 * eighths
    assert 3 * abs(compatible(width, 1 / expansion, group_width)[0] - width) <= width


def test_beyond_that_an_inverted_width_may_move_further():
    assert compatible(1, 0.25, 3) == (3, 0.25, 3)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((168, 1.0, 112), (224, 1.0, 112)),  # RegNetX-12GF: 168/112 = 1.5 rounds to the even 2
        ((280, 1.0, 112), (224, 1.0, 112)),  # and 2.5 to 2
        ((88, 1.0, 48), (96, 1.0, 48)),  # RegNetX-3.2GF
        ((80, 1.0, 120), (80, 1.0, 80)),  # RegNetX-8.0GF: the group width is capped
        ((256, 4.0, 64), (256, 4.0, 64)),  # ResNet-50
        ((16, 0.25, 24), (18, 0.25, 24)),  # 64 channels inside, to a multiple of 24 and 4
    ],
)
def test_compatibility_of_known_stages(before, after):
    assert compatible(*before) == after


def test_plain_blocks_have_neither_bottlenecks_nor_groups():
    for block in ("v", "vr"):
        assert compatible(20, 4.0, 8, block) == (20, 1.0, 1)


@pytest.mark.parametrize("bottleneck", [1.5, 0.3, 2.5])
def test_a_bottleneck_that_is_no_whole_ratio_is_refused(bottleneck):
    with pytest.raises(ValueError, match=f"{bottleneck:g} is neither"):
        compatible(30, bottleneck, 8)

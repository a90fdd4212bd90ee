"""Architectures: the value objects, the compatibility of widths and groups, RegNet's quantised linear widths."""

import json
import math
from dataclasses import replace
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from helpers.strategies import architectures, published
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.networks.architecture import (
    ADDED_LATER,
    PER_STAGE,
    Architecture,
    Architectures,
    architecture_key,
)
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.compatibility import make_compatible
from netspaces.networks.widths import quantised_linear, regnet

laws = settings(deadline=None, derandomize=True, max_examples=200)
REGNETS = {name: model for name, model in published().items() if name.startswith("RegNet")}
ONE_STAGE = Architecture("x", "cifar", 8, 8, 0.0, (1,), (8,), (1.0,), (8,), (1,))


# ---- Value objects ---------------------------------------------------------------------------------------------------


@laws
@given(architectures())
def test_a_dictionary_and_back_is_the_same_architecture(architecture):
    text = json.dumps(architecture.to_dict())
    assert Architecture.from_dict(json.loads(text)) == architecture


@laws
@given(st.lists(architectures(), min_size=1, max_size=5))
def test_a_table_of_mixed_stages_holds_its_rows(rows):
    table = Architectures.from_rows(rows)
    assert len(table) == len(rows)
    assert [table.row(i) for i in range(len(rows))] == rows
    assert [table[::-1].row(i) for i in range(len(rows))] == rows[::-1]


@laws
@given(st.lists(architectures(), min_size=1, max_size=5))
def test_a_table_and_its_rows_agree_on_bottleneck_widths(rows):
    widths = Architectures.from_rows(rows).bottleneck_widths
    for row, of_row in zip(rows, widths, strict=True):
        assert tuple(of_row[: len(row.widths)]) == row.bottleneck_widths
        assert not of_row[len(row.widths) :].any()


def test_flat_columns_are_one_value_per_network():
    two_stages = replace(ONE_STAGE, **{name: 2 * getattr(ONE_STAGE, name) for name in PER_STAGE})
    columns = Architectures.from_rows([ONE_STAGE, two_stages]).columns()
    assert all(len(column) == 2 for column in columns.values())
    assert columns["stages"].tolist() == [1, 2]
    assert columns["depth"].tolist() == [1, 2]
    assert columns["width_2"].tolist() == [0, 8]


@laws
@given(st.lists(architectures(max_stages=9), min_size=1, max_size=5))
def test_flat_columns_and_back_are_the_same_table(rows):
    file = StringIO()
    pd.DataFrame(Architectures.from_rows(rows).columns() | {"w_0": 8, "draws": 3}).to_csv(file)
    file.seek(0)
    table = Architectures.from_columns(pd.read_csv(file, float_precision="round_trip"))
    assert [table.row(i) for i in range(len(rows))] == rows


def test_kernels_are_3_unless_stated():
    assert ONE_STAGE.kernels == (3,)
    assert replace(ONE_STAGE, kernels=(3,)) == ONE_STAGE


def test_the_key_of_an_architecture_depends_on_every_field():
    changed = dict(
        block="r",
        stem="simple",
        stem_width=16,
        resolution=9,
        se_ratio=0.25,
        depths=(2,),
        widths=(16,),
        bottlenecks=(2.0,),
        group_widths=(4,),
        strides=(2,),
        kernels=(5,),
        activation="silu",
        head_width=8,
    )
    keys = {architecture_key(replace(ONE_STAGE, **{name: value})) for name, value in changed.items()}
    assert len(keys | {architecture_key(ONE_STAGE)}) == len(changed) + 1


def test_equal_architectures_have_equal_keys():
    whole_numbers = replace(ONE_STAGE, se_ratio=0, bottlenecks=(1,))
    assert whole_numbers == ONE_STAGE
    assert architecture_key(whole_numbers) == architecture_key(ONE_STAGE)


def test_keys_of_architectures_never_change():
    """They seed trainings and find stored runs."""
    assert architecture_key(ONE_STAGE) == "df17ccdc73b5ea74"
    assert architecture_key(REGNETS["RegNetY-400MF"].architecture) == "2e199573893950b7"


def test_a_column_that_is_added_later_leaves_old_keys_and_records_valid(monkeypatch):
    old = {name: value for name, value in ONE_STAGE.to_dict().items() if name not in ("kernels", "head_width")}
    monkeypatch.setitem(ADDED_LATER, "kernels", 3)
    monkeypatch.setitem(ADDED_LATER, "head_width", 0)
    assert ONE_STAGE.identity() == old and Architecture.from_dict(old) == ONE_STAGE
    changed = replace(ONE_STAGE, head_width=8)
    assert changed.identity() == old | {"head_width": 8}
    two_stages = replace(ONE_STAGE, **{name: 2 * getattr(ONE_STAGE, name) for name in PER_STAGE})
    assert "kernels" not in two_stages.identity()
    assert replace(two_stages, kernels=(3, 5)).identity()["kernels"] == [3, 5]
    with pytest.raises(ValueError, match="depths"):
        Architecture.from_dict({name: value for name, value in old.items() if name != "depths"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(block="y"), "block is 'y'"),
        (dict(stem="deep"), "stem is 'deep'"),
        (dict(depths=(1, 1)), "one value per stage"),
        (dict(block="v", se_ratio=0.25), "se_ratio is 0.25"),
        (dict(activation="swish"), "activation is 'swish'"),
        (dict(kernels=(3, 3)), "one value per stage"),
        (dict(kernels=(4,)), "kernel is 4, expected an odd number"),
    ],
)
def test_an_impossible_architecture_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(ONE_STAGE, **change)


def test_a_dictionary_with_wrong_keys_is_refused():
    values = ONE_STAGE.to_dict()
    with pytest.raises(ValueError, match="colour"):
        Architecture.from_dict(values | {"colour": "red"})
    del values["depths"]
    with pytest.raises(ValueError, match="depths"):
        Architecture.from_dict(values)


# ---- Compatibility of widths and groups ------------------------------------------------------------------------------

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


# ---- Quantised linear widths -----------------------------------------------------------------------------------------


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

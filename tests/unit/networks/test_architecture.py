"""Architectures: the value objects, their tables and their keys."""

import json
from dataclasses import replace
from io import StringIO

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

laws = settings(deadline=None, derandomize=True, max_examples=100)
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
    assert architecture_key(published()["RegNetY-400MF"].architecture) == "2e199573893950b7"


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

"""Covariates: numbers of every family and block, from which a model can tell networks apart."""

import numpy as np
import pytest
from helpers.small_spaces import DIGITS
from netspaces.networks.architecture import Architecture, Architectures
from netspaces.spaces.sampling import sample
from netspaces.studies.covariates import COVARIATES
from netspaces.studies.covariates.structure import MOST_STAGES, structure

ANY = DIGITS.settings["regimes"]["base"]


def two_networks() -> dict[str, np.ndarray]:
    """One of three stages and one of two."""
    shared = {"block": "x", "stem": "cifar", "stem_width": 16, "resolution": 8, "se_ratio": 0.0}
    three = Architecture(
        **shared,
        depths=(1, 3, 2),
        widths=(8, 24, 48),
        bottlenecks=(1.0, 2.0, 4.0),
        group_widths=(8, 4, 1),
        strides=(1, 2, 2),
    )
    two = Architecture(
        **shared, depths=(2, 7), widths=(31, 63), bottlenecks=(1.0, 1.0), group_widths=(1, 63), strides=(1, 2)
    )
    return Architectures.from_rows([three, two]).columns()


def test_numbers_of_stages_are_logarithms_and_0_where_there_is_no_stage():
    found = structure(two_networks())
    assert found["depth_2"].tolist() == [2, 3]
    assert found["depth_3"].tolist() == pytest.approx([np.log2(3), 0])
    assert found["width_1"].tolist() == pytest.approx([np.log2(9), 5])
    assert found["inner_2"].tolist() == pytest.approx([np.log2(13), 6])
    assert found["groups_3"].tolist() == pytest.approx([np.log2(13), 0])
    assert found["least width"].tolist() == pytest.approx([np.log2(9), 5])
    assert found["last width"].tolist() == pytest.approx([np.log2(49), 6])
    assert found["step of width_2"].tolist() == pytest.approx([np.log2(25 / 9), 1])
    assert found["step of width_3"][1] == 0
    assert found["mean depth"].tolist() == pytest.approx(
        [(1 + 3 * 2 + 2 * np.log2(3)) / 6, (2 * np.log2(3) + 7 * 3) / 9]
    )


@pytest.mark.parametrize("name", ["AnyNetX_A", "RegNetX", "RegNetVR", "EfficientNet_recipe", "RegNetX_unquantised"])
def test_every_family_and_block_has_finite_numbers(name):
    columns = sample(DIGITS.spaces[name], ANY, 0, range(12)).columns()
    for entry in COVARIATES:
        found = COVARIATES[entry].values(columns)
        assert all(values.shape == (12,) and np.isfinite(values).all() for values in found.values())
    numbers = structure(columns)
    assert {"flops", "params", "activations", f"block {columns['block'][0]}"} <= set(numbers)
    assert sum(key.startswith("depth_") for key in numbers) <= MOST_STAGES


def test_blocks_as_stages_are_put_together_by_resolution():
    columns = sample(DIGITS.spaces["RegNetX_unquantised"], ANY, 0, range(12)).columns()
    quantised = sample(DIGITS.spaces["RegNetX"], ANY, 0, range(12)).columns()
    found, other = structure(columns), structure(quantised)
    assert {key for key in found if key.startswith("width_")} == {key for key in other if key.startswith("width_")}
    blocks = sum(2 ** found[f"depth_{i + 1}"] - 1 for i in range(4))
    assert blocks == pytest.approx(columns["depth"])


def test_sampled_rates_are_logarithms_and_absent_where_none_are():
    with_rates = sample(DIGITS.spaces["RegNetX_recipe"], ANY, 0, range(4)).columns()
    recipe = COVARIATES["sampled_recipe"]
    assert recipe.values(with_rates)["learning_rate"] == pytest.approx(np.log2(with_rates["learning_rate"]))
    assert recipe.values({"learning_rate": np.array([0.0])})["learning_rate"].tolist() == [-40]
    assert recipe.values(two_networks()) == {}

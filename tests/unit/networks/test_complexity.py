"""Complexity in closed form: the published models to the integer, and laws that any count obeys. See test_network.py
for its equality with networks that are built and run."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.strategies import PUBLISHED, architectures, published
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.networks.architecture import Architecture, Architectures
from netspaces.networks.complexity import complexity
from netspaces.networks.metrics import METRICS
from netspaces.published.models import published_architecture, read_models

laws = settings(deadline=None, derandomize=True, max_examples=60)
MODELS = published()


def measure(architecture: Architecture, channels: int = 3, classes: int = 10) -> dict[str, int]:
    """The metrics of one architecture."""
    columns = complexity(Architectures.from_rows([architecture]), channels, classes).columns()
    return {name: column.item() for name, column in columns.items()}


def longer(architecture: Architecture, stage: int, blocks: int) -> Architecture:
    """With more blocks in one stage."""
    depths = list(architecture.depths)
    depths[stage] += blocks
    return replace(architecture, depths=tuple(depths))


@pytest.mark.parametrize("name", MODELS)
def test_published_models_to_the_integer(name):
    model = MODELS[name]
    measured = measure(model.architecture, classes=model.classes)
    assert measured["flops"] == model.flops
    assert measured["params"] == model.params
    assert measured["activations_all"] == model.activations_all


def test_published_models_cover_all_families():
    families = [model.family for model in MODELS.values()]
    assert {family: families.count(family) for family in set(families)} == {
        "RegNetX": 12,
        "RegNetY": 12,
        "ResNet": 3,
        "ResNeXt": 3,
        "ResNe(X)t-step": 4,
        "EfficientNet": 6,
        "AnyNet-CIFAR": 1,
    }


def test_every_published_imagenet_model_is_ours_too():
    assert {name for name, row in read_models(PUBLISHED).items() if row["dataset"] == "imagenet"} <= set(MODELS)


def test_a_published_model_of_another_block_is_refused():
    row = read_models(PUBLISHED)["CIFAR-R-56"]
    with pytest.raises(
        ValueError, match="CIFAR-R-56: block is 'res_basic_block', expected one of res_bottleneck_block"
    ):
        published_architecture(row)


def test_activations_are_the_outputs_of_convolutions_alone():
    """The paper prints 11.1 M for ResNet-50, the authors' code counts 11.3 M: max-pool and fc."""
    measured = measure(MODELS["ResNet-50"].architecture, classes=1000)
    assert measured["activations"] == 11_315_688 - 64 * 56 * 56 - 1000


def test_a_network_small_enough_to_count_by_hand():
    architecture = Architecture("v", "cifar", 4, 8, 0.0, (2,), (6,), (1.0,), (1,), (2,))
    convolutions = 9 * 1 * 4 * 64 + 9 * 4 * 6 * 16 + 9 * 6 * 6 * 16  # multiply-adds: stem at 8x8, two blocks at 4x4
    assert measure(architecture, channels=1, classes=3) == {
        "flops": convolutions + 6 * 3 + 3,
        "params": (9 * 4 + 8) + (9 * 4 * 6 + 12) + (9 * 6 * 6 + 12) + (6 * 3 + 3),
        "activations": 4 * 64 + 2 * 6 * 16,
        "activations_all": 4 * 64 + 2 * 6 * 16 + 3,
    }


@laws
@given(st.lists(architectures(), min_size=1, max_size=6))
def test_a_table_is_counted_as_its_rows_are(rows):
    table = complexity(Architectures.from_rows(rows), 3, 10).columns()
    alone = [measure(row) for row in rows]
    for name in METRICS:
        assert table[name].dtype == np.int64
        assert table[name].tolist() == [row[name] for row in alone]


@laws
@given(architectures(), st.data())
def test_every_further_block_of_a_stage_costs_the_same(architecture, data):
    stage = data.draw(st.integers(0, len(architecture.depths) - 1))
    base, one, three = (measure(longer(architecture, stage, blocks)) for blocks in (0, 1, 3))
    for name in METRICS:
        assert three[name] - base[name] == 3 * (one[name] - base[name]) > 0


@laws
@given(architectures(), st.integers(1, 40))
def test_parameters_do_not_depend_on_the_resolution(architecture, resolution):
    assert measure(replace(architecture, resolution=resolution))["params"] == measure(architecture)["params"]


@laws
@given(architectures(blocks=("r",)))
def test_block_r_costs_what_block_x_with_one_group_costs(architecture):
    assert measure(architecture) == measure(replace(architecture, block="x"))


@laws
@given(architectures(blocks=("x", "r")))
def test_squeeze_and_excitation_costs_flops_as_it_costs_parameters(architecture):
    without = measure(replace(architecture, se_ratio=0.0))
    squeezed = measure(replace(architecture, se_ratio=0.5))
    assert squeezed["flops"] - without["flops"] == squeezed["params"] - without["params"] >= 0
    assert squeezed["activations"] - without["activations"] >= 0


@laws
@given(architectures(blocks=("vr",)))
def test_a_shortcut_costs_a_projection_where_the_shape_changes(architecture):
    widths = (architecture.stem_width, *architecture.widths)
    projections = sum(
        width_in * width + 2 * width
        for width_in, width, stride in zip(widths[:-1], widths[1:], architecture.strides, strict=True)
        if width_in != width or stride != 1
    )
    assert measure(architecture)["params"] - measure(replace(architecture, block="v"))["params"] == projections


@laws
@given(architectures())
def test_the_activation_costs_nothing(architecture):
    assert measure(replace(architecture, activation="relu")) == measure(replace(architecture, activation="silu"))


@laws
@given(architectures(), st.integers(1, 50))
def test_a_head_width_costs_a_1x1_convolution_at_the_last_resolution(architecture, head_width):
    without = measure(replace(architecture, head_width=0))
    with_head = measure(replace(architecture, head_width=head_width))
    width = architecture.widths[-1]
    added = width * head_width + 2 * head_width + (head_width - width) * 10
    assert with_head["params"] - without["params"] == added
    assert (with_head["activations"] - without["activations"]) % head_width == 0


@laws
@given(architectures(blocks=("x", "r", "v", "vr")), st.integers(0, 4))
def test_a_kernel_costs_its_area(architecture, stage):
    stage = min(stage, len(architecture.depths) - 1)

    def of(kernel: int) -> int:
        kernels = [*architecture.kernels[:stage], kernel, *architecture.kernels[stage + 1 :]]
        return measure(replace(architecture, kernels=tuple(kernels)))["params"]

    assert (of(5) - of(1)) * 8 == (of(3) - of(1)) * 24 > 0


@laws
@given(architectures(), st.integers(1, 4), st.integers(1, 100))
def test_channels_and_classes_touch_stem_and_head_only(architecture, channels, classes):
    base, more = measure(architecture, channels, classes), measure(architecture, channels + 1, classes + 1)
    kernel = 7 if architecture.stem == "resnet" else 3
    head = (architecture.head_width or architecture.widths[-1]) + 1
    assert more["params"] - base["params"] == kernel * kernel * architecture.stem_width + head
    assert more["activations"] == base["activations"]
    assert more["activations_all"] == base["activations_all"] + 1


def test_an_empty_table_has_no_complexity():
    table = Architectures.from_rows([MODELS["ResNet-50"].architecture])
    assert all(len(column) == 0 for column in complexity(table[:0]).columns().values())


def test_a_squeeze_ratio_means_nothing_to_plain_blocks():
    """A table may say one ratio for all its rows."""
    table = Architectures.from_rows([Architecture("v", "cifar", 4, 8, 0.0, (2,), (6,), (1.0,), (1,), (2,))])
    with_ratio = replace(table, se_ratio=np.array([0.5]))
    assert complexity(with_ratio).flops == complexity(table).flops
    assert complexity(with_ratio).params == complexity(table).params

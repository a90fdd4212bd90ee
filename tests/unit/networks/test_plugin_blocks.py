"""A block of a user's: one file outside the library, with a kind of layer of its own, is a block like any other."""

import numpy as np
import pytest
import torch
from netspaces.figures.panels.structure import drawn_block
from netspaces.networks.architecture import Architecture, Architectures
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.compatibility import make_compatible
from netspaces.networks.complexity import complexity
from netspaces.networks.layers import Layer
from netspaces.networks.modules import BlockModule, build
from netspaces.plugins.loading import forget_plugins, load_plugins

GHOST = '''
from dataclasses import dataclass

from netspaces.networks.block import Block
from netspaces.networks.layers import Convolution, Count, Layer


@dataclass(frozen=True, kw_only=True, eq=False)
class Scale(Layer):
    """A learnable factor per channel."""

    def count(self, resolution):
        return Count(self.outputs * resolution * resolution, self.outputs)

    def module(self, activation):
        import torch

        class ScaleModule(torch.nn.Module):
            def __init__(self, width):
                super().__init__()
                self.factor = torch.nn.Parameter(torch.ones(width, 1, 1))

            def forward(self, x):
                return x * self.factor

        return ScaleModule(self.outputs)

    def describe(self, activation):
        return "scale"


class Ghost(Block):
    """Depthwise, pointwise, scale."""

    name = "ghost"
    description = "depthwise convolution, 1x1, scale"
    parameters = ("kernel",)
    shortcut = "identity"
    final_activation = False

    def layers(self, shape):
        return [
            Convolution(
                name="spatial", inputs=shape.inputs, outputs=shape.inputs, kernel=shape.kernel, stride=shape.stride,
                group_width=1,
            ),
            Convolution(name="mix", inputs=shape.inputs, outputs=shape.width, activation=False),
            Scale(name="scale", inputs=shape.width, outputs=shape.width),
        ]


BLOCK = Ghost()
'''


@pytest.fixture
def ghost(tmp_path):
    path = tmp_path / "ghost.py"
    path.write_text(GHOST)
    load_plugins([path])
    yield Architecture("ghost", "simple", 8, 16, 0.0, (2, 1), (8, 12), (1.0, 1.0), (1, 1), (1, 2), kernels=(3, 7))
    forget_plugins()


def test_it_is_registered_and_has_what_it_says(ghost):
    assert "ghost" in BLOCKS and BLOCKS["ghost"].lacks == ("bottleneck", "group_width")
    widths, bottlenecks, group_widths = make_compatible(np.array([13]), np.array([4.0]), np.array([8]), "ghost")
    assert (widths.tolist(), bottlenecks.tolist(), group_widths.tolist()) == ([13], [1.0], [1])


def test_it_is_counted_as_it_is_built(ghost):
    counted = complexity(Architectures.from_rows([ghost]), 3, 10)
    network = build(ghost, 3, 10)
    assert counted.params.item() == sum(parameter.numel() for parameter in network.parameters())
    stem = 27 * 8 * 64
    first = 2 * (9 * 8 * 64 + 8 * 8 * 64 + 8 * 64)
    second = 49 * 8 * 16 + 8 * 12 * 16 + 12 * 16
    assert counted.flops.item() == stem + first + second + 13 * 10
    assert counted.activations.item() == 8 * 64 + 2 * 2 * 8 * 64 + 8 * 16 + 12 * 16


def test_it_is_built_trained_and_drawn(ghost):
    network = build(ghost, 3, 10, zero_init_residual=True).train()
    blocks = [module for module in network.modules() if isinstance(module, BlockModule)]
    assert [block.residual for block in blocks] == [True, True, False]
    assert not blocks[0].last_norm.weight.any() and blocks[2].last_norm.weight.all()
    network(torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))).sum().backward()
    assert blocks[0].scale.factor.grad is not None
    drawn = drawn_block(ghost, 1, first=True)
    assert [layer.layer.describe("relu") for layer in drawn.layers] == [
        "7×7 conv, stride 2, 8 groups\nbatch norm, ReLU",
        "1×1 conv\nbatch norm",
        "scale",
    ]
    assert drawn.shortcut is None and drawn_block(ghost, 1, first=False).shortcut == "identity"


def test_a_table_may_mix_blocks(ghost):
    other = Architecture("x", "resnet", 8, 16, 0.25, (1,), (16,), (2.0,), (4,), (2,))
    table = complexity(Architectures.from_rows([ghost, other, ghost]), 3, 10).columns()
    alone = [complexity(Architectures.from_rows([row]), 3, 10).columns() for row in (ghost, other, ghost)]
    for name, column in table.items():
        assert column.tolist() == [row[name].item() for row in alone]


def test_a_residual_block_without_a_batch_norm_cannot_start_at_zero():
    class Bare(type(BLOCKS["vr"])):
        def layers(self, shape) -> list[Layer]:
            return []

    shape = Architecture("vr", "cifar", 8, 8, 0.0, (1,), (8,), (1.0,), (1,), (1,)).block_shape(0, first=True)
    with pytest.raises(ValueError, match="expected a batch norm"):
        _ = BlockModule(Bare(), shape, "relu").last_norm


GATED = '''
from netspaces.networks.block import Block
from netspaces.networks.layers import Convolution, SqueezeExcitation


class Gated(Block):
    """One convolution and a gate."""

    name = "gated"
    description = "one convolution and squeeze-and-excitation"
    parameters = ("kernel", "se_ratio")

    def layers(self, shape):
        return [
            Convolution(
                name="conv", inputs=shape.inputs, outputs=shape.width, kernel=shape.kernel, stride=shape.stride
            ),
            SqueezeExcitation(name="gate", inputs=shape.width, outputs=shape.width, squeezed=shape.squeezed),
        ]


BLOCK = Gated()
'''


@pytest.mark.parametrize("se_ratio", [0.0, 0.25])
def test_a_gate_that_squeezes_to_no_channel_is_absent(tmp_path, se_ratio):
    (tmp_path / "gated.py").write_text(GATED)
    load_plugins([tmp_path / "gated.py"])
    try:
        sizes = {
            "depths": (1, 2),
            "widths": (8, 16),
            "bottlenecks": (1.0, 1.0),
            "group_widths": (1, 1),
            "strides": (1, 2),
        }
        gated = Architecture(block="gated", stem="cifar", stem_width=8, resolution=8, se_ratio=se_ratio, **sizes)
        counted = complexity(Architectures.from_rows([gated]), channels=1, classes=10)
        network = build(gated, channels=1, classes=10)
        assert counted.params[0] == sum(parameter.numel() for parameter in network.parameters())
        assert network(torch.zeros(2, 1, 8, 8)).shape == (2, 10)
        assert any("gate" in name for name, _ in network.named_parameters()) == (se_ratio > 0)
    finally:
        forget_plugins()

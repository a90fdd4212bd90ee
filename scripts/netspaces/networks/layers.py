"""Layers: what networks are made of, as data, without torch.

A layer is declared once. From the declaration follow its torch module (`netspaces.networks.modules`), what it costs,
and its text in diagrams. The sizes of a layer are either whole numbers, for one layer of one network, or int64 arrays
that broadcast to one shape, for the same layer of many networks; this is how a whole table is counted at once.

Counting rules (paper section 4; they give the published models' numbers to the integer): a convolution costs one
multiply-add per weight and output position, and one more per output element if it has a bias; so does the fully
connected layer. Batch norm and layer norm have two parameters per channel, layer scale has one; these, activations,
pooling, gates' products and movements of channels cost no multiply-adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from torch import nn

Size: TypeAlias = Any
"""A whole number, or an int64 array of many networks'; no type checker follows arithmetic that fits both."""

ACTIVATIONS = {"relu": "ReLU", "silu": "SiLU", "gelu": "GELU"}
"""The nonlinearity everywhere in a network, as diagrams print it; silu is the paper's Swish."""

LAYER_SCALE = 1e-6
"""The factors with which layer scale starts (ConvNeXt, section 2.6)."""


@dataclass(frozen=True)
class Count:
    """What layers cost for one image; the sums of these quantities are the metrics (`netspaces.networks.metrics`)."""

    multiply_adds: Size = 0
    parameters: Size = 0
    convolution_outputs: Size = 0
    other_outputs: Size = 0
    """Output elements of layers that are no convolutions but have outputs which the authors' code counts."""

    def __add__(self, other: Count) -> Count:
        return Count(
            _sum(self.multiply_adds, other.multiply_adds),
            _sum(self.parameters, other.parameters),
            _sum(self.convolution_outputs, other.convolution_outputs),
            _sum(self.other_outputs, other.other_outputs),
        )

    def over_stages(self, shape: tuple[int, ...]) -> Count:
        """The sums over the stages, (n,), of quantities that broadcast to a shape (stages, n)."""
        return Count(
            _total(self.multiply_adds, shape),
            _total(self.parameters, shape),
            _total(self.convolution_outputs, shape),
            _total(self.other_outputs, shape),
        )

    def times(self, number: Size) -> Count:
        """The cost of so many of these layers."""
        return Count(
            _product(self.multiply_adds, number),
            _product(self.parameters, number),
            _product(self.convolution_outputs, number),
            _product(self.other_outputs, number),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """One layer with `inputs` and `outputs` channels; a subclass says what it costs, how it is built and described.

    `present` says whether the network has the layer at all (a bool, or an array of them): where it has not, the
    layer costs nothing, and its module is the identity.
    """

    name: str
    inputs: Size
    outputs: Size
    stride: Size = 1
    present: bool | np.ndarray = True

    @property
    def is_absent(self) -> bool:
        """Whether no network has the layer."""
        return not (self.present.any() if isinstance(self.present, np.ndarray) else self.present)

    def resolution_after(self, resolution: Size) -> Size:
        """Pixels a side of the output, for those of the input; every stride rounds up."""
        if isinstance(self.stride, int) and self.stride == 1:
            return resolution
        return (resolution - 1) // self.stride + 1

    def count(self, resolution: Size) -> Count:
        """What the layer costs if its output has `resolution` pixels a side."""
        raise NotImplementedError

    def module(self, activation: str) -> nn.Module:
        """The torch module, for a name of `ACTIVATIONS`.

        The kinds of layers in this file, which knows no torch, have theirs in `netspaces.networks.modules`; the file
        of a user that brings a kind of its own imports torch within this method.
        """
        raise NotImplementedError

    def describe(self, activation: str) -> str:
        """The layer in two short lines, for diagrams."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True, eq=False)
class Convolution(Layer):
    """A convolution padded to keep the resolution at stride 1, perhaps a batch norm, and perhaps an activation.

    `group_width` is the number of channels per group, None for a single group. `activation` is True for that of the
    network, a name of `ACTIVATIONS` for one whatever the network's, or False. Without `norm` there is no batch norm.
    """

    kernel: Size = 1
    group_width: Size | None = None
    activation: bool | str = True
    norm: bool = True
    bias: bool = False

    @property
    def groups(self) -> Size:
        """The number of groups."""
        return 1 if self.group_width is None else self.inputs // self.group_width

    def count(self, resolution: Size) -> Count:
        """One multiply-add per weight and position, and one per output of a bias."""
        inputs = self.inputs if self.group_width is None else self.group_width
        weights = _product(self.kernel * self.kernel, inputs * self.outputs)
        positions = resolution * resolution
        outputs = self.outputs * positions
        if self.norm and not self.bias:
            return Count(weights * positions, weights + 2 * self.outputs, outputs)
        per_channel = 2 * self.norm + self.bias
        return Count(weights * positions + self.bias * outputs, weights + per_channel * self.outputs, outputs)

    def after(self, network_activation: str) -> str | None:
        """The name of the activation that follows in a network of that activation, None for none."""
        return network_activation if self.activation is True else self.activation or None

    def describe(self, activation: str) -> str:
        """For example "3×3 conv, stride 2, 4 groups" above "batch norm, ReLU"."""
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        after = self.after(activation)
        follows = ["batch norm"] * self.norm + ["bias"] * self.bias + ([ACTIVATIONS[after]] if after else [])
        return f"{self.kernel}×{self.kernel} conv{stride}{groups}\n{', '.join(follows) or 'no norm'}"


@dataclass(frozen=True, kw_only=True, eq=False)
class SqueezeExcitation(Layer):
    """Squeeze-and-excitation: a gate per channel, from the means of all channels through `squeezed` channels.

    Where it squeezes to no channel, as at the ratio 0, the network does not have it.
    """

    squeezed: Size

    def __post_init__(self) -> None:
        if self.present is True:
            object.__setattr__(self, "present", self.squeezed > 0)

    def count(self, resolution: Size) -> Count:
        """Two 1x1 convolutions with bias on a map of one position, whatever the resolution."""
        channels = self.outputs + self.squeezed
        cost = 2 * self.outputs * self.squeezed + channels
        return Count(cost, cost, channels)

    def describe(self, activation: str) -> str:
        """With the number of channels it squeezes to."""
        return f"squeeze-and-excitation\nsqueezed to {self.squeezed}"


@dataclass(frozen=True, kw_only=True, eq=False)
class MaxPool(Layer):
    """Max-pooling over 3x3 pixels."""

    def count(self, resolution: Size) -> Count:
        """Outputs only."""
        return Count(other_outputs=self.outputs * resolution * resolution)

    def describe(self, activation: str) -> str:
        """With its stride."""
        return f"3×3 max-pool, stride {self.stride}"


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerNorm(Layer):
    """Normalisation over the channels of each position, with a factor and an offset per channel."""

    def count(self, resolution: Size) -> Count:
        """Parameters only."""
        return Count(parameters=2 * self.outputs)

    def describe(self, activation: str) -> str:
        """By its kind."""
        return "layer norm\nover channels"


@dataclass(frozen=True, kw_only=True, eq=False)
class LayerScale(Layer):
    """A learnable factor per channel, all of which start at `initial`."""

    initial: float = LAYER_SCALE

    def count(self, resolution: Size) -> Count:
        """Parameters only."""
        return Count(parameters=self.outputs)

    def describe(self, activation: str) -> str:
        """By its kind."""
        return "layer scale\na factor per channel"


@dataclass(frozen=True, kw_only=True, eq=False)
class EfficientChannelAttention(Layer):
    """A gate per channel from the means of `kernel` neighbouring channels: ECA (Wang et al. 2020, equation 4)."""

    kernel: Size

    def count(self, resolution: Size) -> Count:
        """A convolution over the sequence of channels, without bias, whatever the resolution."""
        return Count(self.kernel * self.outputs, self.kernel, self.outputs)

    def describe(self, activation: str) -> str:
        """With the number of channels that a gate sees."""
        return f"channel attention\nover {self.kernel} channels"


@dataclass(frozen=True, kw_only=True, eq=False)
class ChannelShuffle(Layer):
    """Channels in another order: the first of each of so many groups, then the second of each, and so on."""

    groups: Size

    def count(self, resolution: Size) -> Count:
        """Nothing."""
        return Count()

    def describe(self, activation: str) -> str:
        """With the number of groups."""
        return f"channel shuffle\n{self.groups} groups"


@dataclass(frozen=True, kw_only=True, eq=False)
class Concatenation(Layer):
    """The outputs of several paths side by side, in their order; each path takes all `inputs`.

    A path is a row of layers, an empty one the identity. The stride sits in the first layer of each path.
    """

    paths: tuple[tuple[Layer, ...], ...]

    def count(self, resolution: Size) -> Count:
        """The sum of what the layers of all paths cost."""
        total = Count()
        for layer in (layer for path in self.paths for layer in path if not layer.is_absent):
            total += count_layer(layer, resolution)
        return total

    def describe(self, activation: str) -> str:
        """With the last layer of each path."""
        ends = [path[-1].describe(activation).split("\n")[0] if path else "identity" for path in self.paths]
        return f"concatenation\n{' | '.join(ends)}"


@dataclass(frozen=True, kw_only=True, eq=False)
class FullyConnected(Layer):
    """The last layer of a network, with bias, on a map of one position (after average pooling)."""

    def count(self, resolution: Size) -> Count:
        """One multiply-add per weight and one per bias."""
        weights = (self.inputs + 1) * self.outputs
        return Count(weights, weights, 0, self.outputs)

    def describe(self, activation: str) -> str:
        """By its kind."""
        return "fully connected"


def count_layer(layer: Layer, resolution: Size) -> Count:
    """What a layer costs where it is present, if its output has `resolution` pixels a side."""
    count = layer.count(resolution)
    if isinstance(layer.present, np.ndarray) and not layer.present.all():
        return count.times(layer.present)
    return count


def rounded(value: float | np.ndarray) -> Size:
    """The nearest whole number, half to even: of one number, or of each of an array as int64."""
    return np.rint(value).astype(np.int64) if isinstance(value, np.ndarray) else round(value)


def _sum(first: Size, second: Size) -> Size:
    """A sum, without arithmetic on arrays if the first is the number 0."""
    return second if isinstance(first, int) and first == 0 else first + second


def _total(quantity: Size, shape: tuple[int, ...]) -> Size:
    """The sum of a quantity, which broadcasts to a shape, over the first axis of that; without arithmetic on 0."""
    if isinstance(quantity, int) and quantity == 0:
        return 0
    return np.add.reduce(np.broadcast_to(quantity, shape))


def _product(factor: Size, value: Size) -> Size:
    """A product, without arithmetic on arrays if the factor is the number 0 or 1."""
    if isinstance(factor, int) and factor in (0, 1):
        return value if factor else 0
    return factor * value

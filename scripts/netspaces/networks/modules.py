"""Networks: an `Architecture` becomes a `torch.nn.Module` (paper figures 3 and 4).

A network is a stem, a body of stages and a head; the first block of a stage carries its stride. The modules are named
`stem`, `stages.{i}.{j}.{name of a layer of the block}`, `stages.{i}.{j}.projection`, `last` (EfficientNet's 1x1
convolution before pooling) and `head`. Blocks, stems and heads declare their layers; every layer says what its module
is. The input resolution shapes no module. What a network costs is `complexity`'s to say; hooks on the modules built
here count the same integers.

Initial values follow the authors' code: convolutions N(0, 2 / (k * k * outputs)), the fan-out of a dense convolution
whatever the groups, squeeze-and-excitation included; norms 1 and 0; fully connected layer N(0, 0.01^2) and 0. Biases
of convolutions, and the weights of convolutions over channels, keep torch's default, uniform in +-1/sqrt(inputs). So do
modules of other kinds that a user's layer brings.
"""

import math
from collections.abc import Iterable
from functools import singledispatch

import torch
from torch import Tensor, nn
from torch.nn import functional

from netspaces.networks.architecture import Architecture
from netspaces.networks.block import Block, Shape
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.head import head_layers
from netspaces.networks.layers import (
    ChannelShuffle,
    Concatenation,
    Convolution,
    EfficientChannelAttention,
    FullyConnected,
    Layer,
    LayerNorm,
    LayerScale,
    MaxPool,
    SqueezeExcitation,
)
from netspaces.networks.stems import STEMS


def build(
    architecture: Architecture,
    channels: int = 3,
    classes: int = 1000,
    *,
    generator: torch.Generator | None = None,
    zero_init_residual: bool = False,
) -> "Network":
    """The network of an architecture, for images of `channels` channels and `classes` classes, on the CPU.

    The initial values are drawn from `generator` (if None, from one seeded with 0), in the order of the modules; the
    global generator is neither read nor advanced. With `zero_init_residual`, the last batch norm or layer scale before
    each residual addition starts at 0, so that every block starts as its shortcut.

    Raises ValueError if a group width does not fit its bottleneck width.

    Examples
    --------
    >>> import netspaces
    >>> network = netspaces.build(netspaces.regnet(22, 24, 24.48, 2.54, group_width=16), classes=10)
    >>> network.head.out_features
    10
    """
    generator = generator or torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):  # for modules of users, which may draw from the global generator
        torch.default_generator.manual_seed(generator.initial_seed())
        network = Network(architecture, channels, classes)
    initialise(network, generator)
    if zero_init_residual:
        for module in network.modules():
            if isinstance(module, BlockModule) and module.residual:
                nn.init.zeros_(module.last_norm.weight)
    return network


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Fill all weights and biases from `generator` (see above); norms are left as constructed, at 1 and 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
            nn.init.normal_(module.weight, 0.0, math.sqrt(2 / fan_out), generator=generator)
            if module.bias is not None:
                bound = 1 / math.sqrt(module.weight[0].numel())
                nn.init.uniform_(module.bias, -bound, bound, generator=generator)
        elif isinstance(module, ConvOverChannels):
            bound = 1 / math.sqrt(module.kernel_size[0])
            nn.init.uniform_(module.weight, -bound, bound, generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.01, generator=generator)
            nn.init.zeros_(module.bias)


# ---- Layers ----------------------------------------------------------------------------------------------------------


class Conv(nn.Conv2d):
    """A convolution padded to keep the resolution at stride 1, built without values: `initialise` gives them."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, bias: bool = False
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=bias)

    def reset_parameters(self) -> None:
        """Nothing: the default would draw from the global generator, and be overwritten."""


class Linear(nn.Linear):
    """A fully connected layer built without values: `initialise` gives them."""

    def reset_parameters(self) -> None:
        """Nothing, as in `Conv`."""


class BatchNorm(nn.BatchNorm2d):
    """A batch norm that does not count the batches it has seen, which nothing reads: one kernel of nine of a step.

    `cudnn` says whether a GPU takes the kernel of cuDNN or torch's own; benchmarks/gpu.py measures both.
    """

    cudnn = True

    def forward(self, x: Tensor) -> Tensor:
        moments, affine = (self.running_mean, self.running_var), (self.weight, self.bias)
        momentum = self.momentum or 0.0
        if self.cudnn:
            return functional.batch_norm(x, *moments, *affine, self.training, momentum, self.eps)
        return torch.batch_norm(x, *affine, *moments, self.training, momentum, self.eps, cudnn_enabled=False)


class SqueezeExcite(nn.Module):
    """Scales each channel by a gate in 0..1 that sees the means of all channels."""

    def __init__(self, width: int, squeezed: int, activation: str) -> None:
        super().__init__()
        self.squeeze = Conv(width, squeezed, 1, bias=True)
        self.activation = make_activation(activation)
        self.excite = Conv(squeezed, width, 1, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        means = x.mean((2, 3), keepdim=True)
        return x * self.excite(self.activation(self.squeeze(means))).sigmoid()


class NormOverChannels(nn.LayerNorm):
    """Layer norm over the channels of each position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Scale(nn.Module):
    """A learnable factor per channel."""

    def __init__(self, width: int, initial: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((width,), initial))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.weight[:, None, None]


class ConvOverChannels(nn.Conv1d):
    """A convolution over the sequence of channels, built without values, as `Conv`."""

    def __init__(self, kernel: int) -> None:
        super().__init__(1, 1, kernel, padding=kernel // 2, bias=False)

    def reset_parameters(self) -> None:
        """Nothing, as in `Conv`."""


class ChannelGate(nn.Module):
    """Scales each channel by a gate in 0..1 that sees the means of neighbouring channels."""

    def __init__(self, kernel: int) -> None:
        super().__init__()
        self.conv = ConvOverChannels(kernel)

    def forward(self, x: Tensor) -> Tensor:
        means = x.mean((2, 3))[:, None]
        return x * self.conv(means).sigmoid().transpose(1, 2)[..., None]


class Shuffle(nn.Module):
    """Channels in another order: those of groups in turn."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (self.groups, -1)).transpose(1, 2).flatten(1, 2)


class Concatenate(nn.ModuleList):
    """Paths that all see the same input, and whose outputs become one."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([path(x) for path in self], dim=1)


def make_activation(name: str) -> nn.Module:
    """The activation of that name: see `netspaces.networks.layers.ACTIVATIONS`. It may overwrite its input."""
    if name == "relu":
        return nn.ReLU(inplace=True)
    return nn.SiLU() if name == "silu" else nn.GELU()  # which need their input for the gradient


@singledispatch
def make_module(layer: Layer, activation: str) -> nn.Module:
    """The module of a layer that is there; a layer of a kind that is not the library's makes its own."""
    return layer.module(activation)


@make_module.register
def _(layer: Convolution, activation: str) -> nn.Module:
    sizes = (layer.inputs, layer.outputs, layer.kernel, layer.stride, layer.groups)
    modules = nn.Sequential(Conv(*sizes, bias=layer.bias))
    if layer.norm:
        modules.append(BatchNorm(layer.outputs))
    after = layer.after(activation)
    return modules.append(make_activation(after)) if after else modules


@make_module.register
def _(layer: SqueezeExcitation, activation: str) -> nn.Module:
    return SqueezeExcite(layer.outputs, layer.squeezed, activation)


@make_module.register
def _(layer: MaxPool, activation: str) -> nn.Module:
    return nn.MaxPool2d(3, layer.stride, padding=1)


@make_module.register
def _(layer: LayerNorm, activation: str) -> nn.Module:
    return NormOverChannels(layer.outputs, eps=1e-6)


@make_module.register
def _(layer: LayerScale, activation: str) -> nn.Module:
    return Scale(layer.outputs, layer.initial)


@make_module.register
def _(layer: EfficientChannelAttention, activation: str) -> nn.Module:
    return ChannelGate(layer.kernel)


@make_module.register
def _(layer: ChannelShuffle, activation: str) -> nn.Module:
    return Shuffle(layer.groups)


@make_module.register
def _(layer: Concatenation, activation: str) -> nn.Module:
    return Concatenate(nn.Sequential(*(make_layer(each, activation) for each in path)) for path in layer.paths)


@make_module.register
def _(layer: FullyConnected, activation: str) -> nn.Module:
    return Linear(layer.inputs, layer.outputs)


def make_layer(layer: Layer | None, activation: str) -> nn.Module:
    """The module of a layer, the identity for one that is not there."""
    return nn.Identity() if layer is None or not layer.present else make_module(layer, activation)


# ---- Networks --------------------------------------------------------------------------------------------------------


class BlockModule(nn.Module):
    """A block: the layers of its main path, one after the other, around a shortcut if it is residual.

    Each layer is a module under its own name. If the block is residual, `projection` is the path of the shortcut and
    `activation` is what follows the addition; both may be the identity. `path_factor` (n, 1, 1, 1), if training sets
    it, scales the main path of each image before the addition.
    """

    path_factor: Tensor | None = None

    def __init__(self, block: Block, shape: Shape, activation: str) -> None:
        super().__init__()
        layers = block.layers(shape)
        self.main = tuple(layer.name for layer in layers)
        self.residual = block.is_residual(shape)
        for layer in layers:
            self.add_module(layer.name, make_layer(layer, activation))
        if self.residual:
            self.projection = make_layer(block.projection(shape), activation)
            self.activation = make_activation(activation) if block.final_activation else nn.Identity()

    @property
    def last_norm(self) -> nn.BatchNorm2d | Scale:
        """The last batch norm or layer scale of the main path; raises ValueError if there is none."""
        modules = [module for name in self.main for module in getattr(self, name).modules()]
        norms = [module for module in modules if isinstance(module, nn.BatchNorm2d | Scale)]
        if not norms:
            path = f"block of layers {', '.join(self.main)}"
            raise ValueError(f"{path}: expected a batch norm or a layer scale before the addition")
        return norms[-1]

    def forward(self, x: Tensor) -> Tensor:
        shortcut = self.projection(x) if self.residual else None
        for name in self.main:
            x = getattr(self, name)(x)
        if shortcut is None:
            return x
        if self.path_factor is not None:
            x = x * self.path_factor.to(x.dtype)
        return self.activation(shortcut + x)


def make_stem(layers: Iterable[Layer], activation: str) -> nn.Sequential:
    """The modules of a stem's layers in one sequence; those that are sequences themselves are taken apart."""
    stem = nn.Sequential()
    for layer in layers:
        module = make_module(layer, activation)
        stem.extend(module if isinstance(module, nn.Sequential) else [module])
    return stem


def make_stage(architecture: Architecture, stage: int) -> nn.Sequential:
    """The blocks of a stage, counted from 0; raises ValueError if its group width does not fit."""
    block, group_width = BLOCKS[architecture.block], architecture.group_widths[stage]
    if expected := block.check_group_width(group_width, architecture.bottleneck_widths[stage]):
        raise ValueError(f"architecture: group width of stage {stage + 1} is {group_width}, expected {expected}")
    shapes = [architecture.block_shape(stage, first=j == 0) for j in range(architecture.depths[stage])]
    return nn.Sequential(*(BlockModule(block, shape, architecture.activation) for shape in shapes))


class Network(nn.Module):
    """Stem, stages of blocks, a 1x1 convolution if there is a head width, average pooling, one fully connected layer.

    Maps images (n, channels, height, width) to logits (n, classes). `feature_factors` (n, features), if training sets
    them, scale what the last layer sees.
    """

    feature_factors: Tensor | None = None

    def __init__(self, architecture: Architecture, channels: int, classes: int) -> None:
        super().__init__()
        activation = architecture.activation
        self.stem = make_stem(STEMS[architecture.stem].layers(channels, architecture.stem_width), activation)
        self.stages = nn.Sequential(*(make_stage(architecture, stage) for stage in range(len(architecture.depths))))
        last, head = head_layers(architecture.widths[-1], architecture.head_width, classes)
        self.last = make_layer(last, activation)
        self.head = make_layer(head, activation)

    def forward(self, x: Tensor) -> Tensor:
        features = self.last(self.stages(self.stem(x))).mean((2, 3))
        if self.feature_factors is not None:
            features = features * self.feature_factors.to(features.dtype)
        return self.head(features)

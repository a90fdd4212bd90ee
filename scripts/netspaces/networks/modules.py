"""Networks: an `Architecture` becomes a `torch.nn.Module` (paper figures 3 and 4).

A network is a stem, a body of stages and a head; the first block of a stage carries its stride. The modules are named
`stem`, `stages.{i}.{j}.{reduce,conv,se,expand,projection}` (block mb: `expand` comes first, `reduce` last), `last`
(EfficientNet's 1x1 convolution before pooling) and `head`. The input resolution shapes no module. What a network costs
is `complexity`'s to say; hooks on the modules built here count the same integers.

Initial values follow the authors' code: convolutions N(0, 2 / (k * k * outputs)), the fan-out of a dense convolution
whatever the groups, squeeze-and-excitation included; batch norm 1 and 0; fully connected layer N(0, 0.01^2) and 0. The
biases of squeeze-and-excitation, the only ones of a convolution, keep torch's default, uniform in +-1/sqrt(inputs).
"""

import math

import torch
from torch import Tensor, nn

from netspaces.networks.architecture import Architecture


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
    global generator is neither read nor advanced. With `zero_init_residual`, the last batch norm before each residual
    addition starts at gamma 0, so that every block starts as its shortcut.

    Raises ValueError if a group width does not divide its bottleneck width.
    """
    network = Network(architecture, channels, classes)
    initialise(network, generator or torch.Generator().manual_seed(0))
    if zero_init_residual:
        for block in network.modules():
            if isinstance(block, (Bottleneck, ResidualVanilla, Mobile)) and block.residual:
                nn.init.zeros_(block.last_norm.weight)
    return network


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Fill all weights and biases from `generator` (see above); batch norm is left as constructed, at 1 and 0."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
            nn.init.normal_(module.weight, 0.0, math.sqrt(2 / fan_out), generator=generator)
            if module.bias is not None:
                bound = 1 / math.sqrt(module.weight[0].numel())
                nn.init.uniform_(module.bias, -bound, bound, generator=generator)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, 0.0, 0.01, generator=generator)
            nn.init.zeros_(module.bias)


# ---- Layers ----------------------------------------------------------------------------------------------------------


class Conv(nn.Conv2d):
    """A convolution padded to keep the resolution at stride 1, built without values: `initialise` gives them."""

    def __init__(
        self, width_in: int, width: int, kernel: int, stride: int = 1, groups: int = 1, bias: bool = False
    ) -> None:
        super().__init__(width_in, width, kernel, stride, padding=kernel // 2, groups=groups, bias=bias)

    def reset_parameters(self) -> None:
        """Nothing: the default would draw from the global generator, and be overwritten."""


class Linear(nn.Linear):
    """A fully connected layer built without values: `initialise` gives them."""

    def reset_parameters(self) -> None:
        """Nothing, as in `Conv`."""


def conv_norm(width_in: int, width: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution and its batch norm."""
    return nn.Sequential(Conv(width_in, width, kernel, stride, groups), nn.BatchNorm2d(width))


def conv_norm_act(
    width_in: int, width: int, kernel: int, activation: str, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """A convolution, its batch norm and an activation."""
    return conv_norm(width_in, width, kernel, stride, groups).append(make_activation(activation))


def make_activation(name: str) -> nn.Module:
    """The activation of that name: see `netspaces.networks.architecture.ACTIVATIONS`. It may overwrite its input."""
    return nn.ReLU(inplace=True) if name == "relu" else nn.SiLU()  # SiLU needs its input for the gradient


def shortcut(width_in: int, width: int, stride: int) -> nn.Module:
    """The identity where it fits, else a 1x1 projection that carries the stride, with batch norm."""
    if width_in == width and stride == 1:
        return nn.Identity()
    return conv_norm(width_in, width, 1, stride)


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


def squeeze_excite(width: int, squeezed: int, activation: str) -> nn.Module:
    """Squeeze-and-excitation, or nothing for a squeezed width of 0."""
    return SqueezeExcite(width, squeezed, activation) if squeezed else nn.Identity()


# ---- Blocks ----------------------------------------------------------------------------------------------------------


class Bottleneck(nn.Module):
    """Blocks x and r: 1x1, grouped 3x3 (then squeeze-and-excitation, if any), 1x1, around a shortcut."""

    residual = True

    def __init__(
        self,
        width_in: int,
        width: int,
        stride: int,
        bottleneck_width: int,
        groups: int,
        squeezed: int,
        kernel: int = 3,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        self.reduce = conv_norm_act(width_in, bottleneck_width, 1, activation)
        self.conv = conv_norm_act(bottleneck_width, bottleneck_width, kernel, activation, stride, groups)
        self.se = squeeze_excite(bottleneck_width, squeezed, activation)
        self.expand = conv_norm(bottleneck_width, width, 1)
        self.projection = shortcut(width_in, width, stride)
        self.activation = make_activation(activation)

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The last batch norm before the addition."""
        return self.expand[1]

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.projection(x) + self.expand(self.se(self.conv(self.reduce(x)))))


class Vanilla(nn.Module):
    """Block v: one 3x3 convolution, no shortcut."""

    def __init__(self, width_in: int, width: int, stride: int, kernel: int = 3, activation: str = "relu") -> None:
        super().__init__()
        self.conv = conv_norm_act(width_in, width, kernel, activation, stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class ResidualVanilla(nn.Module):
    """Block vr: one 3x3 convolution around a shortcut."""

    residual = True

    def __init__(self, width_in: int, width: int, stride: int, kernel: int = 3, activation: str = "relu") -> None:
        super().__init__()
        self.conv = conv_norm(width_in, width, kernel, stride)
        self.projection = shortcut(width_in, width, stride)
        self.activation = make_activation(activation)

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The last batch norm before the addition."""
        return self.conv[1]

    def forward(self, x: Tensor) -> Tensor:
        return self.activation(self.projection(x) + self.conv(x))


class Mobile(nn.Module):
    """Block mb, EfficientNet's MBConv: 1x1 (if it expands), depthwise k x k, squeeze-and-excitation, linear 1x1.

    The input is added where width and stride leave its shape; nothing follows the addition.
    """

    def __init__(
        self,
        width_in: int,
        width: int,
        stride: int,
        expansion: float,
        squeezed: int,
        kernel: int = 3,
        activation: str = "relu",
    ) -> None:
        super().__init__()
        expanded = round(width_in * expansion)
        self.expand = nn.Identity() if expansion == 1 else conv_norm_act(width_in, expanded, 1, activation)
        self.conv = conv_norm_act(expanded, expanded, kernel, activation, stride, groups=expanded)
        self.se = squeeze_excite(expanded, squeezed, activation)
        self.reduce = conv_norm(expanded, width, 1)
        self.residual = width_in == width and stride == 1

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The last batch norm before the addition."""
        return self.reduce[1]

    def forward(self, x: Tensor) -> Tensor:
        out = self.reduce(self.se(self.conv(self.expand(x))))
        return x + out if self.residual else out


# ---- Skeleton --------------------------------------------------------------------------------------------------------


def make_stem(name: str, channels: int, width: int, activation: str) -> nn.Sequential:
    """The stem of that name: see `netspaces.networks.architecture.STEMS`."""
    if name == "resnet":
        stem = conv_norm_act(channels, width, 7, activation, stride=2)
        return stem.append(nn.MaxPool2d(3, stride=2, padding=1))
    return conv_norm_act(channels, width, 3, activation, stride=2 if name == "simple" else 1)


def make_block(architecture: Architecture, stage: int, width_in: int, stride: int) -> nn.Module:
    """One block of a stage, for an input of `width_in` channels."""
    width, block = architecture.widths[stage], architecture.block
    common = {"kernel": architecture.kernels[stage], "activation": architecture.activation}
    if block in ("v", "vr"):
        return (Vanilla if block == "v" else ResidualVanilla)(width_in, width, stride, **common)
    # squeezed to a share of the block's input width, not of the bottleneck's; a share that rounds to 0 is none
    squeezed = round(architecture.se_ratio * width_in)
    bottleneck_width, group_width = architecture.bottleneck_widths[stage], architecture.group_widths[stage]
    groups, rest = divmod(bottleneck_width, group_width)
    if rest or (block == "r" and groups != 1) or (block == "mb" and group_width != 1):
        expected = {"x": "a divisor of", "r": "equal to", "mb": "1, depthwise, for"}[block]
        raise ValueError(
            f"architecture: group width of stage {stage + 1} is {group_width}, "
            f"expected {expected} the bottleneck width {bottleneck_width}"
        )
    if block == "mb":
        return Mobile(width_in, width, stride, 1 / architecture.bottlenecks[stage], squeezed, **common)
    return Bottleneck(width_in, width, stride, bottleneck_width, groups, squeezed, **common)


class Network(nn.Module):
    """Stem, stages of blocks, a 1x1 convolution if there is a head width, average pooling, one fully connected layer.

    Maps images (n, channels, height, width) to logits (n, classes).
    """

    def __init__(self, architecture: Architecture, channels: int, classes: int) -> None:
        super().__init__()
        self.stem = make_stem(architecture.stem, channels, architecture.stem_width, architecture.activation)
        self.stages = nn.Sequential()
        width_in = architecture.stem_width
        for stage, depth in enumerate(architecture.depths):
            blocks = nn.Sequential()
            for j in range(depth):
                blocks.append(make_block(architecture, stage, width_in, architecture.strides[stage] if j == 0 else 1))
                width_in = architecture.widths[stage]
            self.stages.append(blocks)
        self.last = nn.Identity()
        if architecture.head_width:
            self.last = conv_norm_act(width_in, architecture.head_width, 1, architecture.activation)
            width_in = architecture.head_width
        self.head = Linear(width_in, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.last(self.stages(self.stem(x))).mean((2, 3)))

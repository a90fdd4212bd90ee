"""Complexity of architectures in closed form: multiply-adds, parameters and activations of whole tables at once.

Counting rules (paper section 4; equal to the integer to the published models):

* flops: multiply-adds of every convolution and of the fully connected layer, plus one per output element of a layer
  with a bias (fc and the two SE convolutions); batch norm, ReLU and pooling count nothing;
* params: all learnable parameters;
* activations: output elements of every convolution, SE's included (the paper's definition);
* activations_all: the same plus max-pool and fc outputs (what the authors' code counts).
"""

from dataclasses import dataclass

import numpy as np

from netspaces.networks.architecture import Architectures

METRICS = ("flops", "params", "activations", "activations_all")
KERNELS = {"simple": 3, "cifar": 3, "resnet": 7}


@dataclass(frozen=True)
class Complexity:
    """Complexity of n networks, int64 arrays of shape (n,): flops [multiply-adds], params, activations [elements]."""

    flops: np.ndarray
    params: np.ndarray
    activations: np.ndarray
    activations_all: np.ndarray

    def columns(self) -> dict[str, np.ndarray]:
        """The metrics by name, in the order of `METRICS`."""
        return {name: getattr(self, name) for name in METRICS}


class _Tally:
    """Running sums over the layers of n networks."""

    def __init__(self, n: int) -> None:
        self.flops, self.params, self.activations = (np.zeros(n, np.int64) for _ in range(3))

    def conv(self, weights, outputs, resolution) -> None:
        """Convolutions with batch norm, together of so many weights and output channels, of one output resolution."""
        area = resolution * resolution
        self.flops += weights * area
        self.params += weights + 2 * outputs
        self.activations += outputs * area

    def squeeze_excite(self, width, squeezed, times=1) -> None:
        """`times` squeeze-and-excitation modules: two 1x1 convolutions with bias on a 1x1 map."""
        times = np.where((width > 0) & (squeezed > 0), times, 0)
        cost = times * (2 * width * squeezed + width + squeezed)
        self.flops += cost
        self.params += cost
        self.activations += times * (width + squeezed)


def complexity(architectures: Architectures, channels: int = 3, classes: int = 1000) -> Complexity:
    """Complexity of n networks for images of `channels` channels and `classes` classes.

    Returns int64 arrays of shape (n,). The input resolution is the architectures' own.
    """
    a = architectures
    tally = _Tally(len(a))
    plain = np.isin(a.block, ("v", "vr"))
    mobile = a.block == "mb"
    projecting = ~mobile & (a.block != "v")
    bottleneck_widths = a.bottleneck_widths

    kernel = np.select([a.stem == name for name in KERNELS], list(KERNELS.values()))
    resolution = np.where(a.stem == "cifar", a.resolution, (a.resolution + 1) // 2)
    tally.conv(kernel * kernel * channels * a.stem_width, a.stem_width, resolution)
    pooled = a.stem == "resnet"
    resolution = np.where(pooled, (resolution + 1) // 2, resolution)
    pool_outputs = np.where(pooled, a.stem_width * resolution * resolution, 0)

    width_in = a.stem_width
    for stage in range(a.depths.shape[1]):
        depth, width = a.depths[:, stage], a.widths[:, stage]
        present = depth > 0
        stride = np.maximum(a.strides[:, stage], 1)
        reduced = (resolution - 1) // stride + 1
        rest = np.maximum(depth - 1, 0)
        area = a.kernels[:, stage] ** 2
        middle = np.where(plain, 0, bottleneck_widths[:, stage])
        first, reduction, first_reduction = middle, middle, middle  # output channels of the k x k, of the 1x1 before it
        if mobile.any():
            # MBConv expands the width of the block's input, which is another one in the first block of a stage
            ratio = np.where(present, a.bottlenecks[:, stage], 1)
            first = np.where(mobile & present, np.rint(width_in / ratio).astype(np.int64), middle)
            expanding = ~mobile | (ratio != 1)
            reduction, first_reduction = middle * expanding, first * expanding
        # the first 1x1 of a stage runs at the input resolution, the stride sits in the k x k
        tally.conv(width_in * first_reduction, first_reduction, resolution)
        inner = first + rest * middle  # channels of all k x k convolutions; 0 for a block that is one dense convolution
        weights = rest * width * reduction + area * a.group_widths[:, stage] * inner + inner * width
        outputs = rest * reduction + inner + depth * width
        weights += np.where(plain, area * (width_in + rest * width) * width, 0)
        projected = present & projecting & ((width_in != width) | (stride != 1))
        tally.conv(weights + projected * width_in * width, outputs + projected * width, reduced)
        if a.se_ratio.any():
            # SE squeezes to a share of the block's input width, as in the authors' code
            tally.squeeze_excite(first, np.rint(a.se_ratio * width_in).astype(np.int64), present.astype(np.int64))
            tally.squeeze_excite(middle, np.rint(a.se_ratio * width).astype(np.int64), rest)
        resolution = np.where(present, reduced, resolution)
        width_in = np.where(present, width, width_in)

    if a.head_width.any():
        tally.conv(width_in * a.head_width, a.head_width, resolution)
        width_in = np.where(a.head_width > 0, a.head_width, width_in)
    head = (width_in + 1) * classes
    return Complexity(
        flops=tally.flops + head,
        params=tally.params + head,
        activations=tally.activations,
        activations_all=tally.activations + pool_outputs + classes,
    )

"""Architectures: the columns that describe networks, and the two rules that shape them.

An architecture is the complete structure of one network: stem, per-stage depths, widths, bottleneck ratios, group
widths, strides and kernels, block, squeeze-and-excitation ratio, activation, head, input resolution. `Architecture` is
one of them, `Architectures` a table of n of them as numpy arrays, which is what sampling and complexity work on.

Two rules of the paper live here: widths and group widths are made compatible (`make_compatible`, section 3.1),
and RegNet's quantised linear rule turns (d, w_0, w_a, w_m) into stage depths and widths (`quantised_linear`, eq. 2-4);
`unquantised_linear` is its rival without stages of one width.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np

BLOCKS = ("x", "r", "v", "vr", "mb")
"""x: 1x1, grouped 3x3, 1x1, residual (with SE it is the Y block); r: x without groups; v: one 3x3; vr: v, residual;
mb: EfficientNet's MBConv, 1x1 to the block's input width over b (absent if b is 1), depthwise 3x3, linear 1x1, residual
only where the identity fits. Kernels of another size may stand in place of the 3x3."""

STEMS = ("simple", "cifar", "resnet")
"""simple: 3x3, stride 2; cifar: 3x3, stride 1; resnet: 7x7, stride 2, then a 3x3 max-pool of stride 2."""

ACTIVATIONS = ("relu", "silu")
"""The nonlinearity everywhere in a network; silu is the paper's Swish."""

TEXT = ("block", "stem", "activation")
WHOLE = ("block", "stem", "stem_width", "resolution", "se_ratio", "activation", "head_width")
PER_STAGE = ("depths", "widths", "bottlenecks", "group_widths", "strides", "kernels")
SINGULAR = {name: name.removesuffix("s") for name in PER_STAGE}


@dataclass(frozen=True)
class Architecture:
    """The structure of one network; tuples hold one value per stage.

    `bottlenecks` is the paper's b = width / bottleneck width (below 1: an inverted bottleneck), `group_widths` the
    paper's g (channels per group of the 3x3 convolution). Blocks v and vr have neither: both are 1 there by convention.
    Block mb is depthwise, g is 1, and its b is the block's input width by the width of the depthwise convolution.
    `head_width` is that of a 1x1 convolution before pooling, 0 for none; `kernels`, if empty, becomes 3 in all stages.
    """

    block: str
    stem: str
    stem_width: int
    resolution: int
    se_ratio: float
    depths: tuple[int, ...]
    widths: tuple[int, ...]
    bottlenecks: tuple[float, ...]
    group_widths: tuple[int, ...]
    strides: tuple[int, ...]
    kernels: tuple[int, ...] = ()
    activation: str = "relu"
    head_width: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "kernels", self.kernels or (3,) * len(self.depths))
        for name, allowed in (("block", BLOCKS), ("stem", STEMS), ("activation", ACTIVATIONS)):
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"architecture: {name} is {getattr(self, name)!r}, expected one of {', '.join(allowed)}"
                )
        lengths = {len(getattr(self, name)) for name in PER_STAGE}
        if len(lengths) != 1:
            raise ValueError(
                f"architecture: {', '.join(PER_STAGE)} must have one value per stage, got lengths {lengths}"
            )
        if self.block in ("v", "vr") and self.se_ratio:
            raise ValueError(f"architecture: se_ratio is {self.se_ratio}, expected 0: block {self.block} has no SE")
        if even := [kernel for kernel in self.kernels if kernel % 2 == 0]:
            raise ValueError(f"architecture: kernel is {even[0]}, expected an odd number")
        # 1 and 1.0 are equal, but not in JSON: equal architectures must have equal keys
        object.__setattr__(self, "se_ratio", float(self.se_ratio))
        object.__setattr__(self, "bottlenecks", tuple(float(b) for b in self.bottlenecks))

    @property
    def depth(self) -> int:
        """Number of blocks."""
        return sum(self.depths)

    @property
    def bottleneck_widths(self) -> tuple[int, ...]:
        """Channels of the 3x3 convolution of each stage; in block mb, of all blocks but the first."""
        return tuple(int(round(w / b)) for w, b in zip(self.widths, self.bottlenecks, strict=True))

    def to_dict(self) -> dict:
        """As plain JSON values: what run records hold."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping) -> "Architecture":
        """The inverse of `to_dict`; raises ValueError naming a missing or unknown key."""
        known = {field.name for field in fields(cls)}
        if wrong := known.symmetric_difference(values):
            raise ValueError(f"architecture: missing or unknown keys {sorted(wrong)}")
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


@dataclass(frozen=True)
class Architectures:
    """n architectures as arrays: shape (n,) for whole-network columns, (n, stages) for per-stage ones.

    Stages that a network does not have (tables that mix 3, 4 and 5 stages) are zero in every per-stage column.
    """

    block: np.ndarray
    stem: np.ndarray
    stem_width: np.ndarray
    resolution: np.ndarray
    se_ratio: np.ndarray
    depths: np.ndarray
    widths: np.ndarray
    bottlenecks: np.ndarray
    group_widths: np.ndarray
    strides: np.ndarray
    kernels: np.ndarray
    activation: np.ndarray
    head_width: np.ndarray

    def __len__(self) -> int:
        return len(self.depths)

    def __getitem__(self, rows) -> "Architectures":
        """The architectures of some rows (a slice, a mask or an index array)."""
        return Architectures(*(getattr(self, field.name)[rows] for field in fields(self)))

    def row(self, i: int) -> Architecture:
        """Architecture i, on its own."""
        stages = int(np.count_nonzero(self.depths[i]))
        per_stage = {name: tuple(getattr(self, name)[i, :stages].tolist()) for name in PER_STAGE}
        return Architecture(**{name: getattr(self, name)[i].item() for name in WHOLE}, **per_stage)

    @classmethod
    def from_rows(cls, rows: Sequence[Architecture]) -> "Architectures":
        """A table of single architectures, padded with zeros to the largest number of stages."""
        stages = max((len(row.depths) for row in rows), default=0)

        def column(name: str) -> np.ndarray:
            if name not in PER_STAGE:
                return np.array([getattr(row, name) for row in rows])
            dtype = float if name == "bottlenecks" else np.int64
            padded = np.zeros((len(rows), stages), dtype)
            for i, row in enumerate(rows):
                padded[i, : len(row.depths)] = getattr(row, name)
            return padded

        return cls(*(column(field.name) for field in fields(cls)))

    @classmethod
    def from_columns(cls, columns: Mapping[str, Sequence]) -> "Architectures":
        """The inverse of `columns`: from flat columns, among which there may be others."""
        stages = sum(re.fullmatch(r"depth_\d+", name) is not None for name in columns)

        def values(name: str, column: str) -> np.ndarray:
            dtype = str if name in TEXT else float if name in ("se_ratio", "bottlenecks") else np.int64
            return np.asarray(columns[column]).astype(dtype)

        whole = {name: values(name, name) for name in WHOLE}
        per_stage = {
            name: np.stack([values(name, f"{SINGULAR[name]}_{stage + 1}") for stage in range(stages)], axis=1)
            for name in PER_STAGE
        }
        return cls(**whole, **per_stage)

    @property
    def bottleneck_widths(self) -> np.ndarray:
        """As `Architecture.bottleneck_widths`, (n, stages); 0 where a network has no such stage."""
        return np.rint(self.widths / np.maximum(self.bottlenecks, 1e-9) * (self.widths > 0)).astype(np.int64)

    def columns(self) -> dict[str, np.ndarray]:
        """Flat columns, one value per network: depth, stages, then depth_1, width_1, bottleneck_1 ... per stage."""
        flat = {name: getattr(self, name) for name in WHOLE}
        flat["stages"] = np.count_nonzero(self.depths, axis=1)
        flat["depth"] = self.depths.sum(axis=1)
        for name in PER_STAGE:
            values = getattr(self, name)
            flat |= {f"{SINGULAR[name]}_{stage + 1}": values[:, stage] for stage in range(values.shape[1])}
        return flat


def architecture_key(architecture: Architecture) -> str:
    """A short hash of the structure: equal for equal architectures, whatever space they were drawn from."""
    text = json.dumps(architecture.to_dict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def make_compatible(
    widths: np.ndarray, bottlenecks: np.ndarray, group_widths: np.ndarray, block: str = "x"
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Adjust widths and group widths so that the groups divide the bottleneck width (section 3.1).

    The group width is capped at the bottleneck width, which is then rounded (half to even) to a multiple of it, and the
    block width follows; a width that b divides moves by at most a third. For an inverted bottleneck the bottleneck
    width is rounded to a multiple of both the group width and the expansion 1/b (and if even one such multiple exceeds
    it, the width moves further). Block r has a single group; v and vr have no bottleneck; mb is depthwise, which any
    width fits.

    Parameters: arrays of one shape, widths in channels, bottlenecks whole numbers or one over a whole number. Returns
    (widths, bottlenecks, group_widths), 0.333333 being exactly 1/3; raises ValueError for any other bottleneck.
    """
    if block in ("v", "vr"):
        return widths, np.ones_like(bottlenecks), np.ones_like(group_widths)
    ratio = np.maximum(bottlenecks, 1 / bottlenecks)
    if not (regular := np.isclose(ratio, np.rint(ratio))).all():
        wrong = np.asarray(bottlenecks)[~regular][0]
        raise ValueError(f"bottleneck: {wrong:g} is neither a whole number nor one over a whole number")
    expansion = np.maximum(np.rint(1 / bottlenecks), 1).astype(np.int64)
    inverted = expansion > 1
    bottlenecks = np.where(inverted, 1 / expansion, np.rint(bottlenecks))
    if block == "mb":
        return widths, bottlenecks, np.ones_like(group_widths)
    bottleneck_widths = np.maximum(np.where(inverted, widths * expansion, widths // np.maximum(bottlenecks, 1)), 1)
    bottleneck_widths = bottleneck_widths.astype(np.int64)
    if block == "r":
        group_widths = bottleneck_widths
    else:
        group_widths = np.minimum(group_widths, bottleneck_widths)
        multiple = np.where(inverted, np.lcm(group_widths, expansion), group_widths)
        bottleneck_widths = np.maximum(multiple, multiple * np.rint(bottleneck_widths / multiple).astype(np.int64))
    widths = np.where(inverted, bottleneck_widths // expansion, bottleneck_widths * np.maximum(bottlenecks, 1))
    return widths.astype(np.int64), bottlenecks, group_widths


def quantised_linear(
    depth: np.ndarray, w_0: np.ndarray, w_a: np.ndarray, w_m: np.ndarray, stages: int, step: int = 8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """RegNet's quantised linear widths (paper eq. 2-4): u_j = w_0 + w_a j, s_j = log(u_j/w_0)/log(w_m), j < depth.

    Block j gets the width w_0 w_m^round(s_j), rounded to a multiple of `step` channels; blocks of equal width are a
    stage. A parameter set is valid if that gives exactly `stages` widths with no exponent skipped (as the peer's code
    requires; the paper asks for four stages).

    Parameters: arrays of shape (n,). Returns (valid (n,), depths (n, stages), widths (n, stages)); rows that are not
    valid are zero.
    """
    n = len(depth)
    depths, widths = np.zeros((n, stages), np.int64), np.zeros((n, stages), np.int64)
    # written as the authors do: the same rounding errors send the same ties the same way
    largest = np.rint(np.log((w_0 + w_a * (depth - 1)) / w_0) / np.log(w_m))
    rows = np.flatnonzero(largest == stages - 1)  # the cheap test first: it rejects three draws of four
    if not len(rows):
        return np.zeros(n, bool), depths, widths
    d, base, slope, factor = (x[rows] for x in (depth, w_0, w_a, w_m))
    j = np.arange(d.max())
    exponents = np.rint(np.log((base[:, None] + slope[:, None] * j) / base[:, None]) / np.log(factor)[:, None])
    exponents[j[None, :] >= d[:, None]] = -1
    levels = np.arange(stages)
    depths[rows] = (exponents[:, :, None] == levels).sum(axis=1)
    widths[rows] = step * np.rint(base[:, None] * factor[:, None] ** levels / step)
    valid = (depths > 0).all(axis=1) & (widths > 0).all(axis=1) & (np.diff(widths, axis=1) > 0).all(axis=1)
    depths[~valid], widths[~valid] = 0, 0
    return valid, depths, widths


def unquantised_linear(
    depths: np.ndarray, strides: Sequence[int], w_0: np.ndarray, w_a: np.ndarray, step: int = 8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The widths that `quantised_linear` quantises: block j has u_j = w_0 + w_a j, rounded to a multiple of `step`.

    Every block becomes a stage of its own; the resolution falls where it falls in RegNet's stages.

    Parameters: RegNet's depths (n, stages) and strides of stages, w_0 and w_a (n,). Returns depths (1 for a block that
    exists), widths and strides, (n, largest number of blocks), zero beyond a network's last block.
    """
    total = depths.sum(axis=1, keepdims=True)
    j = np.arange(total.max(initial=0))
    present = (j < total).astype(np.int64)
    widths = present * step * np.maximum(1, np.rint((w_0[:, None] + w_a[:, None] * j) / step)).astype(np.int64)
    starts = np.cumsum(depths, axis=1) - depths
    block_strides = present.copy()
    np.put_along_axis(block_strides, starts, np.broadcast_to(strides, depths.shape), axis=1)
    return present, widths, block_strides


def regnet(
    depth: int, w_0: int, w_a: float, w_m: float, group_width: int, se_ratio: float = 0.0, stages: int = 4
) -> Architecture:
    """One RegNetX (or, with an SE ratio, RegNetY) of the paper's ImageNet skeleton; raises ValueError if not valid."""
    parameters = (np.array([value]) for value in (depth, w_0, w_a, w_m))
    valid, depths, widths = quantised_linear(*parameters, stages=stages)
    if not valid[0]:
        raise ValueError(f"RegNet: d={depth}, w_0={w_0}, w_a={w_a}, w_m={w_m} does not give {stages} stages")
    ones = np.ones_like(widths)
    widths, bottlenecks, groups = make_compatible(widths, ones.astype(float), ones * group_width)
    rows = (depths[0], widths[0], bottlenecks[0], groups[0], 2 * ones[0])
    depths, widths, bottlenecks, groups, strides = (tuple(row.tolist()) for row in rows)
    return Architecture("x", "simple", 32, 224, se_ratio, depths, widths, bottlenecks, groups, strides)

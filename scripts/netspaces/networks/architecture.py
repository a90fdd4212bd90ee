"""Architectures: the columns that describe networks.

An architecture is the complete structure of one network: stem, per-stage depths, widths, bottleneck ratios, group
widths, strides and kernels, block, squeeze-and-excitation ratio, activation, head, input resolution. `Architecture` is
one of them, `Architectures` a table of n of them as numpy arrays, which is what sampling and complexity work on.

The rules that shape architectures live in `netspaces.networks.widths` and `netspaces.networks.compatibility`.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from netspaces.files.suggestions import one_of
from netspaces.networks.block import Shape
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.layers import ACTIVATIONS
from netspaces.networks.stems import STEMS

TEXT = ("block", "stem", "activation")
WHOLE = ("block", "stem", "stem_width", "resolution", "se_ratio", "activation", "head_width")
PER_STAGE = ("depths", "widths", "bottlenecks", "group_widths", "strides", "kernels")
SINGULAR = {name: name.removesuffix("s") for name in PER_STAGE}

ADDED_LATER: dict[str, object] = {}
"""Columns that were added after runs had been stored, each with its neutral value: the one that means what networks
were before, in all stages of a column per stage. Identities leave a column out where it has that value, so that old
runs stay valid; it must be the default of the field too, because old records do not state it."""


@dataclass(frozen=True)
class Architecture:
    """The structure of one network; tuples hold one value per stage.

    `bottlenecks` is the paper's b = width / bottleneck width (below 1: an inverted bottleneck), `group_widths` the
    paper's g (channels per group of the k x k convolution); both are 1 by convention where a block has none.
    `head_width` is that of a 1x1 convolution before pooling, 0 for none; `kernels`, if empty, becomes 3 in all stages.

    Examples
    --------
    >>> import netspaces
    >>> network = netspaces.regnet(22, 24, 24.48, 2.54, group_width=16)
    >>> network.depth, netspaces.Architecture.from_dict(network.to_dict()) == network
    (22, True)
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
                    f"architecture: {name} is {getattr(self, name)!r}, expected {one_of(getattr(self, name), allowed)}"
                )
        lengths = {len(getattr(self, name)) for name in PER_STAGE}
        if len(lengths) != 1:
            raise ValueError(
                f"architecture: {', '.join(PER_STAGE)} must have one value per stage, got lengths {lengths}"
            )
        if self.se_ratio and "se_ratio" not in BLOCKS[self.block].parameters:
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

    def block_shape(self, stage: int, first: bool) -> Shape:
        """The numbers of a block of a stage (counted from 0): of its first, which carries the stride, or of any other.

        The first block of all takes the stem's channels.
        """
        before = (self.stem_width, *self.widths)[stage]
        return Shape(
            inputs=before if first else self.widths[stage],
            width=self.widths[stage],
            stride=self.strides[stage] if first else 1,
            bottleneck=self.bottlenecks[stage],
            group_width=self.group_widths[stage],
            kernel=self.kernels[stage],
            se_ratio=self.se_ratio,
        )

    def to_dict(self) -> dict:
        """As plain JSON values: what run records hold."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    def identity(self) -> dict:
        """What makes this architecture differ from others, as plain JSON values: what keys are hashes of.

        This is `to_dict` without the columns of `ADDED_LATER` that have their neutral value.
        """
        return {name: value for name, value in self.to_dict().items() if not _is_neutral(name, value)}

    @classmethod
    def from_dict(cls, values: Mapping) -> "Architecture":
        """The inverse of `to_dict`; raises ValueError naming a missing or unknown key."""
        known = {field.name for field in fields(cls)}
        if wrong := known.symmetric_difference(values) - set(ADDED_LATER).difference(values):
            raise ValueError(f"architecture: missing or unknown keys {sorted(wrong)}")
        columns: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        return cls(**columns)


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
        columns: dict[str, Any] = {name: getattr(self, name)[i].item() for name in WHOLE}
        columns |= {name: tuple(getattr(self, name)[i, :stages].tolist()) for name in PER_STAGE}
        return Architecture(**columns)

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
    text = json.dumps(architecture.identity(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_neutral(name: str, value: object) -> bool:
    """Whether a value of `to_dict` is the neutral one of a column that was added later."""
    if name not in ADDED_LATER:
        return False
    values = value if isinstance(value, list) else [value]
    return all(single == ADDED_LATER[name] for single in values)

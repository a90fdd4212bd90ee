"""Complexity of architectures in closed form: the metrics of whole tables at once.

Nothing about any block is said here: every block declares its layers, and every layer what it counts
(`netspaces.networks.layers` has the counting rules). A stage costs its first block, which carries the stride, and
depth - 1 times any other block.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from netspaces.files.suggestions import one_of
from netspaces.networks.architecture import Architectures
from netspaces.networks.block import Block, Shape
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.head import head_layers
from netspaces.networks.layers import Count, Layer, Size, count_layer
from netspaces.networks.metrics import METRICS
from netspaces.networks.stems import STEMS

ELEMENTS = 16_000
"""Stages of networks that are counted at once: their arrays stay in the processor's cache."""


@dataclass(frozen=True)
class Complexity:
    """Complexity of n networks, int64 arrays of shape (n,) by metric; each metric is an attribute, too: `.flops`."""

    values: dict[str, np.ndarray]

    def __getattr__(self, name: str) -> np.ndarray:
        if name not in METRICS:
            raise AttributeError(f"complexity: {name} is unknown, expected {one_of(name, METRICS)}")
        return self.values[name]

    def columns(self) -> dict[str, np.ndarray]:
        """The metrics by name, in the order of `METRICS`."""
        return dict(self.values)


def complexity(architectures: Architectures, channels: int = 3, classes: int = 1000) -> Complexity:
    """Complexity of n networks for images of `channels` channels and `classes` classes.

    Returns int64 arrays of shape (n,). The input resolution is the architectures' own.
    """
    values = {name: np.zeros(len(architectures), np.int64) for name in METRICS}
    for rows in _parts(architectures):
        count = _count_networks(architectures[rows], channels, classes)
        for name, metric in METRICS.items():
            values[name][rows] = metric.of(count)
    return Complexity(values)


def _parts(table: Architectures) -> Iterator[slice | np.ndarray]:
    """The rows of a table in parts of one block and one stem that are small enough to be counted at once."""
    size = max(1, ELEMENTS // max(1, table.depths.shape[1]))
    for start in range(0, len(table), size):
        rows = slice(start, start + size)
        block, stem = table.block[rows], table.stem[rows]
        if (block == block[0]).all() and (stem == stem[0]).all():
            yield rows
            continue
        for one_block, one_stem in set(zip(block.tolist(), stem.tolist(), strict=True)):
            yield start + np.flatnonzero((block == one_block) & (stem == one_stem))


def _count_networks(table: Architectures, channels: int, classes: int) -> Count:
    """What networks of one block and one stem count, arrays of shape (n,)."""
    block, stem = BLOCKS[str(table.block[0])], STEMS[str(table.stem[0])]
    stem_width = _uniform(table.stem_width)
    stem_count, resolution = _count_layers(stem.layers(channels, stem_width), _uniform(table.resolution))
    depths = _by_stage(table.depths)
    present = depths > 0
    full = bool(present.all())
    shape = _first_blocks(table, stem_width, full)
    before, resolution = _resolutions(resolution, shape.stride, present, full)
    first, after = count_blocks(block, shape, before)
    stages = first.times(1 if full else present)
    if (depths > 1).any():
        others, _ = count_blocks(block, replace(shape, inputs=shape.width, stride=1), after)
        stages += others.times(np.maximum(depths - 1, 0))
    last = shape.width[-1] if full else shape.width[present.sum(axis=0) - 1, np.arange(len(table))]
    head_count, _ = _count_layers(head_layers(last, _uniform(table.head_width), classes), resolution)
    return stem_count + stages.over_stages(depths.shape) + head_count


def _first_blocks(table: Architectures, stem_width: Size, full: bool) -> Shape:
    """The shapes of the first blocks of all stages, arrays of shape (stages, n) or numbers.

    Stages that a network does not have get numbers with which no arithmetic fails; if `full`, there are none.
    """
    widths, bottlenecks, strides = _by_stage(table.widths), table.bottlenecks, table.strides
    if not full:
        bottlenecks, strides = (np.where(column > 0, column, 1) for column in (bottlenecks, strides))
    inputs = np.empty_like(widths)
    inputs[0], inputs[1:] = stem_width, widths[:-1]
    return Shape(
        inputs=inputs,
        width=widths,
        stride=_by_stage(_uniform(strides)),
        bottleneck=_by_stage(bottlenecks),
        group_width=_by_stage(table.group_widths),
        kernel=_by_stage(_uniform(table.kernels)),
        se_ratio=_uniform(table.se_ratio),
    )


def _resolutions(resolution: Size, strides: Size, present: np.ndarray, full: bool) -> tuple[np.ndarray, Size]:
    """Pixels a side before each stage, (stages, n or 1), and after the last; every stride rounds up."""
    stages, n = present.shape
    differs = isinstance(resolution, np.ndarray) or np.size(strides) > stages or not full
    before = np.empty((stages, n if differs else 1), np.int64)
    for stage in range(stages):
        before[stage] = resolution
        stride = strides[stage] if isinstance(strides, np.ndarray) else strides
        reduced = (resolution - 1) // stride + 1
        resolution = reduced if full else np.where(present[stage], reduced, resolution)
    return before, resolution


def count_blocks(block: Block, shape: Shape, resolution: Size) -> tuple[Count, Size]:
    """What blocks count for inputs of `resolution` pixels a side, and the resolution of their outputs."""
    main, reduced = _count_layers(block.layers(shape), resolution)
    projection = block.projection(shape)
    if projection is None or projection.is_absent:
        return main, reduced
    return main + count_layer(projection, reduced), reduced


def _count_layers(layers: Iterable[Layer], resolution: Size) -> tuple[Count, Size]:
    """What layers in a row count for an input of `resolution` pixels a side, and the resolution of their output."""
    total = Count()
    for layer in layers:
        resolution = layer.resolution_after(resolution)
        if not layer.is_absent:
            total += count_layer(layer, resolution)
    return total, resolution


def _uniform(column: np.ndarray) -> Size:
    """A column of n rows in its shortest form: one number if all are equal, one row if all rows are, else as it is."""
    least = column.min()
    if least == column.max():
        return least.item()
    if column.ndim == 1 or not (column[0] == column[-1]).all():  # the cheap test first: most columns vary
        return column
    return column[:1] if (column == column[:1]).all() else column


def _by_stage(column: Size) -> Size:
    """A column of shape (n, stages) as (stages, n) in contiguous memory; a number stays as it is."""
    return np.ascontiguousarray(column.T) if isinstance(column, np.ndarray) else column

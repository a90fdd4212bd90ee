"""Checks of a user's block without torch: its layers fit each other and the shape, for one network and for many.

Each fault is a PluginError, one line with the plug-in's file, the line there, and the shape at which it shows.
`netspaces.networks.built_check` goes on where this ends: it builds the layers and counts them again.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, fields
from numbers import Integral

import numpy as np

from netspaces.networks.block import Block, Shape
from netspaces.networks.complexity import count_blocks
from netspaces.networks.layers import Count, Layer
from netspaces.plugins.loading import Plugin, PluginError, naming_plugins

RESERVED = ("projection", "activation")
HINT = "; layers() gets arrays of many networks too: use present= and arithmetic in place of if, int and max"


@dataclass(frozen=True)
class Case:
    """A block to try: its numbers, the pixels a side of its input, and the activation of its network."""

    shape: Shape
    resolution: int
    activation: str = "relu"

    def __str__(self) -> str:
        shape = self.shape
        numbers = f"inputs {shape.inputs}, width {shape.width}, stride {shape.stride}, bottleneck {shape.bottleneck:g}"
        return f"{numbers}, group width {shape.group_width}, kernel {shape.kernel}, se_ratio {shape.se_ratio:g}"


def check_declared(block: Block, plugin: Plugin, cases: Sequence[Case]) -> None:
    """Check what a block declares in some shapes; raises PluginError."""
    counts = []
    for case in cases:
        with naming_plugins():
            layers = block.layers(case.shape)
        _check_names(layers, block, plugin)
        _check_chain(layers, case, block, plugin)
        with naming_plugins():
            counts.append(count_blocks(block, case.shape, case.resolution)[0])
            for layer in layers:
                layer.describe(case.activation)
    _check_arrays(block, plugin, cases, counts)


def fault(plugin: Plugin, block: Block, message: str, case: Case | None = None, layer: str = "") -> PluginError:
    """The error of a block, or of one of its layers, at the line that names the layer, else at that of `layers`."""
    line = _line_naming(plugin, layer) if layer else None
    line = line or _line_of_layers(plugin, block)
    where = f"block {block.name}: {f'layer {layer}: ' if layer else ''}"
    shape = f" ({case})" if case else ""
    return PluginError(f"plugins: {plugin.path}{f': line {line}' if line else ''}: {where}{message}{shape}")


def _check_names(layers: object, block: Block, plugin: Plugin) -> None:
    if not isinstance(layers, list | tuple) or not all(isinstance(layer, Layer) for layer in layers):
        raise fault(plugin, block, f"layers() returned {layers!r:.80}, expected a list of layers")
    names = [layer.name for layer in layers]
    for name in names:
        if not isinstance(name, str) or not name.isidentifier() or name in RESERVED:
            raise fault(plugin, block, f"a layer is called {name!r}, expected a name, not {' or '.join(RESERVED)}")
        if names.count(name) > 1:
            raise fault(plugin, block, "two layers have this name, expected a name for each", layer=name)


def _check_chain(layers: Sequence[Layer], case: Case, block: Block, plugin: Plugin) -> None:
    """Each layer takes what the one before gives, and the last gives the block's width at the block's stride."""
    channels, resolution, shape = case.shape.inputs, case.resolution, case.shape
    last = ""
    for layer in (layer for layer in layers if not layer.is_absent):
        for name, size in (("inputs", layer.inputs), ("outputs", layer.outputs), ("stride", layer.stride)):
            if not isinstance(size, Integral) or size < 1:
                raise fault(plugin, block, f"{name} is {size!r}, expected a whole number above 0", case, layer.name)
        if layer.inputs != channels:
            raise fault(plugin, block, f"takes {layer.inputs} channels, but gets {channels}", case, layer.name)
        channels, resolution, last = layer.outputs, layer.resolution_after(resolution), layer.name
    if channels != shape.width:
        expected = f"expected the width {shape.width}"
        raise fault(plugin, block, f"the last layer gives {channels} channels, {expected}", case, last)
    reduced = (case.resolution - 1) // shape.stride + 1
    if resolution != reduced:
        given = f"its layers give {resolution} pixels a side from {case.resolution}"
        raise fault(plugin, block, f"{given}, expected {reduced}: their strides multiply to the block's", case)


def _check_arrays(block: Block, plugin: Plugin, cases: Sequence[Case], counts: Sequence[Count]) -> None:
    """What many blocks count at once, as in sampling, is what each of them counts."""
    numbers = {field.name: np.array([getattr(case.shape, field.name) for case in cases]) for field in fields(Shape)}
    resolutions = np.array([case.resolution for case in cases])
    try:
        with naming_plugins():
            together, _ = count_blocks(block, Shape(**numbers), resolutions)
    except PluginError as error:
        raise PluginError(f"{error}{HINT}") from error
    except Exception as error:
        raise fault(plugin, block, f"{type(error).__name__}: {error}{HINT}") from error
    for quantity in (field.name for field in fields(Count)):
        many = np.broadcast_to(getattr(together, quantity), len(cases))
        for case, count, of_many in zip(cases, counts, many, strict=True):
            if getattr(count, quantity) != of_many:
                words = quantity.replace("_", " ")
                difference = f"counts {getattr(count, quantity):,} {words} alone and {of_many:,} among many networks"
                raise fault(plugin, block, f"{difference}, expected the same{HINT}", case)


def _line_naming(plugin: Plugin, layer: str) -> int | None:
    """The first line of the file that holds a layer's name as a text."""
    tree = ast.parse(plugin.file.read_bytes())
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value == layer]
    return min(lines, default=None)


def _line_of_layers(plugin: Plugin, block: Block) -> int | None:
    """The line of the block's `layers`, if the plug-in's file has it."""
    code = getattr(type(block).layers, "__code__", None)
    return code.co_firstlineno if code is not None and code.co_filename == str(plugin.file) else None

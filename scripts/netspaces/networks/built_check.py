"""Checks of a user's block with torch: each layer is built, run, and counted by hooks; one small block takes a step.

The counts are those of convolutions, matrix products and biases, found where torch computes them, so that they do not
rest on what a layer says. A layer of a kind of the user's without any of these may count multiply-adds as it likes; all
learnable parameters are compared in any case. Most shapes are tried on torch's device without memory.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.utils.flop_counter import FlopCounterMode

from netspaces.networks import layers as library
from netspaces.networks.block import Block
from netspaces.networks.block_check import Case, fault
from netspaces.networks.layers import Count, Layer
from netspaces.networks.modules import BlockModule, initialise, make_layer
from netspaces.plugins.loading import Plugin, PluginError, naming_plugins


def check_built(block: Block, plugin: Plugin, cases: Sequence[Case], starts_as_shortcut: bool) -> None:
    """Build a block in some shapes, compare counts and shapes of outputs, and train the smallest one for a step.

    `starts_as_shortcut` says whether recipes want the last norm of the main path to start at 0. Raises PluginError.
    """
    for case in cases:
        try:
            _check_case(block, plugin, case, "meta")
        except PluginError:  # what fails without memory may still run with it
            _check_case(block, plugin, case, "cpu")
    smallest = min(cases, key=lambda case: case.shape.inputs * case.shape.width * case.resolution**2)
    _check_step(block, plugin, smallest)
    if starts_as_shortcut:
        _check_start(block, plugin, cases)


def _check_case(block: Block, plugin: Plugin, case: Case, device: str) -> None:
    """Build and run the layers one by one, then the block."""
    shape = case.shape
    images = torch.zeros(1, shape.inputs, case.resolution, case.resolution, device=device)
    x = images
    for layer in block.layers(shape):
        if not layer.is_absent:
            x = _check_layer(block, plugin, case, layer, x)
    projection = block.projection(shape)
    if projection is not None and not projection.is_absent:
        _check_layer(block, plugin, case, projection, images)
    with _blamed(block, plugin, case, ""), torch.device(device), torch.no_grad():
        output = BlockModule(block, shape, case.activation).eval()(images)
    if output.shape != x.shape:
        raise fault(plugin, block, f"its output has the shape {_sides(output)}, expected {_sides(x)}", case)


def _check_layer(block: Block, plugin: Plugin, case: Case, layer: Layer, x: torch.Tensor) -> torch.Tensor:
    """Build one layer, compare what it counts, and return its output."""
    resolution = layer.resolution_after(x.shape[-1])
    with _blamed(block, plugin, case, layer.name):
        with torch.device(x.device):
            module = make_layer(layer, case.activation).eval()
        counted = layer.count(resolution)
        output, measured = _measure(module, x)
        if not isinstance(output, torch.Tensor):
            raise TypeError(f"its module returned {type(output).__name__}, expected a tensor")
    if output.shape != (1, layer.outputs, resolution, resolution):
        expected = f"{layer.outputs} × {resolution} × {resolution}"
        raise fault(plugin, block, f"its output has the shape {_sides(output)}, expected {expected}", case, layer.name)
    of_library = type(layer).__module__ == library.__name__
    for quantity in ("parameters", "multiply_adds", "convolution_outputs"):
        ours, theirs = getattr(counted, quantity), getattr(measured, quantity)
        if ours != theirs and (of_library or theirs or quantity == "parameters"):
            difference = f"counts {ours:,} {quantity.replace('_', ' ')}, but its module has {theirs:,}"
            raise fault(plugin, block, difference, case, layer.name)
    return output


def _measure(module: nn.Module, x: torch.Tensor) -> tuple[torch.Tensor, Count]:
    """The output of a module, and what hooks see it cost."""
    biases = outputs = 0

    def count(part: nn.Module, inputs: object, output: torch.Tensor) -> None:
        nonlocal biases, outputs
        biases += output.numel() if part.bias is not None else 0
        outputs += output.numel() if isinstance(part, _ConvNd) else 0

    hooks = [part.register_forward_hook(count) for part in module.modules() if isinstance(part, _ConvNd | nn.Linear)]
    with torch.no_grad(), FlopCounterMode(display=False) as products:
        output = module(x)
    for hook in hooks:
        hook.remove()
    parameters = sum(parameter.numel() for parameter in module.parameters())
    return output, Count(products.get_total_flops() // 2 + biases, parameters, outputs)


def _check_step(block: Block, plugin: Plugin, case: Case) -> None:
    """Run one block forwards and backwards as in training."""
    generator = torch.Generator().manual_seed(0)
    with _blamed(block, plugin, case, ""), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        module = BlockModule(block, case.shape, case.activation).train()
        initialise(module, generator)
        images = torch.randn(4, case.shape.inputs, case.resolution, case.resolution, generator=generator)
        output = module(images)
        if not output.isfinite().all():
            raise ValueError("its output is not finite at its initial values")
        (output**2).sum().backward()
    for name, parameter in module.named_parameters():
        if parameter.requires_grad and parameter.grad is None:
            unused = f"the parameter {name} has no influence on its output, so it cannot be trained"
            raise fault(plugin, block, unused, case, name.split(".")[0])


def _check_start(block: Block, plugin: Plugin, cases: Sequence[Case]) -> None:
    """A block with a shortcut has a norm that can start at 0."""
    for case in cases:
        with _blamed(block, plugin, case, ""), torch.device("meta"):
            module = BlockModule(block, case.shape, case.activation)
        try:
            _ = module.last_norm if module.residual else None
        except ValueError as error:
            raise fault(plugin, block, f"{error}, or recipes with zero_init_residual: false", case) from error


def _sides(tensor: torch.Tensor) -> str:
    return " × ".join(map(str, tensor.shape[1:]))


@contextmanager
def _blamed(block: Block, plugin: Plugin, case: Case, layer: str) -> Iterator[None]:
    """An exception while a layer is built or run, in one line: where the plug-in raised it, else at the layer."""
    try:
        with naming_plugins():
            yield
    except PluginError:
        raise
    except Exception as error:
        cause = f"{type(error).__name__}: {error}".splitlines()[0]
        raise fault(plugin, block, cause, case, layer) from error

"""Checks of the user's block and family in one design space: their faults show before anything is trained.

What passed is remembered in the engine's folder, once for what plug-ins and space say. Where there is no torch, as may
be in the engine's own process, the part that needs it is left to the first training job.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from netspaces.networks.architecture import Architecture
from netspaces.networks.block_check import Case, check_declared, fault
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.stems import STEMS
from netspaces.plugins.loading import Plugin, PluginError, naming_plugins
from netspaces.spaces.families import FAMILIES
from netspaces.spaces.family_check import check_family
from netspaces.spaces.sampling import stream_key
from netspaces.spaces.space import Space

CHECK_VERSION = 1
"""To be raised by hand when the checks see more than before."""

PASSED = Path(".snakemake/netspaces/plugins")
SHAPES = 20
DRAWS = 200  # from which shapes are taken, since of some families few draws are valid


def check_definition(definition: Mapping, starts_as_shortcut: bool) -> list[str]:
    """Check the block and the family of a design space, if they are a user's and did not pass before.

    `starts_as_shortcut` says whether a recipe has `zero_init_residual`. Returns a line for each part that was checked;
    raises PluginError.
    """
    digests = BLOCKS.plugin_digests([definition["block"]]) | FAMILIES.plugin_digests([definition["family"]])
    if not digests or (passed := _passed(definition, digests, starts_as_shortcut)).exists():
        return []
    try:
        with naming_plugins():
            lines, is_whole = _check(Space.from_definition(definition), definition["family"], starts_as_shortcut)
    except PluginError:
        raise
    except Exception as error:  # within the library, by what the plug-in gave it
        of = {**BLOCKS.plugins, **FAMILIES.plugins}[next(iter(digests))]
        cause = f"{type(error).__name__}: {error} (design space {definition['name']})"
        raise PluginError(f"plugins: {of.path}: {cause}") from error
    if is_whole:
        with suppress(OSError):  # then it is checked again
            PASSED.mkdir(parents=True, exist_ok=True)
            passed.touch()
            _passed(definition, digests, False).touch()
    return lines


def _passed(definition: Mapping, digests: Mapping[str, str], starts_as_shortcut: bool) -> Path:
    """The empty file that says that a check has passed."""
    text = json.dumps([CHECK_VERSION, digests, stream_key(definition, {}, 0), bool(starts_as_shortcut)], sort_keys=True)
    return PASSED / hashlib.sha256(text.encode()).hexdigest()[:20]


def _check(space: Space, family: str, starts_as_shortcut: bool) -> tuple[list[str], bool]:
    """Check the user's parts of a space; returns a line for each, and whether all was checked that there is."""
    lines = []
    if (brought := FAMILIES.plugins.get(family)) is not None:
        check_family(space, brought)
        lines.append(f"plugins: {brought.path}: family {family} gives valid networks in {space.name}")
    if (plugin := BLOCKS.plugins.get(space.block)) is None:
        return lines, True
    block, shapes = BLOCKS[space.block], list(_cases(space, plugin))
    check_declared(block, plugin, shapes)
    if find_spec("torch") is None:
        return lines, False
    from netspaces.networks.built_check import check_built

    check_built(block, plugin, shapes, starts_as_shortcut)
    counts = f"block {space.block} counts what it builds, in {SHAPES} shapes of {space.name}"
    return [*lines, f"plugins: {plugin.path}: {counts}"], True


def _cases(space: Space, plugin: Plugin) -> Iterator[Case]:
    """The shapes of blocks of some networks of a space, every second one the first block of a stage."""
    random, block = np.random.default_rng(0), BLOCKS[space.block]
    valid, networks = space.build(space.draw(random.random((DRAWS, space.uniforms_per_draw))))
    if not valid.any():
        raise PluginError(f"plugins: {plugin.path}: none of {DRAWS} draws from {space.name} is a network to check")
    for name in ("widths", "group_widths"):
        if getattr(networks, name).dtype.kind != "i":
            raise fault(plugin, block, f"compatible() returned {name} that are not integers")
    for case in range(SHAPES):
        network = networks.row(case % len(networks))
        stage = int(random.integers(len(network.depths)))
        group_width, middle = network.group_widths[stage], network.bottleneck_widths[stage]
        if expected := block.check_group_width(group_width, middle):
            raise fault(plugin, block, f"compatible() gave the group width {group_width}, expected {expected}")
        shape = network.block_shape(stage, first=case % 2 == 0)
        yield Case(shape, _resolution(network, stage + case % 2), network.activation)


def _resolution(network: Architecture, stages: int) -> int:
    """Pixels a side after the stem and so many stages."""
    resolution = network.resolution
    for layer in STEMS[network.stem].layers(channels=1, width=1):
        resolution = layer.resolution_after(resolution)
    for stride in network.strides[:stages]:
        resolution = (resolution - 1) // stride + 1
    return resolution

"""Checks of a user's family: 20 draws of a design space become stages as the contract of `Family` says.

Each fault is a PluginError, one line with the plug-in's file, the line there, and the design space.
"""

import numpy as np

from netspaces.networks.complexity import complexity
from netspaces.plugins.loading import Plugin, PluginError, naming_plugins
from netspaces.spaces.family import Stages
from netspaces.spaces.space import Space

DRAWS = 20


def check_family(space: Space, plugin: Plugin) -> None:
    """Draw from a space and check the stages, alone and among others, and the architectures; raises PluginError."""
    family, uniforms = space.family, np.random.default_rng(0).random((DRAWS, space.uniforms_per_draw))
    with naming_plugins():
        together = _stages(space, uniforms)
        _check_stages(space, plugin, together, DRAWS)
        for row in range(DRAWS):
            alone = _stages(space, uniforms[row : row + 1])
            _check_stages(space, plugin, alone, 1)
            before = int(together.valid[:row].sum())
            if alone.valid[0] != together.valid[row] or (alone.valid[0] and not _equal(alone, together, before)):
                raise fault(plugin, space, "stages of a draw depend on the draws beside it, expected that they do not")
        values = space.draw(uniforms)
        if unknown := [name for name in family.recorded if name not in values]:
            raise fault(plugin, space, f"recorded names {unknown[0]!r}, expected of {', '.join(family.rule)}")
        valid, architectures = space.build(values)
        complexity(architectures, space.channels, space.classes)
        for row in range(int(valid.sum())):
            architectures.row(row)


def fault(plugin: Plugin, space: Space, message: str) -> PluginError:
    """The error of a family, at the line of its `stages`."""
    code = getattr(type(space.family).stages, "__code__", None)
    here = code is not None and code.co_filename == str(plugin.file)
    line = f": line {code.co_firstlineno}" if here and code is not None else ""
    return PluginError(f"plugins: {plugin.path}{line}: family {plugin.name}: {message} (design space {space.name})")


def _stages(space: Space, uniforms: np.ndarray) -> Stages:
    return space.family.stages(space.draw(uniforms), space.stages, space.strides)


def _check_stages(space: Space, plugin: Plugin, stages: object, n: int) -> None:
    """Types, shapes and values of what `stages` returned for n draws."""
    if not isinstance(stages, Stages):
        raise fault(plugin, space, f"stages() returned {stages!r:.80}, expected Stages")
    if not (_is_array(stages.valid, "b") and stages.valid.shape == (n,)):
        raise fault(plugin, space, f"valid is {stages.valid!r:.80}, expected {n} booleans, one for each draw")
    depths, count = stages.depths, int(stages.valid.sum())
    for name in ("depths", "widths", "strides"):
        column = getattr(stages, name)
        if not _is_array(column, "iu") or column.ndim != 2 or len(column) != count or column.shape != depths.shape:
            got = f"{column.dtype} of shape {column.shape}" if isinstance(column, np.ndarray) else f"{column!r:.80}"
            raise fault(plugin, space, f"{name} are {got}, expected integers of shape ({count} valid draws, stages)")
    present = depths > 0
    if (depths < 0).any() or not present[:, :1].all() or (np.diff(present.astype(int), axis=1) > 0).any():
        raise fault(plugin, space, "depths must be positive up to the last stage and 0 after it")
    for name in ("widths", "strides"):
        if (getattr(stages, name)[present] < 1).any():
            raise fault(plugin, space, f"{name} must be at least 1 in stages that there are")


def _is_array(value: object, kinds: str) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in kinds


def _equal(alone: Stages, together: Stages, row: int) -> bool:
    """Whether the one valid draw of some stages is a row of others, stages that are not there aside."""
    for name in ("depths", "widths", "strides"):
        one, other = getattr(alone, name)[0], getattr(together, name)[row]
        if not np.array_equal(np.trim_zeros(one, "b"), np.trim_zeros(other, "b")):
            return False
    return True

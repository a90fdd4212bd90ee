"""The structure of a network as numbers: complexity, depth, and of each stage depth, width, bottleneck and groups.

All are logarithms of one more than the value, so that 0 means none and a step means a factor. What the paper's design
principles speak of is stated too: how widths and depths grow, and the narrowest place.
"""

import re
from collections.abc import Mapping

import numpy as np

from netspaces.networks.metrics import METRICS
from netspaces.studies.covariate import Columns, Covariate

WHOLE = ("depth", "stages", "stem_width", "head_width", "resolution", "se_ratio")
TEXTS = ("block", "stem", "activation")
MOST_STAGES = 8  # told apart; networks of more, whose blocks are stages, are described by their resolutions


def logarithm(values: np.ndarray) -> np.ndarray:
    """log2(1 + x), 0 for what there is none of."""
    return np.log2(1 + np.asarray(values, float))


def structure(columns: Columns) -> dict[str, np.ndarray]:
    """The numbers by name, (n,) each."""
    stages = _stages(columns)
    inner = stages["width"] / np.where(stages["bottleneck"] > 0, stages["bottleneck"], 1)
    groups = inner / np.maximum(stages["group_width"], 1)
    present = stages["depth"] > 0
    numbers = {name: logarithm(columns[name]) for name in (*METRICS, *WHOLE) if name in columns}
    for name in TEXTS:
        numbers |= {f"{name} {text}": (columns[name] == text).astype(float) for text in np.unique(columns[name])}
    for name, values in {**stages, "inner": inner, "groups": groups}.items():
        logs = logarithm(values)
        numbers |= {f"{name}_{i + 1}": logs[:, i] for i in range(logs.shape[1])}
        numbers[f"least {name}"] = np.where(present, logs, np.inf).min(axis=1)
        numbers[f"most {name}"] = logs.max(axis=1)
        numbers[f"mean {name}"] = (logs * stages["depth"]).sum(axis=1) / stages["depth"].sum(axis=1)
    for name in ("depth", "width"):
        logs = logarithm(stages[name])
        steps = np.where(present[:, 1:], np.diff(logs, axis=1), 0.0)
        numbers |= {f"step of {name}_{i + 2}": steps[:, i] for i in range(steps.shape[1])}
        numbers[f"last {name}"] = np.take_along_axis(logs, present.sum(axis=1)[:, None] - 1, axis=1)[:, 0]
    return numbers


def _stages(columns: Columns) -> dict[str, np.ndarray]:
    """Depth, width, bottleneck ratio and group width by stage, (n, stages), those that a network lacks as 0."""
    count = sum(re.fullmatch(r"depth_\d+", name) is not None for name in columns)
    names = ("depth", "width", "bottleneck", "group_width")
    stages = {
        name: np.stack([columns[f"{name}_{i + 1}"] for i in range(count)], axis=1).astype(float) for name in names
    }
    if count <= MOST_STAGES:
        return stages
    strides = np.stack([columns[f"stride_{i + 1}"] for i in range(count)], axis=1)
    return _by_resolution(stages, np.cumsum(strides > 1, axis=1))


def _by_resolution(stages: Mapping[str, np.ndarray], place: np.ndarray) -> dict[str, np.ndarray]:
    """Stages of one resolution as one: the sum of depths, the mean of other values over blocks."""
    depth = stages["depth"]
    inside = (place[:, :, None] == np.arange(place.max() + 1)) * depth[:, :, None]
    blocks = inside.sum(axis=1)
    mean = {
        name: (values[:, :, None] * inside).sum(axis=1) / np.maximum(blocks, 1)
        for name, values in stages.items()
        if name != "depth"
    }
    return {"depth": blocks, **mean}


COVARIATE = Covariate("structure", "complexity and structure, stage by stage", structure)

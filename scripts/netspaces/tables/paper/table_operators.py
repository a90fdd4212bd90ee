"""Figure 12, left: what convolutions cost: probed in networks whose complexity is counted, not typed in.

Each operator is the difference of two networks that differ in it alone; its formula is the product of powers of width
w, resolution r and group width g that the probes follow when each of them doubles.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from netspaces.networks.architecture import Architecture, Architectures
from netspaces.networks.complexity import complexity
from netspaces.studies.study import Row, Study
from netspaces.tables.style import Column, present

EXAMPLE = {"w": 128, "r": 28, "g": 16}
METRICS = ("flops", "params", "activations")
COLUMNS = {"operator": Column("a convolution of width w, resolution r and group width g", "operator")}
COLUMNS |= {f"{metric}_formula": Column(f"its {metric}, as a formula", metric) for metric in METRICS}
COLUMNS |= {metric: Column(f"its {metric} in the example", f"{metric}, example", "integer") for metric in METRICS}
COLUMNS |= {f"published_{m}": Column(f"the paper's formula of its {m}", f"{m} (paper)") for m in METRICS}
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per operator: formulas, their values for one example, and the paper's formulas."""
    rows = []
    for name, probe in OPERATORS.items():
        row: Row = {"operator": name} | dict(zip(METRICS, probe(**EXAMPLE), strict=True))
        row |= {f"{metric}_formula": formula(probe, i) for i, metric in enumerate(METRICS)}
        theirs = study.published
        if "operator" in theirs and (theirs["operator"] == name).any():
            published = theirs[theirs["operator"] == name].iloc[0]
            row |= {f"published_{metric}": published[metric] for metric in METRICS}
        rows.append(row)
    note = (
        "For width w, resolution r and group width g, of equal inputs and outputs: multiply-adds, weights and output "
        f"elements. Example: {', '.join(f'{letter} = {value}' for letter, value in EXAMPLE.items())}. Counted in "
        "networks that differ in the operator alone; batch norm, two parameters per output channel, is left aside."
    )
    formulas = [name for name in COLUMNS if name.endswith("_formula") or name.startswith("published_")]
    return present(pd.DataFrame(rows), study.title, note, COLUMNS, formulas=formulas)


def formula(probe: Callable, metric: int) -> str:
    """What a probe counts, as a product such as 9·w·g·r^2; raises ValueError if it is no such product."""
    base = float(probe(**EXAMPLE)[metric])
    doubled = {letter: float(probe(**EXAMPLE | {letter: 2 * size})[metric]) for letter, size in EXAMPLE.items()}
    powers = {letter: np.log2(count / base) for letter, count in doubled.items()}
    factor = base / np.prod([float(EXAMPLE[letter]) ** power for letter, power in powers.items()])
    if any(value % 1 for value in (factor, *powers.values())):
        raise ValueError(f"operator: counts {powers} times {factor} are no product of whole powers")
    letters = [letter if power == 1 else f"{letter}^{power:.0f}" for letter in "wgr" if (power := powers[letter])]
    return "·".join(([f"{factor:.0f}"] if factor != 1 else []) + letters)


def cost(block: str, depth: int, width: int, resolution: int, group_width: int = 1, stride: int = 1) -> np.ndarray:
    """Flops, weights without batch norm's, and activations of a network of one stage that keeps its width."""
    per_stage = ((depth,), (width,), (1.0,), (group_width,), (stride,))
    counted = complexity(Architectures.from_rows([Architecture(block, "cifar", width, resolution, 0.0, *per_stage)]))
    return np.array([int(getattr(counted, metric)[0]) for metric in METRICS])


def without_norms(counted: np.ndarray, resolution: int) -> np.ndarray:
    """Counts of convolutions of one resolution, without the two parameters per output channel of their batch norms."""
    flops, params, activations = counted
    return np.array([flops, params - 2 * activations // resolution**2, activations])


def pointwise(w: int, r: int, g: int) -> np.ndarray:
    """1x1: the projection that a residual block has at stride 2 and one without residual has not."""
    return without_norms(cost("vr", 1, w, 2 * r, stride=2) - cost("v", 1, w, 2 * r, stride=2), r)


def dense(w: int, r: int, g: int) -> np.ndarray:
    """3x3: one more block v."""
    return without_norms(cost("v", 2, w, r) - cost("v", 1, w, r), r)


def grouped(w: int, r: int, g: int) -> np.ndarray:
    """3x3 with groups: one more block x, without its two 1x1."""
    block = cost("x", 2, w, r, group_width=g) - cost("x", 1, w, r, group_width=g)
    return without_norms(block, r) - 2 * pointwise(w, r, g)


def depthwise(w: int, r: int, g: int) -> np.ndarray:
    """3x3 with groups of one channel."""
    return grouped(w, r, 1)


OPERATORS = {"1×1": pointwise, "3×3": dense, "3×3 group": grouped, "3×3 depthwise": depthwise}

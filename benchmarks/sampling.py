"""Speed of sampling and of complexity, beside plain Python that handles one network at a time, in the same run.

    python benchmarks/sampling.py [--repeats 5] [--networks 500]

Both sample the paper's AnyNetX_A and RegNetX in 360-400 MF (224 pixels, 1000 classes) on one core. Every repeat runs
both; printed are medians. A candidate is drawn, built and counted; kept are those in the regime.

Seen on two shared cores of an Intel Xeon, Python 3.11, numpy 2.4, per CPU second (library, plain Python, ratio); the
library's candidates without the drawing of their random numbers, which takes 4 to 7 % and is now measured, too:

    AnyNetX_A  candidates               1,200,000    82,000   15
               networks kept of 500        12,700     1,790    7   (2.2 % of the candidates)
    RegNetX    candidates               1,680,000   229,000    7
               networks kept of 500         2,970       570    5   (0.25 % of the candidates)
    complexity architectures            3,700,000   367,000   10   (a million in 0.27 s)

RegNetX's blocks are one array since. Alone on a slower machine, one after the other: 1,040,000 candidates of AnyNetX_A
and 1,480,000 of RegNetX before (18 and 9 times the plain Python of that minute), 1,060,000 and 2,240,000 now (23 and
15 times).
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from netspaces.configuration.design_spaces import complete, resolve  # noqa: E402
from netspaces.configuration.yaml_files import read_yaml  # noqa: E402
from netspaces.networks.architecture import Architecture, Architectures  # noqa: E402
from netspaces.networks.complexity import complexity  # noqa: E402
from netspaces.spaces.sampling import BATCH, decide, sample  # noqa: E402
from netspaces.spaces.space import Space  # noqa: E402

REGIME = {"flops": [360.0e6, 400.0e6]}
SETTINGS = {
    "skeleton": {"stem": "simple", "stem_width": 32, "strides": [2, 2, 2, 2]},
    "dataset": {"resolution": 224, "channels": 3, "classes": 1000},
}
MILLION = 1_000_000
PLAIN_LOOP = 20_000  # architectures whose complexity the plain loop counts


# ---- The baseline: one network at a time -----------------------------------------------------------------------------


def log_uniform(low: float, high: float, step: float) -> float:
    below = math.log(low - min(step, low / 2))
    value = math.exp(below + random.random() * (math.log(high) - below))
    return min(max(math.ceil(value / step) * step, low), high)


def plain_anynet() -> tuple[list, list, list, list]:
    """Depths, widths, bottlenecks and group widths of one AnyNetX_A."""
    return (
        [log_uniform(1, 16, 1) for _ in range(4)],
        [log_uniform(8, 1024, 8) for _ in range(4)],
        [random.choice((1, 2, 4)) for _ in range(4)],
        [random.choice((1, 2, 4, 8, 16, 32)) for _ in range(4)],
    )


def plain_regnet() -> tuple[list, list, list, list] | None:
    """The same of one RegNetX, or None if it does not have four stages."""
    depth = random.randint(4, 63)
    w_0, w_a, w_m = log_uniform(8, 256, 8), log_uniform(8, 256, 0.1), log_uniform(1.5, 3, 0.001)
    log_w_m = math.log(w_m)
    if round(math.log((w_0 + w_a * (depth - 1)) / w_0) / log_w_m) != 3:
        return None
    depths = [0, 0, 0, 0]
    for j in range(depth):
        depths[round(math.log((w_0 + w_a * j) / w_0) / log_w_m)] += 1
    if 0 in depths:
        return None
    widths = [8 * round(w_0 * w_m**s / 8) for s in range(4)]
    return depths, widths, [random.choice((1, 2, 4))] * 4, [random.choice((1, 2, 4, 8, 16, 32))] * 4


def plain_compatible(widths: list, bottlenecks: list, groups: list) -> tuple[list, list]:
    for stage in range(4):
        inner = max(widths[stage] // bottlenecks[stage], 1)
        groups[stage] = min(groups[stage], inner)
        inner = max(groups[stage], groups[stage] * round(inner / groups[stage]))
        widths[stage] = inner * bottlenecks[stage]
    return widths, groups


def plain_complexity(depths: list, widths: list, bottlenecks: list, groups: list) -> tuple[int, int, int]:
    """Flops, parameters and activations of one network of X blocks."""
    resolution, width_in = 112, 32
    flops, params, activations = 864 * 112 * 112, 864 + 64, 32 * 112 * 112
    for depth, width, bottleneck, group in zip(depths, widths, bottlenecks, groups, strict=True):
        inner = width // bottleneck
        area_in, resolution = resolution * resolution, (resolution - 1) // 2 + 1
        area = resolution * resolution
        first, rest = width_in * inner, (depth - 1) * width * inner
        grouped, last, shortcut = depth * 9 * group * inner, depth * inner * width, width_in * width
        flops += first * area_in + (rest + grouped + last + shortcut) * area
        params += first + rest + grouped + last + shortcut + 2 * (2 * depth * inner + (depth + 1) * width)
        activations += inner * area_in + (depth - 1) * inner * area + (depth * (inner + width) + width) * area
        width_in = width
    return flops + (width_in + 1) * 1000, params + (width_in + 1) * 1000, activations


def plain_sample(draw: Callable, n: int) -> tuple[list, int]:
    """n networks in the regime: (their stages and complexity, how many draws they took)."""
    (low, high), kept, draws = REGIME["flops"], [], 0
    while len(kept) < n:
        draws += 1
        if (network := draw()) is None:
            continue
        depths, widths, bottlenecks, groups = network
        widths, groups = plain_compatible(widths, bottlenecks, groups)
        counted = plain_complexity(depths, widths, bottlenecks, groups)
        if low <= counted[0] <= high:
            kept.append(((depths, widths, bottlenecks, groups), counted))
    return kept, draws


# ---- Measurements ----------------------------------------------------------------------------------------------------


def seconds(call: Callable) -> tuple[float, object]:
    """CPU seconds of a call, and what it returns."""
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def definition(name: str) -> dict:
    file = ROOT / "config" / "design_spaces.yaml"
    return complete(resolve(name, read_yaml(file), file), SETTINGS)


def check_agreement(kept: list) -> None:
    """The library counts the baseline's networks as the baseline does."""
    rows = [Architecture("x", "simple", 32, 224, 0.0, *map(tuple, stages), (2, 2, 2, 2)) for stages, _ in kept]
    measured = complexity(Architectures.from_rows(rows))
    found = zip(measured.flops.tolist(), measured.params.tolist(), measured.activations.tolist(), strict=True)
    if list(found) != [counted for _, counted in kept]:
        raise SystemExit("error: library and baseline disagree on complexity")


def measure_sampling(name: str, draw: Callable, n: int, repeats: int) -> None:
    """Candidates decided and networks kept per CPU second, by the library and by the baseline."""
    space = Space.from_definition(definition(name))
    stream, shape = np.random.default_rng(0), (BATCH, space.uniforms_per_draw)
    candidates, networks, plain_candidates, plain_networks, acceptance = [], [], [], [], []
    for repeat in range(repeats):
        candidates.append(BATCH / seconds(lambda: decide(space, REGIME, stream.random(shape)))[0])
        taken, found = seconds(lambda repeat=repeat: sample(definition(name), REGIME, repeat, range(n)))
        networks.append(n / taken)
        acceptance.append(n / found.draws.sum())
        taken, (kept, draws) = seconds(lambda: plain_sample(draw, n))
        check_agreement(kept)
        plain_candidates.append(draws / taken)
        plain_networks.append(n / taken)
    report(f"{name}: candidates per CPU second", median(candidates), median(plain_candidates))
    report(f"{name}: networks kept per CPU second, n={n}", median(networks), median(plain_networks))
    print(f"{name}: {100 * median(acceptance):.2f} % of the library's candidates are kept")


def measure_complexity(repeats: int) -> None:
    """Complexity of a million architectures, in batches as sampling has them, and of some of them in a plain loop."""
    space = Space.from_definition(definition("AnyNetX_A"))
    uniforms = np.random.default_rng(1).random((MILLION, space.uniforms_per_draw))
    _, table = space.build(space.draw(uniforms))
    batches = [table[start : start + BATCH] for start in range(0, MILLION, BATCH)]
    columns = (table.depths, table.widths, table.bottlenecks.astype(int), table.group_widths)
    rows = list(zip(*(column[:PLAIN_LOOP].tolist() for column in columns), strict=True))
    library, plain = [], []
    for _ in range(repeats):
        library.append(seconds(lambda: [complexity(batch) for batch in batches])[0])
        taken, counted = seconds(lambda: [plain_complexity(*row) for row in rows])
        plain.append(taken)
    check_agreement(list(zip(rows, counted, strict=True)))
    print(f"complexity of {MILLION:,} architectures: {median(library):.2f} CPU seconds")
    report("complexity: architectures per CPU second", MILLION / median(library), PLAIN_LOOP / median(plain))


def report(what: str, library: float, baseline: float) -> None:
    print(f"{what}: {library:,.0f}, plain Python {baseline:,.0f}, ratio {library / baseline:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--networks", type=int, default=500)
    arguments = parser.parse_args()
    random.seed(0)
    measure_sampling("AnyNetX_A", plain_anynet, arguments.networks, arguments.repeats)
    measure_sampling("RegNetX", plain_regnet, arguments.networks, arguments.repeats)
    measure_complexity(arguments.repeats)


if __name__ == "__main__":
    main()

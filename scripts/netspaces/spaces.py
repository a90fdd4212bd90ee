"""Declared design spaces become sampled architectures.

A design space is data (config/design_spaces.yaml): a family, the distributions of its parameters, what stages share,
which values must be ordered, and constraints. Here it becomes architectures, whole batches at once, without torch.

Network i of a population is a pure function of (seed, design space, regime, i): it has a random stream of its own, from
which candidates are drawn until one lies in the regime and meets every constraint. Growing n re-orders nothing.

Sampling is with replacement: an architecture may be drawn twice. It then counts twice in every statistic (dropping it
would change the distribution) but is trained once, because runs are found by what they train, and tables mark it.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from netspaces.architecture import Architectures, make_compatible, quantised_linear
from netspaces.complexity import METRICS, Complexity, complexity
from netspaces.constraints import Constraint
from netspaces.distributions import Distribution

STAGE_PARAMETERS = ("depth", "width", "bottleneck", "group_width")
REGNET_PARAMETERS = ("depth", "w_0", "w_a", "w_m", "bottleneck", "group_width")
NETWORK_PARAMETERS = ("resolution", "stem_width", "se_ratio")
MAX_DRAWS = 1_000_000
BATCH = 16_384  # candidates decided at once: large enough for numpy, small enough for the cache


class SamplingError(ValueError):
    """Nothing could be drawn from a design space in a regime; the message says what rejected the draws."""


@dataclass(frozen=True)
class Space:
    """A design space ready to draw from; see config/README.md for what a definition holds."""

    name: str
    family: str
    block: str
    stages: int
    stem: str
    strides: tuple[int, ...]
    channels: int
    classes: int
    parameters: dict[str, Distribution]
    shared: tuple[str, ...] = ()
    monotone: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    tied: dict[str, str] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()

    @classmethod
    def from_definition(cls, definition: Mapping) -> "Space":
        """From a resolved definition (`configuration.resolve`); raises ValueError naming the offending key."""
        stages = definition["stages"]
        needed = REGNET_PARAMETERS if definition["family"] == "regnet" else STAGE_PARAMETERS
        if definition["block"] in ("v", "vr"):
            needed = tuple(name for name in needed if name not in ("bottleneck", "group_width"))
        elif definition["block"] == "r":
            needed = tuple(name for name in needed if name != "group_width")
        tied = dict(definition.get("tied", {}))
        declared = {name: value for name, value in definition["parameters"].items() if name not in tied}
        optional = {*REGNET_PARAMETERS, *NETWORK_PARAMETERS} if definition["family"] == "regnet" else {
            *STAGE_PARAMETERS,
            *NETWORK_PARAMETERS,
        }
        if missing := [name for name in needed if name not in declared and name not in tied]:
            raise ValueError(f"parameters: {missing[0]} is missing, family {definition['family']} needs it")
        if unknown := sorted(set(declared).difference(optional)):
            raise ValueError(f"parameters: {unknown[0]} is unknown, expected one of {', '.join(sorted(optional))}")
        parameters = {
            name: Distribution.from_config(f"parameters: {name}", value)
            for name, value in declared.items()
            if name in needed or name in NETWORK_PARAMETERS
        }
        for name, source in tied.items():
            if source not in parameters:
                raise ValueError(f"tied: {name} follows {source}, expected one of {', '.join(parameters)}")
        monotone = {}
        for name, rule in definition.get("monotone", {}).items():
            rule = {"order": rule} if isinstance(rule, str) else rule
            chosen = tuple(stage - 1 for stage in rule.get("stages", range(1, stages + 1)))
            if definition["family"] == "regnet" or name not in parameters or name in definition.get("shared", ()):
                raise ValueError(f"monotone: {name} has no values per stage")
            if not all(0 <= stage < stages for stage in chosen):
                raise ValueError(f"monotone: {name}: stages must lie between 1 and {stages}")
            monotone[name] = (rule["order"], chosen)
        return cls(
            name=definition.get("name", "design space"),
            family=definition["family"],
            block=definition["block"],
            stages=stages,
            stem=definition["stem"],
            strides=tuple(definition["strides"][:stages]),
            channels=definition["channels"],
            classes=definition["classes"],
            parameters=parameters,
            shared=tuple(name for name in definition.get("shared", ()) if name in parameters),
            monotone=monotone,
            tied=tied,
            constraints=tuple(Constraint(text) for text in definition.get("constraints", ())),
        )

    def _values_per_draw(self, name: str) -> int:
        per_stage = self.family == "anynet" and name in STAGE_PARAMETERS and name not in self.shared
        return self.stages if per_stage else 1

    @property
    def uniforms_per_draw(self) -> int:
        """How many uniform numbers one candidate takes."""
        return sum(self._values_per_draw(name) for name in self.parameters)

    def draw(self, uniforms: np.ndarray) -> dict[str, np.ndarray]:
        """Uniform numbers (n, uniforms_per_draw) -> parameter values, (n,) or, per stage, (n, stages).

        Ordered parameters are drawn independently and then put in order; equal ones are drawn once.
        """
        values, start = {}, 0
        for name, distribution in self.parameters.items():
            width = self._values_per_draw(name)
            drawn = distribution.quantile(uniforms[:, start : start + width])
            start += width
            if name in self.monotone:
                order, chosen = self.monotone[name]
                part = drawn[:, chosen]
                drawn[:, chosen] = part[:, :1] if order == "equal" else np.sort(part, axis=1)
                if order == "decreasing":
                    drawn[:, chosen] = drawn[:, chosen][:, ::-1]
            values[name] = drawn[:, 0] if width == 1 and (self.family == "regnet" or name not in STAGE_PARAMETERS) else drawn
        for name, source in self.tied.items():
            values[name] = values[source]
        return values

    def build(self, values: Mapping[str, np.ndarray]) -> tuple[np.ndarray, Architectures]:
        """Parameter values -> (which draws have a valid structure (n,), the architectures of those)."""
        n = len(values["depth"])
        if self.family == "regnet":
            rule = (values[name] for name in ("depth", "w_0", "w_a", "w_m"))
            valid, depths, widths = quantised_linear(*rule, stages=self.stages)
        else:
            valid = np.ones(n, bool)
            depths, widths = (self._per_stage(values, name, n) for name in ("depth", "width"))
        depths, widths = depths[valid], widths[valid]
        bottlenecks = self._per_stage(values, "bottleneck", n)[valid].astype(float)
        group_widths = self._per_stage(values, "group_width", n)[valid]
        widths, bottlenecks, group_widths = make_compatible(widths, bottlenecks, group_widths, self.block)
        count = len(depths)
        scalars = {name: np.broadcast_to(values[name], n)[valid] for name in NETWORK_PARAMETERS}
        return valid, Architectures(
            block=np.full(count, self.block),
            stem=np.full(count, self.stem),
            stem_width=scalars["stem_width"],
            resolution=scalars["resolution"],
            se_ratio=scalars["se_ratio"].astype(float),
            depths=depths,
            widths=widths,
            bottlenecks=bottlenecks,
            group_widths=group_widths,
            strides=np.broadcast_to(np.array(self.strides, np.int64), depths.shape),
        )

    def _per_stage(self, values: Mapping[str, np.ndarray], name: str, n: int) -> np.ndarray:
        column = values.get(name, np.ones((n, 1), np.int64))
        return np.broadcast_to(column.reshape(n, -1), (n, self.stages))

    def recorded(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The sampled values that the structure does not show: what tables keep beside it (w_0, w_a, w_m)."""
        return {name: values[name] for name in ("w_0", "w_a", "w_m") if name in values}

    def scalar_columns(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """One-per-network values that constraints may name: w_0, w_a, w_m, shared bottleneck and group width."""
        shared = {name: column[:, 0] if column.ndim == 2 else column for name, column in values.items() if name in self.shared}
        regnet = {name: values[name] for name in REGNET_PARAMETERS if self.family == "regnet" and name in values}
        return shared | regnet


@dataclass(frozen=True)
class Sample:
    """n sampled networks: their architectures, complexity, generating parameters, and what drawing them took."""

    indices: np.ndarray
    architectures: Architectures
    complexity: Complexity
    parameters: dict[str, np.ndarray]
    draws: np.ndarray
    rejections: dict[str, int]

    def columns(self) -> dict[str, np.ndarray]:
        """Flat columns of the sampled table, one value per network."""
        return {
            "index": self.indices,
            **self.architectures.columns(),
            **self.parameters,
            **self.complexity.columns(),
            "draws": self.draws,
        }


def stream_key(definition: Mapping, regime: Mapping, seed: int) -> int:
    """The entropy of a population's random streams: a hash of what determines it, names and descriptions aside."""
    content = {key: value for key, value in definition.items() if key not in ("name", "description", "paper")}
    text = json.dumps([content, regime, seed], sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def decide(space: Space, regime: Mapping[str, Sequence[float]], uniforms: np.ndarray) -> tuple[np.ndarray, list, tuple]:
    """Decide candidates: (test that rejected each (n,) or -1, names of the tests, (values, architectures, complexity)).

    The three tables hold all drawn values, and the architectures and complexity of the candidates that survived.
    """
    values = space.draw(uniforms)
    tests, verdict = ["structure"], np.full(len(uniforms), -1)
    valid, architectures = space.build(values)
    verdict[~valid] = 0
    rows = np.flatnonzero(valid)
    measured = complexity(architectures, space.channels, space.classes)

    def keep(passed: np.ndarray, test: str) -> np.ndarray:
        nonlocal rows, architectures, measured
        tests.append(test)
        verdict[rows[~passed]] = len(tests) - 1
        rows, architectures = rows[passed], architectures[passed]
        measured = Complexity(*(column[passed] for column in measured.columns().values()))
        return passed

    for metric, (low, high) in regime.items():
        keep(getattr(measured, metric) >= low, f"{metric} below {low:g}")
        keep(getattr(measured, metric) <= high, f"{metric} above {high:g}")
    for constraint in space.constraints:
        scalars = {name: column[rows] for name, column in space.scalar_columns(values).items()}
        columns = architectures.columns() | scalars | measured.columns()
        keep(constraint.holds(columns), constraint.text)
    return verdict, tests, (values, architectures, measured)


def sample(
    definition: Mapping,
    regime: Mapping[str, Sequence[float]],
    seed: int,
    indices: Iterable[int],
    max_draws: int = MAX_DRAWS,
) -> Sample:
    """Sample networks `indices` of the population (definition, regime, seed).

    Parameters: `regime` maps a complexity metric to its [low, high] interval, both ends included. Raises SamplingError
    if a network needs more than `max_draws` candidates; the message says which test rejected how many.
    """
    space = Space.from_definition(definition)
    if unknown := set(regime).difference(METRICS):
        raise SamplingError(f"regime: unknown metric {sorted(unknown)[0]!r}, expected one of {', '.join(METRICS)}")
    indices = np.fromiter(indices, np.int64)
    key = stream_key(definition, regime, seed)
    streams = [np.random.default_rng(np.random.SeedSequence(key, spawn_key=(int(i),))) for i in indices]
    found: dict[int, tuple] = {}
    draws, rejections = np.zeros(len(indices), np.int64), Counter()
    pending, size = np.arange(len(indices)), 32
    while len(pending):
        still = []
        for part in np.array_split(pending, math.ceil(len(pending) * size / BATCH)):
            uniforms = np.concatenate([streams[i].random((size, space.uniforms_per_draw)) for i in part])
            verdict, tests, (values, architectures, measured) = decide(space, regime, uniforms)
            table = verdict.reshape(len(part), size)
            accepted = table == -1
            first = np.where(accepted.any(axis=1), accepted.argmax(axis=1), size)
            tried = np.arange(size) < first[:, None]
            rejections.update({tests[k]: int(count) for k, count in enumerate(np.bincount(table[tried], minlength=1)) if count})
            draws[part] += np.minimum(first + 1, size)
            row_of = np.cumsum(verdict == -1) - 1
            hits = np.flatnonzero(first < size)
            flat = hits * size + first[hits]
            chosen = architectures[row_of[flat]], [c[row_of[flat]] for c in measured.columns().values()]
            recorded = {name: column[flat] for name, column in space.recorded(values).items()}
            for k, hit in enumerate(hits):
                found[int(part[hit])] = (chosen, recorded, k)
            still.append(part[first == size])
        pending = np.concatenate(still)
        if len(pending) and draws[pending].max() >= max_draws:
            raise SamplingError(_report(space, regime, int(draws[pending].max()), rejections))
        size = min(size * 4, BATCH)
    return _gather(space, indices, found, draws, dict(rejections))


def _gather(space: Space, indices: np.ndarray, found: Mapping, draws: np.ndarray, rejections: dict) -> Sample:
    """Put the accepted candidates, found batch by batch, in the order of their indices."""
    order = [found[i] for i in range(len(indices))]
    rows = [chosen[0][[k]] for chosen, _, k in order]
    names = list(rows[0].__dataclass_fields__) if rows else []
    architectures = Architectures(*(np.concatenate([getattr(row, name) for row in rows]) for name in names))
    measured = Complexity(*(np.array([chosen[1][m][k] for chosen, _, k in order]) for m in range(len(METRICS))))
    recorded = {name: np.array([values[name][k] for _, values, k in order]) for name in (order[0][1] if order else ())}
    return Sample(indices, architectures, measured, recorded, draws, rejections)


def _report(space: Space, regime: Mapping, draws: int, rejections: Counter) -> str:
    total = sum(rejections.values())
    reasons = ", ".join(f"{test} {100 * count / total:.1f} %" for test, count in rejections.most_common() if count)
    limits = ", ".join(f"{metric} in [{low:g}, {high:g}]" for metric, (low, high) in regime.items())
    return f"design space {space.name}, regime {limits}: none of {draws:,} draws accepted; rejected by: {reasons}"


@dataclass(frozen=True)
class Size:
    """How large a design space is (paper table 1): dimensions, and the number of settings counted two ways."""

    dimensions: int
    paper_count: float
    exact_count: int


def count(definition: Mapping) -> Size:
    """Count the settings of a design space before regime and constraints (paper table 1).

    `paper_count` divides an ordered parameter's combinations by k! as the paper does, `exact_count` counts the ordered
    combinations with ties, C(levels + k - 1, k).
    """
    space = Space.from_definition(definition)
    dimensions, paper, exact = 0, 1.0, 1
    for name, distribution in space.parameters.items():
        levels, values = distribution.levels, space._values_per_draw(name)
        order, chosen = space.monotone.get(name, ("free", ()))
        k = len(chosen)
        if levels > 1:
            dimensions += values - k + 1 if order == "equal" else values
        if order == "equal":
            paper, exact = paper * levels ** (values - k + 1), exact * levels ** (values - k + 1)
        elif order == "free":
            paper, exact = paper * levels**values, exact * levels**values
        else:
            paper *= levels**values / math.factorial(k)
            exact *= math.comb(levels + k - 1, k) * levels ** (values - k)
    return Size(dimensions, paper, exact)

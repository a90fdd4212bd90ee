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
WHOLE = ("depth", "width", "group_width", "resolution", "stem_width")
WITHOUT = {"x": (), "r": ("group_width",), "v": ("bottleneck", "group_width"), "vr": ("bottleneck", "group_width")}
"""The parameters that a block does not have; what a definition says of them is left aside."""

NOT_HASHED = ("name", "description", "constraints_from", "limits")
MAX_DRAWS = 1_000_000
FIRST_ROUND = 32  # candidates per network in the first round; each round has twice as many as the one before
BATCH = 16_384  # candidates decided at once: large enough for numpy, small enough for the cache


class SamplingError(ValueError):
    """Nothing could be drawn from a design space in a regime; the message says what rejected the draws."""


@dataclass(frozen=True)
class Space:
    """A design space ready to draw from; see config/README.md for what a definition holds.

    `parameters` are drawn in the order of the constants above, whatever the order they were declared in.
    """

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
        tied = _read_tied(definition)
        parameters = _read_parameters(definition, tied)
        for name in (*parameters, *tied):
            _check_values(name, parameters[tied.get(name, name)], definition["block"])
        shared = tuple(definition.get("shared", ()))
        if shared and definition["family"] == "regnet":
            raise ValueError(f"shared: {shared[0]} has no values per stage")
        return cls(
            name=definition.get("name", "design space"),
            family=definition["family"],
            block=definition["block"],
            stages=definition["stages"],
            stem=definition["stem"],
            strides=tuple(definition["strides"][: definition["stages"]]),
            channels=definition["channels"],
            classes=definition["classes"],
            parameters=parameters,
            shared=tuple(name for name in shared if name in parameters),
            monotone=_read_monotone(definition, parameters),
            tied=tied,
            constraints=tuple(
                Constraint(text) for key in ("constraints", "limits") for text in definition.get(key, ())
            ),
        )

    def values_per_draw(self, name: str) -> int:
        """How many values of a parameter one candidate takes: one per stage, or one."""
        return self.stages if _has_stages(self.family, name) and name not in self.shared else 1

    @property
    def uniforms_per_draw(self) -> int:
        """How many uniform numbers one candidate takes."""
        return sum(self.values_per_draw(name) for name in self.parameters)

    def draw(self, uniforms: np.ndarray) -> dict[str, np.ndarray]:
        """Uniform numbers (n, uniforms_per_draw) -> parameter values, (n,) or, per stage, (n, stages or 1).

        Ordered parameters are drawn independently and then put in order; equal ones are drawn once.
        """
        values, start = {}, 0
        for name, distribution in self.parameters.items():
            stop = start + self.values_per_draw(name)
            drawn = distribution.quantile(uniforms[:, start:stop])
            if name in self.monotone:
                order, chosen = self.monotone[name]
                part = drawn[:, chosen]
                ordered = {"equal": part[:, :1], "increasing": np.sort(part), "decreasing": np.sort(part)[:, ::-1]}
                drawn[:, chosen] = ordered[order]
            values[name] = drawn if _has_stages(self.family, name) else drawn[:, 0]
            start = stop
        return values | {name: values[source] for name, source in self.tied.items()}

    def build(self, values: Mapping[str, np.ndarray]) -> tuple[np.ndarray, Architectures]:
        """Parameter values -> (which draws have a valid structure (n,), the architectures of those)."""
        n = len(values["depth"])
        if self.family == "regnet":
            rule = (values[name] for name in ("depth", "w_0", "w_a", "w_m"))
            valid, depths, widths = quantised_linear(*rule, stages=self.stages)
        else:
            valid = np.ones(n, bool)
            depths, widths = (self._stage_columns(values, name, n) for name in ("depth", "width"))
        depths, widths = depths[valid], widths[valid]
        bottlenecks = self._stage_columns(values, "bottleneck", n)[valid].astype(float)
        group_widths = self._stage_columns(values, "group_width", n)[valid]
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

    def _stage_columns(self, values: Mapping[str, np.ndarray], name: str, n: int) -> np.ndarray:
        column = values.get(name, np.ones((n, 1), np.int64))
        return np.broadcast_to(column if column.ndim == 2 else column[:, None], (n, self.stages))

    def recorded(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The sampled values that the structure does not show: what tables keep beside it (w_0, w_a, w_m)."""
        return {name: values[name] for name in ("w_0", "w_a", "w_m") if name in values}

    def scalar_columns(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Values, one per network, that constraints may name beside the structure's: w_0, a shared width and the like.

        `depth` is not among them: it always means the structure's, the number of blocks.
        """
        whole = {name: column for name, column in values.items() if column.ndim == 1 and name not in NETWORK_PARAMETERS}
        shared = {name: values[name][:, 0] for name in self.shared}
        return {name: column for name, column in (whole | shared).items() if name != "depth"}


def _known_parameters(family: str) -> tuple[str, ...]:
    return (*(REGNET_PARAMETERS if family == "regnet" else STAGE_PARAMETERS), *NETWORK_PARAMETERS)


def _has_stages(family: str, name: str) -> bool:
    return family == "anynet" and name in STAGE_PARAMETERS


def _entries(definition: Mapping, key: str) -> dict:
    """What a definition's key says of the parameters that its block has, in the order of the constants above."""
    known, declared = _known_parameters(definition["family"]), definition.get(key, {})
    if unknown := [name for name in declared if name not in known]:
        raise ValueError(f"{key}: {unknown[0]} is unknown, expected one of {', '.join(known)}")
    return {name: declared[name] for name in known if name in declared and name not in WITHOUT[definition["block"]]}


def _read_tied(definition: Mapping) -> dict[str, str]:
    tied, family = _entries(definition, "tied"), definition["family"]
    free = [name for name in _entries(definition, "parameters") if name not in tied]
    for name, source in tied.items():
        sources = [other for other in free if _has_stages(family, name) or not _has_stages(family, other)]
        if source not in sources:
            raise ValueError(f"tied: {name} follows {source}, expected one of {', '.join(sources)}")
    return tied


def _read_parameters(definition: Mapping, tied: Mapping) -> dict[str, Distribution]:
    declared, family = _entries(definition, "parameters"), definition["family"]
    needed = [name for name in _known_parameters(family) if name not in WITHOUT[definition["block"]]]
    if missing := [name for name in needed if name not in declared and name not in tied]:
        raise ValueError(f"parameters: {missing[0]} is missing, family {family} needs it")
    free = {name: value for name, value in declared.items() if name not in tied}
    return {name: Distribution.from_config(f"parameters: {name}", value) for name, value in free.items()}


def _read_monotone(definition: Mapping, parameters: Mapping) -> dict[str, tuple[str, tuple[int, ...]]]:
    orders, stages = {}, definition["stages"]
    for name, rule in _entries(definition, "monotone").items():
        rule = {"order": rule} if isinstance(rule, str) else rule
        chosen = tuple(sorted(stage - 1 for stage in rule.get("stages", range(1, stages + 1))))
        shared = name in definition.get("shared", ()) or not _has_stages(definition["family"], name)
        if shared or name not in parameters:
            raise ValueError(f"monotone: {name} has no values per stage")
        if not 0 <= chosen[0] <= chosen[-1] < stages:
            raise ValueError(f"monotone: {name}: stages must lie between 1 and {stages}")
        orders[name] = (rule["order"], chosen)
    return orders


def _check_values(name: str, distribution: Distribution, block: str) -> None:
    """Raise ValueError unless a network can be built with every value of a parameter."""
    values = distribution.values or (distribution.low, distribution.high)
    if name == "se_ratio":
        valid, expected = min(values) >= 0, "at least 0"
        if block in ("v", "vr"):
            valid, expected = not any(values), f"0, block {block} has no squeeze-and-excitation"
    elif name == "bottleneck" and distribution.values:
        valid, expected = all(map(_is_ratio, values)), "whole numbers or one over a whole number"
    elif name in (*WHOLE, "bottleneck"):
        valid, expected = distribution.integer and min(values) > 0, "whole numbers above 0"
    else:
        valid, expected = min(values) > 0, "more than 0"
    if not valid:
        raise ValueError(f"parameters: {name} is {', '.join(f'{value:g}' for value in values)}, expected {expected}")


def _is_ratio(bottleneck: float) -> bool:
    ratio = max(bottleneck, 1 / bottleneck) if bottleneck > 0 else 0.0
    return ratio > 0 and math.isclose(ratio, round(ratio), rel_tol=1e-5)


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
    """The entropy of a population's random streams: a hash of what determines it, names and descriptions aside.

    Limits that were derived from other populations are no part of it: where they move, networks within the old and the
    new ones stay.
    """
    content = {key: value for key, value in definition.items() if key not in NOT_HASHED}
    text = json.dumps(_plain([content, regime, seed]), sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def _plain(value: object) -> object:
    """The same content with whole numbers as integers: 8.0 and 8 are equal, but not in JSON."""
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def decide(space: Space, regime: Mapping[str, Sequence[float]], uniforms: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Decide candidates: (the names of the tests, which of them rejected each candidate first (n,), -1 for none)."""
    values = space.draw(uniforms)
    valid, architectures = space.build(values)
    measured = complexity(architectures, space.channels, space.classes).columns()
    rows = np.flatnonzero(valid)
    tests, rejected_by = ["structure"], np.where(valid, -1, 0)

    def require(test: str, passed: np.ndarray) -> None:
        failed = rows[~passed]
        rejected_by[failed[rejected_by[failed] == -1]] = len(tests)
        tests.append(test)

    for metric, (low, high) in regime.items():
        require(f"{metric} below {low:g}", measured[metric] >= low)
        require(f"{metric} above {high:g}", measured[metric] <= high)
    if space.constraints:
        drawn = {name: column[rows] for name, column in space.scalar_columns(values).items()}
        columns = architectures.columns() | drawn | measured
        numbers = {name: column for name, column in columns.items() if column.dtype.kind in "if"}
        for constraint in space.constraints:
            require(constraint.text, constraint.holds(numbers))
    return tests, rejected_by


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
    accepted, draws, rejections = _search(space, regime, streams, max_draws)
    values = space.draw(accepted)
    _, architectures = space.build(values)
    measured = complexity(architectures, space.channels, space.classes)
    return Sample(indices, architectures, measured, space.recorded(values), draws, rejections)


def _search(
    space: Space, regime: Mapping[str, Sequence[float]], streams: Sequence[np.random.Generator], max_draws: int
) -> tuple[np.ndarray, np.ndarray, dict[str, int]]:
    """Draw from each stream until a candidate is accepted.

    Returns (the uniform numbers of the accepted candidates, how many draws each took, rejections by test). A round
    gives every network without one the same number of candidates, rounds grow, and each is decided in batches; which
    candidates a network meets depends on its stream alone.
    """
    accepted = np.empty((len(streams), space.uniforms_per_draw))
    draws, rejections = np.zeros(len(streams), np.int64), Counter()
    pending, tried, size = np.arange(len(streams)), 0, FIRST_ROUND
    while len(pending):
        if tried >= max_draws:
            raise SamplingError(_report(space, regime, tried, rejections))
        size = min(size, max_draws - tried)
        missed = []
        for part in np.array_split(pending, math.ceil(len(pending) * size / BATCH)):
            uniforms = np.stack([streams[i].random((size, space.uniforms_per_draw)) for i in part])
            tests, rejected_by = decide(space, regime, uniforms.reshape(-1, space.uniforms_per_draw))
            first, rejected = _first_accepted(rejected_by.reshape(len(part), size))
            rejections.update({tests[test]: int(n) for test, n in enumerate(rejected) if n})
            found = np.flatnonzero(first < size)
            accepted[part[found]] = uniforms[found, first[found]]
            draws[part] += np.minimum(first + 1, size)
            missed.append(part[first == size])
        pending, tried, size = np.concatenate(missed), tried + size, min(2 * size, BATCH)
    return accepted, draws, dict(rejections)


def _first_accepted(rejected_by: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Per network (row) the first accepted candidate, or their number if there is none; rejections before, by test."""
    size = rejected_by.shape[1]
    accepted = rejected_by == -1
    first = np.where(accepted.any(axis=1), accepted.argmax(axis=1), size)
    return first, np.bincount(rejected_by[np.arange(size) < first[:, None]])


def _report(space: Space, regime: Mapping, draws: int, rejections: Counter) -> str:
    total = sum(rejections.values())
    reasons = ", ".join(f"{test} {100 * count / total:.1f} %" for test, count in rejections.most_common() if count)
    limits = ", ".join(f"{metric} in [{low:g}, {high:g}]" for metric, (low, high) in regime.items())
    where = f"design space {space.name}, regime {limits or 'any'}"
    return f"{where}: no network found in {draws:,} draws; rejected by: {reasons}"


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
        levels, values = distribution.levels, space.values_per_draw(name)
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

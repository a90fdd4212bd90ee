"""Declared design spaces become sampled architectures.

A design space is data (config/design_spaces.yaml): a family, the distributions of its parameters, what stages share,
which values must be ordered, and constraints; where the training recipe varies too, the distributions of its values.
Here it becomes architectures, whole batches at once, without torch.

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

from netspaces.networks.architecture import Architectures, make_compatible, quantised_linear, unquantised_linear
from netspaces.networks.complexity import METRICS, Complexity, complexity
from netspaces.spaces.definition import (
    NETWORK_PARAMETERS,
    OPTIONAL,
    check_values,
    has_stages,
    read_monotone,
    read_parameters,
    read_recipe,
    read_tied,
)
from netspaces.spaces.distributions import Distribution
from netspaces.spaces.expressions import Constraint

NOT_HASHED = ("name", "description", "constraints_from", "limits")
MAX_DRAWS = 1_000_000
FIRST_ROUND = 32  # candidates per network in the first round; each round has twice as many as the one before
BATCH = 16_384  # candidates decided at once: large enough for numpy, small enough for the cache


class SamplingError(ValueError):
    """Nothing could be drawn from a design space in a regime; the message says what rejected the draws."""


@dataclass(frozen=True)
class Space:
    """A design space ready to draw from; see config/README.md for what a definition holds.

    `parameters` are drawn in the order of `netspaces.spaces.definition`, whatever the order they were declared in.
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
    activation: str = "relu"
    recipe: dict[str, Distribution] = field(default_factory=dict)

    @classmethod
    def from_definition(cls, definition: Mapping) -> "Space":
        """From a resolved definition (`configuration.resolve`); raises ValueError naming the offending key."""
        tied = read_tied(definition)
        parameters = read_parameters(definition, tied)
        for name in (*parameters, *tied):
            check_values(name, parameters[tied.get(name, name)], definition["block"])
        shared = tuple(definition.get("shared", ()))
        if shared and definition["family"] != "anynet":
            raise ValueError(f"shared: {shared[0]} has no values per stage")
        space = cls(
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
            monotone=read_monotone(definition, parameters),
            tied=tied,
            constraints=tuple(
                Constraint(text) for key in ("constraints", "limits") for text in definition.get(key, ())
            ),
            activation=definition.get("activation", "relu"),
            recipe=read_recipe(definition),
        )
        for name, distribution in parameters.items():
            given, expected = len(distribution.values), space.values_per_draw(name)
            if distribution.kind == "per_stage" and (given != expected or name in shared):
                raise ValueError(f"parameters: {name} has {given} values per stage, expected {expected}")
        return space

    def values_per_draw(self, name: str) -> int:
        """How many values of a parameter one candidate takes: one per stage, or one."""
        return self.stages if has_stages(self.family, name) and name not in self.shared else 1

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
            values[name] = drawn if has_stages(self.family, name) else drawn[:, 0]
            start = stop
        return values | {name: values[source] for name, source in self.tied.items()}

    def build(self, values: Mapping[str, np.ndarray]) -> tuple[np.ndarray, Architectures]:
        """Parameter values -> (which draws have a valid structure (n,), the architectures of those)."""
        n = len(values["depth"])
        if self.family == "anynet":
            valid = np.ones(n, bool)
            depths, widths = (_stage_columns(values, name, (n, self.stages)) for name in ("depth", "width"))
        else:
            rule = (values[name] for name in ("depth", "w_0", "w_a", "w_m"))
            valid, depths, widths = quantised_linear(*rule, stages=self.stages)
        depths, widths = depths[valid], widths[valid]
        strides = np.broadcast_to(np.array(self.strides, np.int64), depths.shape)
        if self.family == "linear":
            rule = (values[name][valid] for name in ("w_0", "w_a"))
            depths, widths, strides = unquantised_linear(depths, self.strides, *rule)
        count, stages = depths.shape
        bottlenecks = _stage_columns(values, "bottleneck", (n, stages))[valid].astype(float)
        group_widths = _stage_columns(values, "group_width", (n, stages))[valid]
        kernels = _stage_columns(values, "kernel", (n, stages))[valid]
        widths, bottlenecks, group_widths = make_compatible(widths, bottlenecks, group_widths, self.block)
        if self.family == "linear":  # the others have all their stages
            widths, bottlenecks, group_widths, kernels = (
                column * depths for column in (widths, bottlenecks, group_widths, kernels)
            )
        scalars = {name: np.broadcast_to(values.get(name, OPTIONAL.get(name)), n)[valid] for name in NETWORK_PARAMETERS}
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
            strides=strides,
            kernels=kernels,
            activation=np.full(count, self.activation),
            head_width=scalars["head_width"],
        )

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


def _stage_columns(values: Mapping[str, np.ndarray], name: str, shape: tuple[int, int]) -> np.ndarray:
    column = values.get(name, np.full((1, 1), OPTIONAL.get(name, 1)))
    return np.broadcast_to(column if column.ndim == 2 else column[:, None], shape)


@dataclass(frozen=True)
class Sample:
    """n sampled networks: their architectures, complexity, generating parameters, and what drawing them took.

    `recipes` holds the values of the recipe that were sampled too, by name; it is empty where none are.
    """

    indices: np.ndarray
    architectures: Architectures
    complexity: Complexity
    parameters: dict[str, np.ndarray]
    draws: np.ndarray
    rejections: dict[str, int]
    recipes: dict[str, np.ndarray]

    def recipe(self, row: int) -> dict[str, float]:
        """What one network's recipe has of its own."""
        return {name: float(values[row]) for name, values in self.recipes.items()}

    def columns(self) -> dict[str, np.ndarray]:
        """Flat columns of the sampled table, one value per network."""
        return {
            "index": self.indices,
            **self.architectures.columns(),
            **self.parameters,
            **self.recipes,
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
    recipes = _draw_recipes(space, key, indices)
    return Sample(indices, architectures, measured, space.recorded(values), draws, rejections, recipes)


def _draw_recipes(space: Space, key: int, indices: np.ndarray) -> dict[str, np.ndarray]:
    """The sampled values of recipes, from a stream of each network beside that of its candidates."""
    uniforms = np.empty((len(indices), len(space.recipe)))
    for row, i in enumerate(indices if space.recipe else ()):
        uniforms[row] = np.random.default_rng(np.random.SeedSequence(key, spawn_key=(int(i), 1))).random(
            len(space.recipe)
        )
    return {name: values.quantile(uniforms[:, i]) for i, (name, values) in enumerate(space.recipe.items())}


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
        if levels == 1:
            continue
        order, chosen = space.monotone.get(name, ("free", ()))
        k = len(chosen)
        dimensions += values - k + 1 if order == "equal" else values
        if order == "equal":
            paper, exact = paper * levels ** (values - k + 1), exact * levels ** (values - k + 1)
        elif order == "free":
            paper, exact = paper * levels**values, exact * levels**values
        else:
            paper *= levels**values / math.factorial(k)
            exact *= math.comb(levels + k - 1, k) * levels ** (values - k)
    return Size(dimensions, paper, exact)

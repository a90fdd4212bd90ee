"""Sampling: networks drawn from a design space in a regime, whole batches at once, without torch.

Network i of a population is a pure function of (seed, design space, regime, i): it has a random stream of its own, from
which candidates are drawn until one lies in the regime and meets every constraint. Growing n re-orders nothing.

Sampling is with replacement: an architecture may be drawn twice. It then counts twice in every statistic (dropping it
would change the distribution). Each repetition is trained with another seed, so that what it says of the architecture
is not the same number twice; tables mark it.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from netspaces.files.suggestions import one_of
from netspaces.networks.architecture import Architectures, architecture_key
from netspaces.networks.complexity import Complexity, complexity
from netspaces.networks.metrics import METRICS
from netspaces.spaces.space import Space

SAMPLING_VERSION = 1
"""To be raised by hand when the same definition, regime and seed give other networks than before.

It is a parameter of the jobs that draw networks to train them, in place of a digest of this package: an edit that
leaves all networks as they were trains nothing again. Tests of pinned samples fail when it should have been raised.
"""

NOT_HASHED = ("name", "description", "constraints_from", "limits")
MAX_DRAWS = 1_000_000
FIRST_ROUND = 32  # candidates per network in the first round; each round has twice as many as the one before
IN_VAIN = 1000  # candidates of every network, after which one network goes ahead of all others
BATCH = 16_384  # candidates decided at once: large enough for numpy, small enough for the cache


class SamplingError(ValueError):
    """Nothing could be drawn from a design space in a regime; the message says what rejected the draws."""


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

    def repetitions(self) -> list[int]:
        """How many networks before each one are the same: in structure, and in the values of a recipe that are sampled.

        A function of the networks up to that one, so growing a population changes none. Raises ValueError for networks
        that are not those of a population from its first one on.
        """
        if self.indices.tolist() != list(range(len(self.indices))):
            raise ValueError("repetitions: expected the networks of a population from the first one on")
        seen = Counter[tuple]()
        repetitions = []
        for row in range(len(self.indices)):
            network = (architecture_key(self.architectures.row(row)), *self.recipe(row).values())
            repetitions.append(seen[network])
            seen[network] += 1
        return repetitions

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
        raise SamplingError(
            f"regime: unknown metric {sorted(unknown)[0]!r}, expected {one_of(sorted(unknown)[0], METRICS)}"
        )
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
    candidates a network meets depends on its stream alone. Where no network has found one in many, the first one tries
    all of its own before the others go on: if there are none, that says so at the cost of one network.
    """
    accepted = np.empty((len(streams), space.uniforms_per_draw))
    draws, rejections = np.zeros(len(streams), np.int64), Counter[str]()
    pending, tried, size = np.arange(len(streams)), 0, FIRST_ROUND
    ahead = deepcopy(streams[:1]) if len(streams) > 1 else []
    while len(pending):
        if ahead and len(pending) == len(streams) and tried >= IN_VAIN:
            _search(space, regime, ahead, max_draws)
            ahead = []
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

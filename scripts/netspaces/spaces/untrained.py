"""Networks of a design space that nobody trains: the next ones of the stream that its populations are drawn from.

What is known of them costs nothing but their sampling, and stands for the whole space beside the few that are trained.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from netspaces.spaces.sampling import sample

FIRST = 64  # networks that are drawn in any case; each further part is as large as all before
MOST_DRAWS = 2_000_000
"""Candidates after which no further part is begun: where hardly one in a thousand is accepted there are fewer networks,
which costs little, as a few hundred say almost as much as thousands."""


def sample_untrained(
    definition: Mapping,
    regime: Mapping[str, Sequence[float]],
    seed: int,
    first: int,
    count: int,
    most_draws: int = MOST_DRAWS,
) -> dict[str, np.ndarray]:
    """Columns, one value per network, of networks `first` to `first + count - 1` of a stream.

    Parameters
    ----------
    first : the number of networks that are trained, at most.
    count : how many; fewer where they take more than about `most_draws` candidates, a function of the same arguments.

    Raises
    ------
    SamplingError : if the design space has no network in the regime.
    """
    parts: list[dict[str, np.ndarray]] = []
    drawn = tries = 0
    while drawn < count and tries < most_draws:
        size = min(max(FIRST, drawn), count - drawn)
        part = sample(definition, regime, seed, range(first + drawn, first + drawn + size)).columns()
        parts.append(part)
        drawn, tries = drawn + size, tries + int(part["draws"].sum())
    return {name: _joined([part.get(name) for part in parts], parts) for name in _names(parts)}


def _names(parts: Sequence[Mapping]) -> list[str]:
    """The columns of all parts: a later one may have more stages, as its deepest network has more blocks."""
    return list(dict.fromkeys(name for part in parts for name in part))


def _joined(columns: Sequence[np.ndarray | None], parts: Sequence[Mapping[str, np.ndarray]]) -> np.ndarray:
    """A column of all parts; 0 where a part has no such stage."""
    sizes = [len(part["index"]) for part in parts]
    filled = [np.zeros(n, np.int64) if column is None else column for column, n in zip(columns, sizes, strict=True)]
    return np.concatenate(filled)

"""How many different things there are to draw, from a sample in which some were drawn several times."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Kinds:
    """A sample of n draws with replacement, of `seen` different kinds; `once` and `twice` were drawn so often."""

    n: int
    seen: int
    once: int
    twice: int

    @property
    def about(self) -> int:
        """How many kinds there are at least, estimated (Chao 1984, in its form without bias), rounded.

        >>> kinds("aabbc").about, kinds("aabbcc").about, kinds("abcd").about
        (3, 3, 8)
        """
        share = (self.n - 1) / self.n if self.n else 0.0
        return self.seen + round(share * self.once * (self.once - 1) / (2 * (self.twice + 1)))

    @property
    def are_fewer(self) -> bool:
        """Whether there are fewer kinds than draws, as far as the estimate goes."""
        return self.about < self.n

    @property
    def are_all_seen(self) -> bool:
        """Whether every kind was drawn more than once, so that none is likely to be missing."""
        return self.once == 0


def kinds(labels: Iterable[Hashable]) -> Kinds:
    """The kinds of a sample, by a label of each draw."""
    counts = Counter(labels)
    times = Counter(counts.values())
    return Kinds(counts.total(), len(counts), times[1], times[2])

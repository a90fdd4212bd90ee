"""The resampling core: probabilities of winners by enumeration, ranks of counts as scipy ranks copies."""

from itertools import product

import numpy as np
import pytest
from netspaces.statistics.resampling import (
    drawn_counts,
    drawn_winners,
    expected_best,
    placed,
    spearman,
    win_probabilities,
)
from scipy import stats


@pytest.mark.parametrize("draws", [1, 2, 3])
def test_wins_are_those_of_all_draws_from_what_counts_hold(draws):
    counts = np.array([2, 0, 1, 3])
    copies = np.repeat(np.arange(4), counts)  # ascending errors
    best = np.array(list(product(copies, repeat=draws))).min(axis=1)
    expected = np.bincount(best, minlength=4) / best.size
    assert win_probabilities(counts, draws) == pytest.approx(expected)
    assert win_probabilities(np.stack([counts, 2 * counts]), draws) == pytest.approx(np.stack([expected] * 2))
    errors = np.array([3.0, 9.0, 5.0, 1.0])
    smallest = np.array(list(product(np.repeat(errors, counts), repeat=draws))).min(axis=1)
    assert expected_best(errors, counts, draws) == pytest.approx(smallest.mean())
    assert expected_best(errors, counts / counts.sum(), draws) == pytest.approx(smallest.mean())


def test_counts_rank_as_copies_do():
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 5, (2, 12)).astype(float)
    counts = drawn_counts(12, 3, 0)
    below, tied = placed(x, counts)
    for row, times in enumerate(counts.astype(int)):
        copies = np.repeat(np.arange(12), times)
        ranks = stats.rankdata(x[copies])
        assert (below[row] + (tied[row] + 1) / 2)[copies] == pytest.approx(ranks)
        assert spearman(x, y, counts)[row] == pytest.approx(stats.spearmanr(x[copies], y[copies])[0])
        assert spearman(x, y, counts[row]) == pytest.approx(spearman(x, y, counts)[row])


def test_winners_are_the_first_best_of_each_draw():
    errors = np.array([2.0, 1.0, 1.0, 3.0])
    winners = drawn_winners(errors, 3, 500, np.random.default_rng(4))
    drawn = np.random.default_rng(4).integers(4, size=(500, 3))
    assert winners.tolist() == [row[np.argmin(errors[row])] for row in drawn]

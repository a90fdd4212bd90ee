"""How many kinds there are, from a sample with repetitions."""

import numpy as np
from netspaces.statistics.kinds import kinds


def test_kinds_are_counted_by_how_often_they_were_drawn():
    found = kinds(["a", "b", "a", "c", "c", "c"])
    assert (found.n, found.seen, found.once, found.twice) == (6, 3, 1, 1)
    assert found.about == 3 and found.are_fewer and not found.are_all_seen
    assert kinds("aabb").are_all_seen


def test_different_draws_are_no_few_kinds():
    assert not kinds(range(32)).are_fewer and kinds(range(32)).about > 400
    assert not kinds([]).are_fewer and not kinds(["one"]).are_fewer


def test_the_estimate_is_right_on_average():
    rng = np.random.default_rng(0)
    for there, n in ((8, 16), (20, 32), (20, 100)):
        about = [kinds(rng.integers(there, size=n).tolist()).about for _ in range(400)]
        assert abs(np.mean(about) - there) < 0.06 * there

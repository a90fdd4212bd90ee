"""The bad end of an error distribution: what the worst carry, and what tells them from the others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from netspaces.statistics.tails import Condition, carried_by_worst, far_from, telling_condition
from sklearn.tree import DecisionTreeClassifier


def test_the_worst_tenth_of_equal_errors_carries_a_tenth_and_of_one_bad_network_more():
    assert carried_by_worst(np.full(20, 5.0)) == pytest.approx(0.1)
    assert carried_by_worst([*np.full(9, 5.0), 90.0]) == pytest.approx(90 / 135)


def test_far_is_beyond_twice_the_median():
    assert far_from([9.0, 10.0, 20.0, 20.1], 10.0).tolist() == [False, False, False, True]


def test_a_tail_of_shallow_networks_is_told_by_depth():
    rng = np.random.default_rng(0)
    depth, width = rng.integers(3, 20, 1000), rng.integers(8, 64, 1000)
    found = telling_condition(depth <= 5, {"width": width, "depth": depth})
    assert (found.name, found.bound, found.above) == ("depth", 5, False)
    assert found.recall == 1 and found.share == pytest.approx((depth <= 5).mean())
    assert str(found) == "depth ≤ 5"
    assert found.holds(np.array([5, 6])).tolist() == [True, False]


def test_the_other_side_of_a_bound():
    values = np.arange(10.0)
    assert telling_condition(values > 6, {"x": values}) == Condition("x", 6.0, True, 1.0, 0.3)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=4, max_size=40))
def test_it_is_the_split_of_a_balanced_tree(pairs):
    values, tail = (np.array(column) for column in zip(*pairs, strict=True))
    found = telling_condition(tail, {"x": values})
    if not tail.any() or tail.all() or np.ptp(values) == 0:
        assert found is None
        return

    def accuracy(met: np.ndarray) -> float:
        return (met[tail].mean() + 1 - met[~tail].mean()) / 2

    bounds = np.unique(values)[:-1]
    best = max(max(accuracy(values <= bound), accuracy(values > bound)) for bound in bounds)
    if found is None:
        assert best == pytest.approx(0.5)
    else:
        assert accuracy(found.holds(values)) == pytest.approx(best)
        tree = DecisionTreeClassifier(max_depth=1, class_weight="balanced").fit(values[:, None], tail)
        assert accuracy(tree.predict(values[:, None])) <= best + 1e-9


def test_nothing_is_told_where_nothing_differs():
    assert telling_condition(np.array([True, False]), {"x": np.ones(2)}) is None
    assert telling_condition(np.ones(3, bool), {"x": np.arange(3)}) is None

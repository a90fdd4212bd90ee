"""The regression estimate: laws of the estimator, predictions that have not seen the network, and coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from netspaces.statistics.cross_fitting import Predicted, boosted_trees, cross_fit, r2_within
from netspaces.statistics.regression_estimate import contrast, difference, factor_of, regression_mean, steps
from scipy import stats
from sklearn.linear_model import LinearRegression


def two_spaces(n: int = 40, untrained: int = 2000, seed: int = 0, rare: float = 0.05) -> dict:
    """Two spaces of networks of a good and a rare bad kind; the second space is worse by 2 points."""
    rng = np.random.default_rng(seed)
    drawn: dict = {"errors": {}, "features": {}, "groups": {}, "untrained": {}}
    for name, shift in (("a", 0.0), ("b", 2.0)):
        x = np.column_stack(
            [rng.normal(size=n + untrained), rng.random(n + untrained) < rare, np.full(n + untrained, shift)]
        )
        drawn["errors"][name] = 10 + shift + x[:n, 0] + 30 * x[:n, 1] + rng.normal(0, 0.5, n)
        drawn["features"][name], drawn["untrained"][name] = x[:n], x[n:]
        drawn["groups"][name] = [f"{name}{i}" for i in range(n)]
    return drawn


def made_up(errors, fitted, untrained) -> Predicted:
    """A population with given predictions, of one fold."""
    errors, fitted = np.asarray(errors, float), np.asarray(fitted, float)
    folds = np.zeros(errors.size, int)
    return Predicted(errors, fitted, folds, np.asarray(untrained, float)[None], errors - fitted, folds)


# ---- Means -----------------------------------------------------------------------------------------------------------


def test_the_estimate_is_that_of_survey_sampling():
    """Cassel, Sarndal and Wretman's difference estimator, by hand: mean of predictions plus mean of what is left."""
    found = regression_mean(made_up([10, 12, 20], [11, 12, 17], [11, 12, 16, 25]))
    assert found.estimate == pytest.approx(16 + (-1 + 0 + 3) / 3)
    assert found.error**2 == pytest.approx(np.var([-1, 0, 3], ddof=1) / 3 + np.var([11, 12, 16, 25], ddof=1) / 4)
    assert (found.plain, found.n, found.untrained, found.factor) == (pytest.approx(14), 3, 4, 1.0)
    reach = stats.t.ppf(0.975, 2) * found.error
    assert found.interval(0.95).low == pytest.approx(found.estimate - reach)


numbers = st.lists(st.floats(0, 100), min_size=3, max_size=12)


@given(numbers, st.data())
def test_without_predictions_it_is_the_plain_mean(errors, data):
    fitted = data.draw(st.lists(st.floats(0, 100), min_size=len(errors), max_size=len(errors)))
    found = regression_mean(made_up(errors, fitted, [50.0, 60.0]), factor=0)
    assert found.estimate == pytest.approx(np.mean(errors))
    assert found.error == pytest.approx(found.plain_error)
    assert found.n_eff == pytest.approx(found.n)


@given(numbers, st.floats(-50, 50), st.data())
def test_a_constant_on_all_predictions_changes_nothing(errors, constant, data):
    """The rectifier takes back whatever a model is wrong by everywhere."""
    fitted = np.array(data.draw(st.lists(st.floats(0, 100), min_size=len(errors), max_size=len(errors))))
    free = np.array(data.draw(numbers))
    before = regression_mean(made_up(errors, fitted, free))
    after = regression_mean(made_up(errors, fitted + constant, free + constant))
    assert after.estimate == pytest.approx(before.estimate, abs=1e-6)
    assert after.error == pytest.approx(before.error, abs=1e-6)


def test_a_perfect_model_leaves_the_noise_of_the_untrained_sample_alone():
    errors, free = np.arange(20.0), np.linspace(0, 30, 400)
    found = regression_mean(made_up(errors, errors, free))
    assert found.estimate == pytest.approx(free.mean()) and found.r2 == 1
    assert found.error == pytest.approx(free.std(ddof=1) / 20)
    assert found.n_eff == pytest.approx(20 * np.var(errors, ddof=1) / 20 / found.error**2)


def test_the_factor_is_one_for_few_networks_and_the_best_one_for_many():
    rng = np.random.default_rng(0)
    signal, noise = rng.normal(size=(2, 400))
    few = made_up(signal[:99] + noise[:99], 2 * signal[:99], rng.normal(0, 2, 4000))
    many = made_up(signal + noise, 2 * signal, rng.normal(0, 2, 4000))
    assert factor_of(few) == 1
    assert factor_of(many) == pytest.approx(0.5 / 1.1, abs=0.05)  # cov / var, less what the untrained sample costs
    errors = [regression_mean(many, factor).error for factor in (0.0, factor_of(many), 1.0)]
    assert errors[1] == min(errors)
    useless = made_up(signal + noise, -signal, rng.normal(size=4000))
    assert factor_of(useless) == 0


def test_contrasts_are_sums_and_steps_hold_together():
    means = [regression_mean(made_up(base + np.arange(20.0), np.full(20, 9.0), np.full(50, 9.0))) for base in (9, 5, 0)]
    assert [mean.estimate for mean in means] == pytest.approx([18.5, 14.5, 9.5])
    pair = difference(means[0], means[1], 0.95)
    welch = stats.ttest_ind(9 + np.arange(20.0), 5 + np.arange(20.0), equal_var=False).confidence_interval(0.95)
    assert (pair.estimate, pair.low, pair.high) == pytest.approx((4, welch.low, welch.high))
    both = contrast(means, (1, -2, 1), 0.9)
    assert both.estimate == pytest.approx(18.5 - 2 * 14.5 + 9.5) and both.low < both.estimate < both.high
    first, second = steps(means, 0.95)
    assert (first.estimate, second.estimate) == pytest.approx((4, 5))
    assert first.level == pytest.approx(0.975) and first.low < pair.low


def test_errors_that_do_not_vary_have_a_point():
    found = regression_mean(made_up([90.0] * 5, [90.0] * 5, [90.0] * 7))
    assert (found.estimate, found.error, found.n_eff, found.r2) == (90, 0, 5, 0)
    assert found.interval(0.95).low == found.interval(0.95).high == 90


# ---- Predictions -----------------------------------------------------------------------------------------------------


class Memory:
    """A model that knows the errors that it has seen, by their feature, and says -1 of all others."""

    def fit(self, X, y):
        self.seen = dict(zip(X[:, 0], y, strict=True))

    def predict(self, X):
        return np.array([self.seen.get(x, -1.0) for x in X[:, 0]])


def test_no_network_is_predicted_by_a_model_that_has_seen_its_architecture():
    """Network i of both populations has feature i, so that one of them could tell of the other."""
    n = 20
    x = np.arange(n, dtype=float)[:, None]
    same = [f"architecture {i}" for i in range(n)]
    errors = {"a": np.arange(n) + 5.0, "b": np.arange(n) + 6.0}
    both = {"a": x, "b": x}
    found = cross_fit(errors, both, {"a": same, "b": same}, both, model=Memory, folds=4)
    assert all((one.fitted == -1).all() for one in found.values())
    assert (found["a"].folds == found["b"].folds).all()
    other = ["b0", *(f"b{i}" for i in range(n - 1))]  # the second is the first again, which shifts all further ones
    apart = cross_fit(errors, both, {"a": same, "b": other}, both, model=Memory, folds=4)
    assert any((one.fitted > 0).any() for one in apart.values())


def test_untrained_networks_are_predicted_by_the_models_that_predict_the_trained_ones():
    drawn = two_spaces()
    found = cross_fit(**drawn, model=LinearRegression, folds=5)["a"]
    assert found.by_fold.shape == (5, 2000) and found.fold_shares.sum() == pytest.approx(1)
    by_hand = sum(share * one for share, one in zip(found.fold_shares, found.by_fold, strict=True))
    assert found.untrained == pytest.approx(by_hand)


def test_the_order_of_populations_does_not_matter():
    drawn = two_spaces()
    turned = {key: dict(reversed(values.items())) for key, values in drawn.items()}
    one, other = cross_fit(**drawn), cross_fit(**turned)
    assert all((one[name].untrained == other[name].untrained).all() for name in "ab")


def test_pooling_finds_the_rare_bad_networks():
    drawn = two_spaces(n=60)
    found = cross_fit(**drawn)
    assert r2_within(found) > 0.6
    truth = {"a": 11.5, "b": 13.5}
    for name, one in found.items():
        mean = regression_mean(one)
        assert abs(mean.estimate - truth[name]) < 4 * mean.error
        assert mean.error < 0.7 * mean.plain_error and mean.n_eff > 2 * mean.n


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"groups": {"a": ["one"] * 40, "b": ["one"] * 40}}, "two or more folds and groups"),
        ({"groups": {"a": ["one"], "b": ["one"] * 40}}, r"groups\['a'\]: expected 40 labels, got 1"),
        (
            {"features": {"a": np.full((40, 3), np.nan), "b": np.zeros((40, 3))}},
            r"features\['a'\]: expected a row of finite",
        ),
        ({"untrained": {"a": np.zeros((5, 2)), "b": np.zeros((5, 3))}}, "expected as many of every network"),
    ],
)
def test_what_does_not_fit_together_is_refused(changes, said):
    with pytest.raises(ValueError, match=said):
        cross_fit(**(two_spaces() | changes))


def test_few_networks_are_refused():
    with pytest.raises(ValueError, match="expected 16 networks or more in all, got 14"):
        cross_fit(**two_spaces(n=7))


def test_boosted_trees_give_the_same_numbers_again():
    drawn = two_spaces()
    x, y = drawn["features"]["a"], drawn["errors"]["a"]
    one, other = boosted_trees(), boosted_trees()
    one.fit(x, y)
    other.fit(x, y)
    assert (one.predict(x) == other.predict(x)).all()


# ---- Coverage --------------------------------------------------------------------------------------------------------


def test_intervals_hold_where_the_plain_mean_misses_the_tail():
    """5 % of each space err by 30 points more; true means are 11.5 and 13.5."""
    held, plain, differences, repetitions = 0, 0, 0, 120
    for seed in range(repetitions):
        predicted = cross_fit(**two_spaces(n=40, untrained=500, seed=seed), model=LinearRegression, folds=4)
        a, b = (regression_mean(predicted[name]) for name in "ab")
        held += a.interval(0.95).low <= 11.5 <= a.interval(0.95).high
        plain += a.plain_interval(0.95).low <= 11.5 <= a.plain_interval(0.95).high
        step = difference(b, a, 0.95)
        differences += step.low <= 2 <= step.high
    assert plain < held
    assert held / repetitions > 0.88 and differences / repetitions > 0.88

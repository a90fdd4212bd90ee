"""Few long and many short trainings: laws of the best numbers, the estimator by hand, and what its interval holds."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from netspaces.statistics.intervals import Interval
from netspaces.statistics.multi_fidelity import (
    FEWEST_LONG,
    Levels,
    Split,
    best_split,
    controlled_mean,
    correlation_needed,
    pearson,
    variance_multiplier,
)
from scipy import stats

CORRELATIONS, RATIOS, BUDGETS = st.floats(-1, 1), st.floats(0.005, 0.9), st.floats(8, 300)


@given(CORRELATIONS, RATIOS, BUDGETS, st.data())
def test_no_other_split_of_the_same_cost_has_a_smaller_variance(correlation, ratio, budget, data):
    best = best_split(correlation, ratio, budget)
    assert best.n_long + ratio * best.n_short <= budget * (1 + 1e-6)
    alone = Split(int(budget), 0, 1 / int(budget))
    assert best.variance <= alone.variance
    n_long = data.draw(st.integers(FEWEST_LONG, int(budget)))
    most = int((budget - n_long) / ratio)
    if most >= n_long:
        n_short = data.draw(st.integers(n_long, most))
        explained = max(correlation, 0) ** 2
        assert best.variance <= (1 - explained) / n_long + explained / n_short + 1e-12


@given(CORRELATIONS, RATIOS)
def test_short_trainings_gain_exactly_above_the_needed_correlation(correlation, ratio):
    multiplier = variance_multiplier(correlation, ratio)
    assert (multiplier < 1) == (correlation > correlation_needed(ratio)) or multiplier == pytest.approx(1)
    split = best_split(correlation, ratio, 2000)
    assert split.variance * 2000 >= multiplier - 1e-9  # whole numbers are no better than continuous ones
    if multiplier < 0.99:
        assert split.n_short > split.n_long


def test_whole_numbers_are_those_of_the_source():
    for correlation, ratio in ((0.8, 0.05), (0.95, 0.1), (0.9, 0.2)):
        split = best_split(correlation, ratio, 5000)
        by_formula = np.sqrt(correlation**2 / (ratio * (1 - correlation**2)))
        assert split.n_short / split.n_long == pytest.approx(by_formula, rel=0.01)
        assert split.variance * 5000 == pytest.approx(variance_multiplier(correlation, ratio), rel=1e-3)


def test_the_table_of_the_docs_is_right():
    page = (Path(__file__).parents[3] / "docs" / "explanation" / "statistics.md").read_text(encoding="utf-8")
    lines = page.split("| short costs |")[1].splitlines()
    correlations = [float(cell.replace("r =", "")) for cell in lines[0].split("|")[1:-1]]
    rows = [[float(cell.split("%")[0]) for cell in line.split("|")[1:-1]] for line in lines[2:7]]
    for cost, needed, *multipliers in rows:
        assert needed == pytest.approx(correlation_needed(cost / 100), abs=0.0051)
        expected = [variance_multiplier(correlation, cost / 100) for correlation in correlations]
        assert multipliers == pytest.approx(expected, abs=0.0051)


@pytest.mark.parametrize("wrong", [(0.5, 0, 50), (0.5, 1, 50), (1.2, 0.1, 50), (0.5, 0.1, 7), (np.nan, 0.1, 50)])
def test_plans_of_nonsense_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        best_split(*wrong)


def test_correlations_have_fishers_interval():
    rng = np.random.default_rng(0)
    x = rng.normal(size=20)
    y = x + rng.normal(size=20)
    found, known = pearson(x, y, 0.9), stats.pearsonr(x, y)
    interval = known.confidence_interval(0.9)
    assert [found.estimate, found.low, found.high] == pytest.approx([known.statistic, interval.low, interval.high])
    assert pearson(x, -2 * x) == Interval(-1.0, -1.0, -1.0, 0.95)
    assert np.isnan([pearson(x[:3], y[:3]).low, pearson(x, np.ones(20)).estimate]).all()


def test_the_corrected_mean_by_hand():
    mean = controlled_mean([2.0, 4.0, 6.0, 9.0], [1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0])
    line = stats.linregress([1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 6.0, 9.0])
    assert mean.coefficient == pytest.approx(line.slope)
    assert mean.estimate == pytest.approx(line.intercept + line.slope * 4.5)
    assert (mean.n, mean.others) == (4, 4)


@given(st.floats(-50, 50), st.floats(0.1, 10))
def test_the_scale_of_the_control_does_not_matter(shift, scale):
    rng = np.random.default_rng(1)
    control, others = rng.gamma(2, size=12), rng.gamma(2, size=40)
    long = control + rng.normal(size=12)
    one, other = (
        controlled_mean(long, control, others),
        controlled_mean(long, shift + scale * control, shift + scale * others),
    )
    assert other.estimate == pytest.approx(one.estimate) and other.error == pytest.approx(one.error)


def test_without_other_networks_or_with_a_constant_control_it_is_the_plain_mean():
    long, control = [8.0, 9.0, 11.0, 12.0, 10.0], [1.0, 3.0, 2.0, 5.0, 4.0]
    low, high = stats.t.interval(0.95, 4, np.mean(long), stats.sem(long))
    for mean in (controlled_mean(long, control, []), controlled_mean(long, np.ones(5), np.ones(9))):
        interval = mean.interval(0.95)
        assert [interval.estimate, interval.low, interval.high] == pytest.approx([10.0, low, high])


def test_other_shapes_are_refused():
    for wrong in (([1.0] * 3, [1.0] * 3, []), ([1.0] * 4, [1.0] * 5, []), ([1.0] * 4, [1.0] * 4, [np.nan])):
        with pytest.raises(ValueError, match="expected"):
            controlled_mean(*wrong)


def _levels(n: int, drawn: int, rng: np.random.Generator, free: int = 4000) -> Levels:
    """Networks of a space whose mean error is 8 after long trainings."""
    predicted, luck, chance = rng.normal(size=(3, drawn))
    long = 8 + 0.6 * predicted + 0.6 * luck + 0.5 * chance
    return Levels(long[:n], predicted, 20 + 0.6 * predicted + 0.8 * luck, rng.normal(size=free))


def test_short_trainings_that_tell_what_predictions_tell_change_nothing():
    levels = _levels(12, 60, np.random.default_rng(0))
    told = Levels(levels.long, levels.predicted, 3 - 2 * levels.predicted, levels.free)
    slope, level = np.polyfit(levels.predicted[:12], levels.long, 1)
    assert told.mean().estimate == pytest.approx(level + slope * levels.free.mean())
    assert np.abs(told.beyond_predictions()[0]).max() < 1e-9
    by_prediction = controlled_mean(levels.long, levels.predicted[:12], levels.free)
    assert told.mean().estimate == pytest.approx(by_prediction.estimate, abs=0.01)  # whose mean is over all


def test_constant_predictions_leave_the_mean_that_short_trainings_correct():
    levels = _levels(12, 60, np.random.default_rng(1))
    blind = Levels(levels.long, np.full(60, 7.0), levels.short, np.full(4000, 7.0))
    alone = controlled_mean(levels.long, levels.short[:12], levels.short[12:])
    assert [blind.mean().estimate, blind.mean().coefficient] == pytest.approx([alone.estimate, alone.coefficient])
    assert blind.mean().error == pytest.approx(alone.error, rel=0.1)


def test_what_is_beyond_predictions_has_the_partial_correlation():
    levels = _levels(200, 200, np.random.default_rng(2))
    r = np.corrcoef([levels.predicted, levels.short, levels.long])
    partial = (r[1, 2] - r[0, 1] * r[0, 2]) / np.sqrt((1 - r[0, 1] ** 2) * (1 - r[0, 2] ** 2))
    assert np.corrcoef(*levels.beyond_predictions())[0, 1] == pytest.approx(partial)


def test_levels_of_other_shapes_are_refused():
    ten = np.arange(10.0)
    for wrong in (
        (ten[:4], ten, ten, ten),
        (ten, ten[:9], ten[:9], ten),
        (ten, ten, ten[:9], ten),
        (ten, ten, ten, []),
    ):
        with pytest.raises(ValueError, match="expected"):
            Levels(*map(np.asarray, wrong))


@pytest.mark.slow
@pytest.mark.parametrize("n", [8, 32])
def test_the_interval_of_both_controls_holds_the_mean_and_both_make_it_surer_than_each(n):
    held, errors = 0, []
    for i in range(2000):
        levels = _levels(n, 10 * n, np.random.default_rng([n, i]))
        mean = levels.mean()
        interval = mean.interval(0.95)
        held += interval.low <= 8 <= interval.high
        by_short = controlled_mean(levels.long, levels.short[:n], levels.short[n:])
        by_prediction = controlled_mean(levels.long, levels.predicted[:n], levels.free)
        errors.append([mean.estimate, by_short.estimate, by_prediction.estimate, levels.long.mean()])
    variances = np.var(errors, axis=0)
    print(held / 2000, variances / variances[-1])
    assert 0.93 < held / 2000 < 0.97
    assert n < 32 or variances[0] == variances.min()  # of eight long networks a second coefficient costs too much


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["normal", "skewed", "rare bad networks"])
def test_the_interval_holds_the_mean_and_its_variance_is_the_predicted_one(kind):
    rng, simulations, n, drawn = np.random.default_rng(0), 2000, 32, 320
    errors, plain, held, held_plain = [], [], 0, 0
    for _ in range(simulations):
        short, long, truth = _population(kind, drawn, rng)
        mean = controlled_mean(long[:n], short[:n], short[n:])
        alone = controlled_mean(long[:n], short[:n], [])
        errors.append(mean.estimate - truth)
        plain.append(alone.estimate - truth)
        held += abs(errors[-1]) <= mean.interval(0.95).high - mean.estimate
        held_plain += abs(plain[-1]) <= alone.interval(0.95).high - alone.estimate
    short, long, _ = _population(kind, 200_000, rng)
    explained = np.corrcoef(short, long)[0, 1] ** 2
    ratio = np.var(errors) / np.var(plain)
    if kind == "rare bad networks":  # a sample of 32 may have none: no interval of a mean is right, this one is better
        assert held > held_plain + 50 and ratio < 0.4 and abs(np.mean(errors)) < np.std(plain) / 4
    else:
        assert abs(np.mean(errors)) < 4 * np.std(errors) / np.sqrt(simulations)
        assert 0.93 < held / simulations < 0.97
        assert ratio == pytest.approx(1 - explained * (1 - n / drawn), rel=0.12)


def _population(kind: str, networks: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Errors after short and after long trainings of some networks, and the true mean of the latter."""
    if kind == "rare bad networks":
        bad = 30 * (rng.random(networks) < 0.05)
        usual = rng.normal(size=networks)
        return 10 + 2 * usual + bad, 7 + usual + bad + rng.normal(0, 1.5, networks), 7 + 30 * 0.05
    usual, luck = rng.normal(size=(2, networks)) if kind == "normal" else rng.gamma(2, 0.7, (2, networks)) - 1.4
    return 10 + usual, 8 + 0.8 * usual + 0.6 * luck, 8.0

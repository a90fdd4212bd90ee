"""Quantities of claims, each on populations whose truth is known."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.invented import curve as real_curve
from helpers.invented import definition
from helpers.known_claims import (
    INFINITE,
    claim,
    curve,
    found,
    judged,
    measured,
    population,
    regimes,
    verdict,
)
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.spaces.size import count
from netspaces.statistics.best import mean_best
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.statistics.search import random_search_exact
from netspaces.statistics.widths_fit import PAPER_GRID
from netspaces.studies.claims.claim import (
    CONFIRMED,
    CONTRADICTED,
    NO_CHOICE,
    UNDECIDED,
)
from netspaces.studies.claims.populations import measure, population_quantity
from netspaces.studies.claims.values import values_of
from netspaces.studies.study import Curve
from scipy.stats import pearsonr, spearmanr, ttest_ind


@pytest.mark.parametrize(
    ("truth", "low", "high", "expected"),
    [(6, 0, INFINITE, CONFIRMED), (-6, 0, INFINITE, CONTRADICTED), (0, 0, INFINITE, UNDECIDED)]
    + [(0, -4, 4, CONFIRMED), (9, -4, 4, CONTRADICTED)],
)
def test_difference_of_means(truth, low, high, expected):
    a, b = curve(population(40 + truth, seed=1)), curve(population(40, seed=2))
    assert found(claim("mean_difference"), a, b).estimate == pytest.approx(a.errors.mean() - b.errors.mean())
    assert judged(claim("mean_difference", low, high), a, b, claims=40) == expected


@pytest.mark.parametrize(
    ("means", "expected"), [((50, 40, 30), CONFIRMED), ((50, 30, 40), CONTRADICTED), ((50, 40, 40), UNDECIDED)]
)
def test_order(means, expected):
    curves = [curve(population(mean, seed=i)) for i, mean in enumerate(means)]
    steps = -np.diff([c.errors.mean() for c in curves])
    assert found(claim("smallest_step"), *curves).estimate == pytest.approx(steps.min())
    assert judged(claim("smallest_step", 0), *curves) == expected


def test_search_compares_expected_best_errors_and_has_no_interval_beyond_an_eighth_of_n():
    a, b = curve(population(40, 128, 1)), curve(population(30, 128, 2))
    expected = np.subtract(*(random_search_exact(c.errors, [16, 32]).mean for c in (a, b)))
    sure, unsure = (found(claim("search_difference", draws=m), a, b) for m in (16, 32))
    assert [sure.estimate, unsure.estimate] == pytest.approx(expected)
    assert judged(claim("search_difference", 0, draws=16), a, b) == CONFIRMED
    assert judged(claim("search_difference", 0, draws=32), a, b) == UNDECIDED and math.isnan(unsure.low)
    assert math.isnan(found(claim("search_difference", draws=129), a, b).estimate)


def test_the_mean_gains_more_than_the_best_where_the_spread_shrinks():
    wide, narrow = curve(population(50, seed=1, spread=8)), curve(population(38, seed=2, spread=2))
    assert judged(claim("spread_difference", 0), wide, narrow) == CONFIRMED
    assert judged(claim("spread_difference", 0), narrow, wide) == CONTRADICTED


@pytest.mark.parametrize(("slope", "expected"), [(-5, CONFIRMED), (5, CONTRADICTED), (0, UNDECIDED)])
def test_rank_correlation(slope, expected):
    x = np.random.default_rng(0).integers(1, 20, 80)
    c = curve(50 + slope * np.log2(x) + np.random.default_rng(1).normal(0, 2, 80), width_4=x)
    of = claim("rank_correlation", -1, 0, value="width_4")
    assert found(of, c).estimate == pytest.approx(spearmanr(x, c.errors).statistic)
    assert judged(of, c) == expected


@pytest.mark.parametrize(
    ("penalty", "high", "expected"),
    [(10, 2, CONFIRMED), (-10, 2, CONTRADICTED), (0, 2.4, UNDECIDED), (0, 1, CONTRADICTED)],
)
def test_best_value_is_the_mean_of_the_best_of_eight_with_an_interval(penalty, high, expected):
    b = np.random.default_rng(0).choice([1, 2, 4], 200)
    errors = 40 + penalty * (b == 4) - penalty * (b < 4) + np.random.default_rng(1).normal(0, 2, 200)
    of = claim("best_value", high=high, value="bottleneck_1")
    assert found(of, curve(errors, bottleneck_1=b)).estimate == pytest.approx(mean_best(b, errors, 8))
    assert judged(of, curve(errors, bottleneck_1=b)) == expected


@pytest.mark.slow
@pytest.mark.parametrize("quantity", ["best_value", "best_mean", "best_exponent"])
def test_intervals_of_best_networks_shrink_as_the_square_root_of_n(quantity):
    """Means over ten samples of each size, so that the widths themselves hardly scatter."""

    def width(n: int) -> float:
        widths = []
        for seed in range(10):
            rng, curves = np.random.default_rng(seed), []
            for i in range(2 if quantity == "best_exponent" else 1):
                depth = rng.uniform(4, 40, n)
                errors = 10 + 8 * np.abs(np.log2(depth / 14)) + rng.gamma(2.0, 1.0, n)
                curves.append(curve(errors, depth=depth, flops=1e6 * 2.0**i * rng.uniform(0.9, 1, n)))
            interval = found(claim(quantity, high=20, value="depth"), *curves)
            widths.append(interval.high - interval.low)
        return float(np.mean(widths))

    at_64, at_256, at_1024 = map(width, (64, 256, 1024))
    assert 1.5 < at_64 / at_256 < 2.7 and 1.5 < at_256 / at_1024 < 2.7


def test_smallest_and_largest_of_differences_of_partners():
    """Three pairs of populations, whose means differ by 1, 3 and -2."""
    firsts = [curve(population(means, seed=seed)) for seed, means in enumerate((31, 33, 28))]
    others = [curve(population(30, seed=seed)) for seed in range(3, 6)]
    differences = [a.errors.mean() - b.errors.mean() for a, b in zip(firsts, others, strict=True)]
    smallest, largest = (found(claim(f"{which}_difference"), *firsts, *others) for which in ("smallest", "largest"))
    assert smallest.estimate == pytest.approx(min(differences)) and smallest.low < -2 < smallest.high
    assert largest.estimate == pytest.approx(max(map(abs, differences))) and 0 <= largest.low < 3 < largest.high
    alike = found(claim("largest_difference"), *firsts, *firsts)
    assert alike.estimate == 0 and alike.low == 0 < alike.high


def test_largest_difference_of_searches():
    first, second = curve(population(30)), curve(population(34, seed=1))
    gap = found(claim("search_difference"), second, first).estimate
    swapped = found(claim("largest_search_difference"), first, second)
    assert swapped.estimate == pytest.approx(abs(gap)) and swapped.low > 0


@pytest.mark.parametrize("quantity", ["smallest_difference", "largest_difference", "largest_search_difference"])
def test_partners_are_an_even_number(quantity):
    with pytest.raises(ValueError, match="name.populations: got 3, expected an even number"):
        population_quantity(claim(quantity), 3)


def test_few_runs_of_a_best_value_decide_nothing():
    assert judged(claim("best_value", high=2, value="b"), curve(range(8), b=[1.0] * 7 + [4.0])) == UNDECIDED


@pytest.mark.parametrize("truth", [0.0, 0.5, 1.0])
def test_exponent_of_the_best_over_flops(truth):
    curves = regimes(truth)
    interval = found(claim("best_exponent", value="depth"), *curves)
    assert interval.low < truth < interval.high and interval.high - interval.low < 0.4
    assert judged(claim("best_exponent", 0.3, 0.7, value="depth"), *curves) == (
        CONFIRMED if truth == 0.5 else CONTRADICTED
    )


def test_mean_of_the_best_over_regimes():
    interval = found(claim("best_mean", 18, 22, value="depth"), *regimes(0.1))
    assert interval.low < 20 < interval.high and interval.high / interval.low < 1.5


def test_one_value_of_all_networks_is_an_interval_without_width():
    c = curve(population(30), bottleneck_1=np.ones(100))
    assert found(claim("mean_difference", value="bottleneck_1"), c, c) == Interval(0.0, 0.0, 0.0, 0.95)


def test_fits_of_design_spaces():
    curves = [real_curve(space) for space in ("AnyNetX_C", "AnyNetX_E")]
    of = measure(
        claim("mean_difference", value="e_fit"), curves, PAPER_GRID.scaled(1 / 8), resampling=Resampling(resamples=200)
    )
    assert of.confidence.estimate > 0


def test_contrasts_are_weighted_means_with_welchs_interval_at_least():
    a, b, c = (curve(population(mean, 40, seed)) for seed, mean in enumerate((50, 40, 38)))
    of = claim("contrast", 0, weights=(1.0, -2.0, 1.0))
    expected = a.errors.mean() - 2 * b.errors.mean() + c.errors.mean()
    assert found(of, a, b, c).estimate == pytest.approx(expected)
    assert judged(of, a, b, c) == CONFIRMED
    two = found(
        claim("contrast", weights=(1.0, -1.0)), a, b, resampling=Resampling(resamples=1)
    )  # whose bootstrap is narrow
    welch = ttest_ind(a.errors, b.errors, equal_var=False).confidence_interval()
    assert [two.low, two.high] == pytest.approx([welch.low, welch.high])


def test_what_twice_as_many_networks_gain():
    c = curve(population(40, 128))
    half, whole = random_search_exact(c.errors, [8, 16]).mean
    gain = found(claim("search_gain", draws=16), c)
    assert gain.estimate == pytest.approx(half - whole) and gain.low < gain.estimate < gain.high
    of = measured(claim("search_gain", draws=32), c)
    assert not of.confidence.is_known and of.reason == "32 draws are more than 1/8 of the networks"
    assert of.least == 256


def test_the_strongest_of_several_correlations_has_no_sign():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 100))
    c = curve(50 - 5 * x + rng.normal(size=100), x=x, y=y)
    of = claim("strongest_correlation", 0, 0.3, values=("x", "y"))
    assert found(of, c).estimate == pytest.approx(-spearmanr(x, c.errors).statistic)
    assert judged(of, c) == CONTRADICTED and judged(replace(of, values=("y",)), c) == CONFIRMED
    assert 0 <= found(replace(of, values=("y",)), c).low


def timed(n: int, seed: int, regime: float = 1.0) -> Curve:
    """Networks whose time follows activations, which follow flops loosely."""
    rng = np.random.default_rng(seed)
    flops = regime * rng.uniform(0.9, 1.0, n)
    activations = np.sqrt(flops) * rng.gamma(8, 1 / 8, n)
    return curve(population(30, n), flops=flops, activations=activations, time=activations + rng.normal(0, 0.1, n))


def test_correlations_are_those_of_all_networks_together():
    curves = [timed(30, i, 2.0**i) for i in range(3)]
    whole = pd.concat([c.table for c in curves])
    a, f = (pearsonr(whole["time"], whole[name]).statistic for name in ("activations", "flops"))
    of = claim("correlation", 0, value="time", against=("activations", "flops"))
    assert found(of, *curves).estimate == pytest.approx(a - f) and judged(of, *curves, claims=100) == CONFIRMED
    one = found(replace(of, against=("flops",)), *curves)
    assert one.estimate == pytest.approx(f) and one.low < f < one.high


@pytest.mark.slow
def test_intervals_of_a_difference_of_correlations_hold_the_truth():
    many = [timed(200_000, 1000 + i, 2.0**i) for i in range(2)]
    whole = pd.concat([c.table for c in many])[["time", "activations", "flops"]].corr().loc["time"]
    truth, missed = whole["activations"] - whole["flops"], 0
    of = claim("correlation", value="time", against=("activations", "flops"))
    for i in range(100):
        interval = found(
            of, timed(40, 2 * i), timed(40, 2 * i + 1, 2.0), resampling=Resampling(level=0.9, resamples=30)
        )
        missed += not interval.low <= truth <= interval.high
    assert 2 <= missed <= 20  # 99 % of binomial(100, 0.1) lies in 3 to 18; a bootstrap is a little off


def test_values_may_be_arithmetic_on_columns():
    c = curve(population(30), a=np.arange(100.0), b=np.full(100, 4.0))
    np.testing.assert_allclose(values_of(c, "(a + 1) / sqrt(b)", PAPER_GRID), (c.table["a"] + 1) / 2)
    assert np.isnan(values_of(c, "a * c", PAPER_GRID)).all()
    for value in ("a.sum()", "__import__('os')", "a +"):
        with pytest.raises(ValueError, match="name.value: got .*, expected error, e_fit or arithmetic on columns"):
            found(claim("best_value", value=value), c)


@pytest.mark.parametrize(("b", "expected"), [(1.0, "every network lies"), (4.0, "no network lies")])
def test_without_a_choice_the_best_says_nothing(b, expected):
    c = curve(population(30), bottleneck_1=np.full(100, b))
    for quantity in ("best_value", "best_mean"):
        of = claim(quantity, high=2, value="bottleneck_1")
        assert judged(of, c) == NO_CHOICE and measured(of, c).reason.startswith(expected)


def test_sizes_of_design_spaces_are_counted():
    definitions = {space: definition(space) for space in ("AnyNetX_A", "AnyNetX_E")}
    sizes = [count(definitions[space]).paper_count for space in definitions]
    spaces = [curve([], space) for space in definitions]
    of = measure(claim("size_ratio", 1), spaces, PAPER_GRID, definitions=definitions)
    assert of.confidence.is_exact and of.confidence.estimate == pytest.approx(math.log10(sizes[0] / sizes[1]))
    assert verdict(claim("size_ratio", 1), of) == CONFIRMED


def test_a_quantity_of_a_file_of_a_user(tmp_path):
    path = tmp_path / "median.py"
    path.write_text(
        "import numpy as np\n"
        "from netspaces.statistics.intervals import Interval\n"
        "from netspaces.studies.claims.quantity import PopulationQuantity\n"
        "def measure(samples, claim, resampling):\n"
        "    return Interval.point(float(np.median(samples[0].value)), resampling.level)\n"
        "QUANTITY = PopulationQuantity(measure)\n"
    )
    load_plugins([path])
    try:
        c = curve(population(30))
        assert found(claim("median", 0), c) == Interval.point(np.median(c.errors), 0.95)
    finally:
        forget_plugins()
    with pytest.raises(ValueError, match=r"name\.quantity: got 'median'"):
        found(claim("median"), curve(population(30)))

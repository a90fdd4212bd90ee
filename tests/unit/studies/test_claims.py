"""Claims: each quantity on populations whose truth is known, verdicts by rule."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from helpers.invented import curve as real_curve
from helpers.invented import definition
from netspaces.plugins.loading import forget_plugins, load_plugins
from netspaces.spaces.size import count
from netspaces.statistics.best import mean_best
from netspaces.statistics.confidence import Confidence
from netspaces.statistics.intervals import Interval, Resampling
from netspaces.statistics.search import random_search_exact
from netspaces.statistics.widths_fit import PAPER_GRID
from netspaces.studies.claims.claim import (
    CONFIRMED,
    CONTRADICTED,
    NO_CHOICE,
    NO_RUNS,
    NOT_COMPUTABLE,
    NOT_MEASURED,
    UNDECIDED,
    Claim,
    Finding,
)
from netspaces.studies.claims.populations import measure, population_quantity
from netspaces.studies.claims.quantities import QUANTITIES
from netspaces.studies.claims.quantity import ModelQuantity, PopulationQuantity
from netspaces.studies.claims.values import values_of
from netspaces.studies.claims.verdicts import alone
from netspaces.studies.study import Curve
from scipy.stats import pearsonr, spearmanr, ttest_ind

INFINITE = math.inf
FEW = Resampling(resamples=40)  # of which claims make twenty times as many
SAMPLED = [name for name, quantity in QUANTITIES.items() if isinstance(quantity, PopulationQuantity)]
OF_POPULATIONS = [name for name, quantity in QUANTITIES.items() if not isinstance(quantity, ModelQuantity)]
KEYS = {
    "contrast": {"weights": (1.0, -1.0)},
    "strongest_correlation": {"values": ("depth",)},
    "correlation": {"against": ("depth",)},
}


def claim(quantity: str, low: float = -INFINITE, high: float = INFINITE, **more) -> Claim:
    return Claim("name", "words", "figure", quantity, low, high, **more)


def curve(errors, name: str = "Space", planned: int | None = None, **columns) -> Curve:
    table = pd.DataFrame({"error_min": np.asarray(errors, float)} | columns).assign(status="finished")
    return Curve(name, name, f"{name}-base-short", table, len(table) if planned is None else planned)


def measured(claim: Claim, *curves: Curve, resampling: Resampling = FEW) -> Finding:
    return measure(claim, curves, PAPER_GRID, resampling)


def found(claim: Claim, *curves: Curve, claims: int = 1, resampling: Resampling = FEW) -> Interval:
    """The two-sided interval that holds for several claims at once."""
    confidence = measured(claim, *curves, resampling=resampling).confidence
    assert confidence is not None
    return confidence.interval(resampling.simultaneous(claims).level)


def verdict(claim: Claim, finding: Finding, claims: int = 1) -> str:
    return alone(claim, finding, 0.05 / claims)


def judged(claim: Claim, *curves: Curve, claims: int = 1, resampling: Resampling = FEW) -> str:
    return verdict(claim, measured(claim, *curves, resampling=resampling), claims)


def population(mean: float, n: int = 100, seed: int = 0, spread: float = 4.0) -> np.ndarray:
    return mean - 2 * spread + spread * np.random.default_rng(seed).gamma(2.0, 1.0, n)


def regimes(exponent: float, value: str = "depth", best: float = 20.0) -> list[Curve]:
    """Seven regimes in which the best networks have value = best * (flops / middle)^exponent, others half or double."""
    curves = []
    for i in range(7):
        rng, flops = np.random.default_rng(i), 1e6 * 2.0**i
        off = rng.uniform(-1, 1, 60)
        values = best * 2.0 ** (exponent * (i - 3)) * 2.0**off
        columns = {value: values, "flops": flops * rng.uniform(0.9, 1, 60)}
        curves.append(curve(30 + 20 * np.abs(off) + rng.normal(0, 0.1, 60), f"Space{i}", **columns))
    return curves


# ---- The rule --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.0, 2.0, CONFIRMED),
        (0.0, 3.0, CONFIRMED),
        (-0.1, 2.0, UNDECIDED),
        (2.0, 3.1, UNDECIDED),
        (-2, -0.1, CONTRADICTED),
    ]
    + [(3.1, 4.0, CONTRADICTED), (-1.0, 4.0, UNDECIDED), (math.nan, math.nan, UNDECIDED)],
)
def test_an_interval_inside_confirms_outside_contradicts_else_nothing_is_decided(low, high, expected):
    confidence = Confidence(1.0, lambda error: low, lambda error: high)
    assert verdict(claim("mean_difference", 0, 3), Finding(confidence, absent=UNDECIDED)) == expected


def test_without_an_interval_there_are_no_runs():
    assert verdict(claim("mean_difference", 0), Finding()) == NO_RUNS
    assert verdict(claim("error_gap", 0), Finding(absent=NOT_MEASURED)) == NOT_MEASURED


@pytest.mark.parametrize("runs", [0, 1])
@pytest.mark.parametrize("quantity", SAMPLED)
def test_fewer_than_two_runs_say_nothing(quantity, runs):
    curves = [curve([30.0] * runs, depth=[4.0] * runs, flops=[1e6] * runs) for _ in range(QUANTITIES[quantity].fewest)]
    value = {"value": "depth"} if "value" in QUANTITIES[quantity].takes else {}
    of = measured(claim(quantity, **value, **KEYS.get(quantity, {})), *curves)
    assert of.confidence is None and of.reason == "fewer than 2 runs" and verdict(claim(quantity), of) == NO_RUNS


def test_a_column_that_is_not_there_gives_no_verdict():
    of = measured(claim("best_value", 0, value="w_m"), curve(population(30)))
    assert of.confidence is None and of.reason == "no w_m of Space-base-short"
    assert verdict(claim("best_value"), of) == NOT_COMPUTABLE


@pytest.mark.parametrize("quantity", OF_POPULATIONS)
def test_the_wrong_number_of_populations_is_refused(quantity):
    too_few = [curve(population(30))] * (QUANTITIES[quantity].fewest - 1)
    with pytest.raises(ValueError, match=r"name\.populations: got \d, expected"):
        found(claim(quantity, **KEYS.get(quantity, {})), *too_few)


@pytest.mark.parametrize(
    ("quantity", "keys", "expected"),
    [
        ("contrast", {"weights": (1.0,)}, r"name\.weights: got 1, expected one per population"),
        ("contrast", {}, r"name\.weights: got 0, expected one per population"),
        ("mean_difference", {"weights": (1.0, 2.0)}, r"name\.weights: got 2, expected none"),
        ("correlation", {}, r"name\.against: got 0, expected 1 or 2"),
        ("strongest_correlation", {}, r"name\.values: got 0, expected at least 1"),
    ],
)
def test_keys_that_a_quantity_wants(quantity, keys, expected):
    with pytest.raises(ValueError, match=expected):
        population_quantity(claim(quantity, **keys), QUANTITIES[quantity].fewest)


def test_an_unknown_quantity_is_refused():
    with pytest.raises(ValueError, match=r"name\.quantity: got 'luck', expected one of best_exponent, best_mean"):
        found(claim("luck"), curve(population(30)))


# ---- Quantities ------------------------------------------------------------------------------------------------------


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


# ---- Errors of the rule ----------------------------------------------------------------------------------------------


def test_verdicts_against_the_truth_are_rare():
    """In lists of 8 claims, half of them true and half false at their very edge, few lists hold a wrong verdict."""
    lists, wrong = 60, 0
    for i in range(lists):
        rng, bad = np.random.default_rng(i), False
        for true in (True, False) * 4:
            a, b = (curve(30 + 4 * rng.gamma(2.0, 1.0, 32)) for _ in range(2))
            of = claim("mean_difference", 0) if true else claim("mean_difference", 1e-9)
            # means are equal: confirming the false claim, or contradicting the true one, is wrong
            bad |= judged(of, a, b, claims=8, resampling=Resampling(resamples=30)) == (
                CONTRADICTED if true else CONFIRMED
            )
        wrong += bad
    assert wrong / lists <= 0.15


def test_few_runs_give_an_estimate_and_no_verdict():
    for n, expected in ((15, UNDECIDED), (16, CONFIRMED)):
        a, b = curve(population(60, n, 1)), curve(population(40, n, 2))
        assert judged(claim("mean_difference", 0), a, b) == expected
        assert found(claim("mean_difference"), a, b).estimate > 10


def test_more_claims_make_wider_intervals():
    a, b = curve(population(40, seed=1)), curve(population(38, seed=2))
    alone, among = (found(claim("mean_difference"), a, b, claims=k) for k in (1, 48))
    assert among.low < alone.low < alone.high < among.high
    assert among.level == pytest.approx(1 - 0.05 / 48)

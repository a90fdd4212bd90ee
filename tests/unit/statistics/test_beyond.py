"""What measurements tell beyond what is known: nothing of a copy, much of the rest, and nothing of noise."""

import numpy as np
import pytest
from netspaces.statistics.beyond import TOGETHER, beyond
from netspaces.statistics.cross_fitting import cross_fit, r2_within
from netspaces.statistics.intervals import Resampling
from scipy import stats
from sklearn.linear_model import LinearRegression

RESAMPLING = Resampling(resamples=400)
SIZES = {"a": 40, "b": 60}


def linear() -> LinearRegression:
    return LinearRegression()


def populations(seed: int = 0) -> tuple[dict, dict, dict, dict]:
    """Errors of a known part, a part that a measurement sees, and noise; in `b` all errors lie higher."""
    rng = np.random.default_rng(seed)
    errors, known, measured, groups = {}, {}, {}, {}
    for name, n in SIZES.items():
        x, hidden = rng.normal(size=(2, n))
        errors[name] = 20 + 5 * (name == "b") + 3 * x + 2 * hidden + 0.3 * rng.normal(size=n)
        known[name] = x[:, None]
        measured[name] = {"copy": x, "rest": -np.exp(hidden) - 0.1 * x, "noise": rng.normal(size=n)}
        groups[name] = [f"{name}{i // 2}" for i in range(n)]
    return errors, known, measured, groups


@pytest.fixture(scope="module")
def found():
    return beyond(*populations(), RESAMPLING, linear)


def test_there_is_an_answer_for_each_population_and_measurement_and_for_all_together(found):
    measurements = ("copy", "rest", "noise", TOGETHER)
    assert set(found) == {(name, each) for name in ("a", "b", TOGETHER) for each in measurements}
    assert [found[name, "rest"].n for name in ("a", "b", TOGETHER)] == [40, 60, 100]
    assert found["a", TOGETHER].correlation is None and found["a", TOGETHER].partial is None


def test_a_copy_of_what_is_known_goes_with_errors_and_tells_no_more(found):
    of = found["b", "copy"]
    assert of.correlation.low > 0.5 and of.partial.low < 0 < of.partial.high
    assert of.gain.estimate == pytest.approx(0, abs=1e-9) and of.r2_with == pytest.approx(of.r2)


def test_what_is_not_known_tells_more_in_its_own_direction(found):
    for name in ("a", "b", TOGETHER):
        of = found[name, "rest"]
        assert of.partial.high < -0.5 and of.gain.low > 0 and of.r2_with > of.r2 + 0.1
    assert found["b", TOGETHER].gain.low > 0


def test_noise_tells_nothing(found):
    for name in ("a", "b", TOGETHER):
        assert found[name, "noise"].gain.low < 0.01 and found[name, "noise"].partial.low < 0.1


def test_numbers_are_those_of_the_fits_they_come_from(found):
    errors, known, measured, groups = populations()
    with_it = {name: np.column_stack([known[name], measured[name]["rest"]]) for name in errors}
    one, other = (cross_fit(errors, x, groups, x, linear) for x in (known, with_it))
    assert found["a", "rest"].r2 == pytest.approx(one["a"].r2) and found["a", "rest"].r2_with == pytest.approx(
        other["a"].r2
    )
    gain = r2_within(other) - r2_within(one)
    assert found[TOGETHER, "rest"].gain.estimate == pytest.approx(gain)
    expected = stats.spearmanr(measured["a"]["rest"], errors["a"]).statistic
    assert found["a", "rest"].correlation.estimate == pytest.approx(expected)
    mean = np.mean([found[name, "rest"].partial.estimate for name in errors])
    assert found[TOGETHER, "rest"].partial.estimate == pytest.approx(mean)


def test_only_ranks_of_a_measurement_count_for_correlations(found):
    errors, known, measured, groups = populations()
    stretched = {name: of | {"rest": of["rest"] ** 3} for name, of in measured.items()}
    other = beyond(errors, known, stretched, groups, RESAMPLING, linear)
    for name in errors:
        assert other[name, "rest"].partial == found[name, "rest"].partial
        assert other[name, "rest"].correlation == found[name, "rest"].correlation

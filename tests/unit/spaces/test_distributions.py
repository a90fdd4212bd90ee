"""Quantised distributions: their values, and that they occur as often as the authors' sampling has it."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.spaces.distributions import Distribution
from scipy import stats

laws = settings(deadline=None, derandomize=True, max_examples=200)
LARGEST = np.nextafter(1.0, 0.0)
UNIFORMS = np.random.default_rng(20).random(100_000)
RANGES = {
    "depth": {"distribution": "log_uniform", "low": 1, "high": 16},
    "width": {"distribution": "log_uniform", "low": 8, "high": 1024, "step": 8},
    "w_a": {"distribution": "log_uniform", "low": 8, "high": 256, "step": 0.1},
    "w_m": {"distribution": "log_uniform", "low": 1.5, "high": 3, "step": 0.001},
    "regnet_depth": {"distribution": "uniform", "low": 4, "high": 63},
    "resolution": {"distribution": "uniform", "low": 128, "high": 448, "step": 32},
}


def read(declared) -> Distribution:
    return Distribution.from_config("x", declared)


def frequencies(distribution: Distribution, u: np.ndarray = UNIFORMS) -> dict[float, int]:
    """How often each value occurs."""
    values, counts = np.unique(distribution.quantile(u), return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))


@st.composite
def ranges(draw) -> dict:
    step = draw(st.sampled_from([0.001, 0.1, 0.5, 1, 8]))
    first = draw(st.integers(1, 300))
    last = draw(st.integers(first, first + 300))
    kind = draw(st.sampled_from(["uniform", "log_uniform"]))
    return {"distribution": kind, "low": round(first * step, 6), "high": round(last * step, 6), "step": step}


# ---- Values ----------------------------------------------------------------------------------------------------------


@laws
@given(ranges())
def test_both_ends_of_a_range_are_reached_and_never_passed(declared):
    values = read(declared).quantile(np.array([0.0, LARGEST, *UNIFORMS[:1000]]))
    assert values[0] == values.min() == declared["low"]
    assert values[1] == values.max() == declared["high"]


@laws
@given(ranges())
def test_values_are_multiples_of_the_step_and_grow_with_the_uniform_number(declared):
    values = read(declared).quantile(np.sort(UNIFORMS[:1000]))
    multiples = values / declared["step"]
    assert np.allclose(multiples, np.rint(multiples), rtol=0, atol=1e-6)
    assert (np.diff(values) >= 0).all()


@laws
@given(ranges())
def test_levels_counts_the_values_of_a_range(declared):
    distribution = read(declared)
    step = declared["step"]
    assert distribution.levels == round(declared["high"] / step) - round(declared["low"] / step) + 1
    assert len(frequencies(distribution)) <= distribution.levels


@pytest.mark.parametrize(("name", "levels"), [("depth", 16), ("width", 128), ("regnet_depth", 60), ("resolution", 11)])
def test_every_level_of_the_papers_ranges_occurs(name, levels):
    distribution = read(RANGES[name])
    assert distribution.levels == len(frequencies(distribution)) == levels


def test_multiples_of_a_decimal_step_are_written_as_people_write_them():
    values = read({"distribution": "uniform", "low": 0.1, "high": 0.9, "step": 0.1}).quantile(UNIFORMS)
    assert set(values.tolist()) == {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}


@pytest.mark.parametrize(
    ("declared", "dtype"),
    [(3, np.int64), (3.0, np.int64), (0.25, float), ({"choice": [1, 2]}, np.int64), ({"choice": [0.5, 1]}, float)]
    + [(RANGES["width"], np.int64), (RANGES["w_a"], float)],
)
def test_whole_numbers_are_integers(declared, dtype):
    assert read(declared).quantile(UNIFORMS).dtype == dtype


@pytest.mark.parametrize("shape", [(0,), (7,), (5, 4)])
@pytest.mark.parametrize("declared", [2, {"choice": [1, 2, 4]}, RANGES["width"], RANGES["w_m"]])
def test_values_have_the_shape_of_the_uniform_numbers(declared, shape):
    assert read(declared).quantile(np.zeros(shape)).shape == shape


# ---- Laws ------------------------------------------------------------------------------------------------------------


def log_uniform_probabilities(low: float, high: float, step: float = 1) -> np.ndarray:
    """Log-uniform on (low - min(step, low/2), high], rounded up to a multiple of the step (the authors' sampler)."""
    bounds = np.arange(round(low / step), round(high / step) + 1) * step
    bounds = np.log([low - min(step, low / 2), *bounds])
    return np.diff(bounds) / (bounds[-1] - bounds[0])


@pytest.mark.parametrize("name", ["depth", "width", "w_a", "w_m"])
def test_log_uniform_values_follow_the_quantised_law(name):
    declared = {key: value for key, value in RANGES[name].items() if key != "distribution"}
    expected = log_uniform_probabilities(**declared) * len(UNIFORMS)
    step, low = declared.get("step", 1), declared["low"]
    places = np.rint((read(RANGES[name]).quantile(UNIFORMS) - low) / step).astype(int)
    observed = np.bincount(places, minlength=len(expected))
    assert len(observed) == len(expected)
    assert stats.chisquare(observed, expected).pvalue > 0.001


def test_the_smallest_log_uniform_value_is_as_likely_as_its_interval_is_long():
    """Depth 1 stands for (1/2, 1] of (1/2, 16]: a fifth of the draws, as many as 2 and as 3 and 4 together."""
    assert log_uniform_probabilities(1, 16)[:2].tolist() == pytest.approx([0.2, 0.2])
    occurrences = frequencies(read(RANGES["depth"]))
    assert occurrences[1] / len(UNIFORMS) == pytest.approx(0.2, abs=0.005)
    assert (occurrences[3] + occurrences[4]) / len(UNIFORMS) == pytest.approx(0.2, abs=0.005)


@pytest.mark.parametrize("declared", [RANGES["regnet_depth"], RANGES["resolution"], {"choice": [1, 2, 4, 8, 16, 32]}])
def test_uniform_values_and_choices_are_equally_likely(declared):
    assert stats.chisquare(list(frequencies(read(declared)).values())).pvalue > 0.001


def test_a_value_listed_twice_is_twice_as_likely():
    distribution = read({"choice": [1, 1, 2]})
    assert distribution.levels == 2
    assert frequencies(distribution)[1] / len(UNIFORMS) == pytest.approx(2 / 3, abs=0.005)


@pytest.mark.parametrize("declared", [4, {"choice": [4]}, {"distribution": "log_uniform", "low": 4, "high": 4}])
def test_a_single_value_is_a_constant(declared):
    distribution = read(declared)
    assert distribution.levels == 1
    assert (distribution.quantile(UNIFORMS) == 4).all()


# ---- Errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"low": 64, "high": 8}, "low 64 and high 8"),
        ({"low": 0}, "low 0"),
        ({"low": -8}, "low -8"),
        ({"low": math.nan}, "got nan, expected a finite number"),
        ({"high": math.inf}, "got inf, expected a finite number"),
        ({"low": 12}, "12 is not a multiple of step 8"),
        ({"high": 1020}, "1020 is not a multiple of step 8"),
        ({"low": 1e-9}, "1e-09 is not a multiple of step 8"),
        ({"distribution": "normal"}, "distribution is 'normal', expected uniform or log_uniform"),
    ],
)
def test_an_impossible_range_is_refused_by_name(changed, message):
    with pytest.raises(ValueError) as error:
        Distribution.from_config("parameters: width", RANGES["width"] | changed)
    assert str(error.value).startswith("parameters: width: ")
    assert message in str(error.value)


@pytest.mark.parametrize("missing", ["distribution", "low", "high"])
def test_an_incomplete_range_is_refused(missing):
    declared = {key: value for key, value in RANGES["width"].items() if key != missing}
    with pytest.raises(ValueError, match=f"x: missing key '{missing}'"):
        read(declared)

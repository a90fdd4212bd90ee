"""Claims on published models: gaps of errors over images, ratios of times, exponents of counted complexity."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from netspaces.statistics.intervals import Interval
from netspaces.studies.claims.claim import CONFIRMED, CONTRADICTED, NOT_MEASURED, UNDECIDED, Claim, Finding
from netspaces.studies.claims.models import measure_models
from netspaces.studies.claims.verdicts import alone

MODELS = pd.read_csv(Path(__file__).parents[3] / "config" / "published" / "models.csv")
PAIR = (("ResNet-50", "RegNetX-3.2GF"),)


def claim(quantity: str, low: float = -math.inf, high: float = math.inf, **more) -> Claim:
    return Claim("name", "words", "table", quantity, low, high, **{"models": PAIR} | more)


def verdict(of: Claim, found: Finding) -> str:
    return alone(of, found, 0.025)


def interval(found: Finding) -> Interval:
    return found.confidence.interval(0.95)


def evaluation(
    errors: dict[str, float], images: int = 50_000, key: str = "imagenet", version: str = "IMAGENET1K_V2"
) -> dict[str, pd.DataFrame]:
    rows = [{"model": name, f"{key}_error": error, f"{key}_images": images} for name, error in errors.items()]
    return {"evaluation": pd.DataFrame(rows).assign(version=version)}


def measured_times(**milliseconds: tuple[float, float, float, int]) -> dict[str, pd.DataFrame]:
    columns = ["model", "inference_low_ms", "inference_ms", "inference_high_ms", "batch"]
    rows = [(model.replace("_", "-"), *values) for model, values in milliseconds.items()]
    return {"times": pd.DataFrame(rows, columns=columns).assign(repeats=10, device="invented GPU")}


# ---- Errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "images", "expected"),
    [
        (23.2, 21.7, 50_000, CONFIRMED),
        (21.7, 23.2, 50_000, CONTRADICTED),
        (23.2, 21.6, 500, UNDECIDED),
        (21.7, 21.7, 50_000, UNDECIDED),
    ],
)
def test_gaps_of_errors(first, second, images, expected):
    of = claim("error_gap", 0)
    found = measure_models(of, MODELS, evaluation(dict(zip(PAIR[0], (first, second), strict=True)), images))
    assert (
        interval(found).estimate == pytest.approx(first - second)
        and found.reason == f"torchvision's weights on {images:,} images, torchvision's new recipe"
    )
    assert verdict(of, found) == expected


def test_the_interval_of_a_gap_is_newcombes():
    """Newcombe (1998), table II, example (a), method 10: 56/70 and 48/80, 0.0524 to 0.3339."""
    rows = [("ResNet-50", 80.0, 70), ("RegNetX-3.2GF", 60.0, 80)]
    inputs = {"evaluation": pd.DataFrame(rows, columns=["model", "imagenet_error", "imagenet_images"])}
    inputs["evaluation"]["version"] = "IMAGENET1K_V2"
    found = interval(measure_models(claim("error_gap"), MODELS, inputs))
    assert [found.estimate, found.low, found.high] == pytest.approx([20.0, 5.24, 33.39], abs=0.005)


@pytest.mark.slow
def test_intervals_of_a_gap_hold_the_truth():
    rng, missed, images = np.random.default_rng(0), 0, 2000
    for _ in range(400):
        errors = dict(zip(PAIR[0], 100 * rng.binomial(images, [0.25, 0.2]) / images, strict=True))
        found = interval(measure_models(claim("error_gap"), MODELS, evaluation(errors, images)))
        missed += not found.low <= 5 <= found.high
    assert 9 <= missed <= 33  # 99 % of binomial(400, 0.05)


def test_several_pairs_are_told_by_the_smallest_gap():
    pairs = (*PAIR, ("ResNet-101", "RegNetX-8.0GF"))
    errors = evaluation({"ResNet-50": 23.0, "RegNetX-3.2GF": 21.0, "ResNet-101": 21.4, "RegNetX-8.0GF": 20.9})
    both = interval(measure_models(claim("error_gap", models=pairs), MODELS, errors))
    last = interval(measure_models(claim("error_gap", models=pairs[1:]), MODELS, errors))
    assert (
        both.estimate == last.estimate == pytest.approx(0.5)
        and both.low == pytest.approx(last.low)
        and both.high > last.high
    )


def test_gaps_of_models_that_were_trained_differently_are_not_measured():
    """Torchvision's first ResNets come from another recipe than its RegNets, which come from one."""
    first = {"ResNet-50": 23.9, "RegNetX-3.2GF": 21.6, "RegNetY-8.0GF": 20.0, "RegNetX-8.0GF": 20.7}
    found = measure_models(claim("error_gap", 0), MODELS, evaluation(first, version="IMAGENET1K_V1"))
    assert verdict(claim("error_gap", 0), found) == NOT_MEASURED
    assert found.reason.startswith("trained differently: 100 epochs, cosine; 90 epochs, steps")
    regnets = claim("error_gap", 0, models=(("RegNetX-8.0GF", "RegNetY-8.0GF"),))
    found = measure_models(regnets, MODELS, evaluation(first, version="IMAGENET1K_V1"))
    assert interval(found).estimate == pytest.approx(0.7)
    assert found.reason.endswith("100 epochs, cosine; its RegNetY-8.0GF are wider than the paper's")


def test_other_images_are_another_claim():
    of = claim("error_gap", 0, value="imagenetv2")
    errors = dict(zip(PAIR[0], (35.0, 30.0), strict=True))
    assert verdict(of, measure_models(of, MODELS, evaluation(errors, 10_000, "imagenetv2"))) == CONFIRMED
    assert verdict(of, measure_models(of, MODELS, evaluation(errors))) == NOT_MEASURED


@pytest.mark.parametrize(
    ("models", "inputs", "reason"),
    [
        (PAIR, {}, "no weights evaluated on imagenet"),
        (PAIR, evaluation({"ResNet-50": math.nan}), "no weights evaluated on imagenet"),
        (PAIR, evaluation({"ResNet-50": 23.2}), "no error of RegNetX-3.2GF"),
        ((("ResNet-50", "RegNetX-4.0GF"),), {}, "torchvision has no weights of RegNetX-4.0GF"),
    ],
)
def test_models_without_errors_are_named(models, inputs, reason):
    of = claim("error_gap", 0, models=models)
    found = measure_models(of, MODELS, inputs)
    assert (verdict(of, found), found.reason) == (NOT_MEASURED, reason)


# ---- Times and complexity --------------------------------------------------------------------------------------------


def test_times_per_image_and_their_quartiles_are_compared():
    inputs = measured_times(A=(90.0, 100.0, 110.0, 32), B=(38.0, 40.0, 44.0, 64))
    of = claim("speed_ratio", 4, models=(("A", "B"),))
    found = measure_models(of, MODELS, inputs)
    assert interval(found).estimate == pytest.approx(5.0)
    spread = np.hypot(np.log(110 / 90), np.log(44 / 38)) / 1.349  # of the logarithm of one time
    reach = np.log(interval(found).high / 5)
    assert reach == pytest.approx(2.1 * np.sqrt(np.pi / 2) * spread / np.sqrt(10), rel=0.03)
    assert interval(found).low == pytest.approx(5 / np.exp(reach))
    assert verdict(of, found) == CONFIRMED and "invented GPU" in found.reason
    few = {"times": inputs["times"].assign(repeats=2)}
    assert verdict(of, measure_models(of, MODELS, few)) == NOT_MEASURED


@pytest.mark.slow
def test_intervals_of_ratios_of_times_hold_the_truth():
    rng, missed, of = np.random.default_rng(0), 0, claim("speed_ratio", models=(("A", "B"),))
    for _ in range(400):
        passes = rng.lognormal(np.log([100, 40]), 0.1, (20, 2))
        low, middle, high = np.quantile(passes, [0.25, 0.5, 0.75], axis=0)
        rows = {name: (low[i], middle[i], high[i], 64) for i, name in enumerate("AB")}
        times = {"times": measured_times(**rows)["times"].assign(repeats=20)}
        found = interval(measure_models(of, MODELS, times))
        missed += not found.low <= 2.5 <= found.high
    assert missed <= 40


def test_models_that_were_not_timed_are_named():
    inputs = measured_times(A=(90.0, math.nan, 110.0, 64), B=(38.0, 40.0, 44.0, 64))
    of = claim("speed_ratio", 4, models=(("A", "B"),))
    assert measure_models(of, MODELS, inputs).reason == "no time of A"
    assert verdict(of, measure_models(of, MODELS, {})) == NOT_MEASURED


def test_exponents_of_counted_complexity():
    """Activations of EfficientNets grow nearly as flops, those of the paper's RegNetX as their root."""
    for family, expected in (("EfficientNet", 0.83), ("RegNetX", 0.57)):
        names = tuple(MODELS[MODELS["family"] == family]["model"])
        found = interval(measure_models(claim("model_exponent", models=(names,), value="activations"), MODELS, {}))
        assert found.estimate == found.low == found.high == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("quantity", "models", "expected"),
    [
        ("luck", PAIR, r"name\.quantity: got 'luck', expected one of error_gap"),
        ("error_gap", (("A",),), r"name\.models: got .*, expected pairs"),
        ("speed_ratio", PAIR * 2, r"name\.models: got .*, expected one pair"),
        ("model_exponent", (("A",),), r"name\.models: got .*, expected one list"),
    ],
)
def test_wrong_claims_on_models_are_refused(quantity, models, expected):
    with pytest.raises(ValueError, match=expected):
        measure_models(claim(quantity, models=models), MODELS, {})

"""Predicted cost: never nothing, more for more work, and found again from runs that were made to cost it."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.cost.coefficients import DEFAULTS, FITTED, CostError, read_fit
from netspaces.cost.fitting import FEWEST_RUNS, device_kind, fit
from netspaces.cost.prediction import Predictor, work
from netspaces.data.image_counts import ImageCounts

CONFIG = Path(__file__).parents[3] / "config"
IMAGES = ImageCounts(900, 300)
DATASET = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5}
NAMES = {"cpu": "x86_64 AVX512", "cuda": "NVIDIA A100-SXM4-80GB"}
laws = settings(deadline=None, max_examples=50)
network = st.fixed_dictionaries(
    {
        "flops": st.integers(1, 10**10),
        "params": st.integers(1, 10**8),
        "activations": st.integers(1, 10**8),
        "depth": st.integers(1, 64),
        "resolution": st.integers(1, 256),
    }
)
recipes = st.fixed_dictionaries({"epochs": st.integers(1, 100), "batch_size": st.integers(1, 2000)})


def predictor(device: str = "cpu", images: ImageCounts = IMAGES, **coefficients) -> Predictor:
    return Predictor(device, DATASET, images, replace(DEFAULTS[device], **coefficients))


def columns(network: dict) -> dict:
    return {name: np.array([value]) for name, value in network.items()}


# ---- Prediction ------------------------------------------------------------------------------------------------------


@laws
@given(network, recipes, st.sampled_from(list(DEFAULTS)))
def test_a_prediction_is_never_nothing(network, recipe, device):
    found = predictor(device)
    assert found.seconds(columns(network), recipe)[0] >= DEFAULTS[device].per_run > 0
    assert found.host_mb(columns(network), recipe)[0] > 300
    assert found.device_mb(columns(network), recipe)[0] > 0
    assert found.disk_mb(1, recipe) > 0


@laws
@given(network, recipes, st.sampled_from(list(DEFAULTS)), st.sampled_from(["flops", "activations", "depth"]))
def test_more_work_takes_no_less_time(network, recipe, device, name):
    found = predictor(device)
    seconds = found.seconds(columns(network), recipe)
    assert found.seconds(columns(network | {name: 2 * network[name]}), recipe) >= seconds
    assert found.seconds(columns(network), recipe | {"epochs": recipe["epochs"] + 1}) > seconds
    more = predictor(device, ImageCounts(IMAGES.train + 2000, IMAGES.test + 100))
    assert more.seconds(columns(network), recipe) > seconds


@laws
@given(network, recipes, st.sampled_from(list(DEFAULTS)))
def test_memory_grows_with_parameters_and_activations(network, recipe, device):
    found, large = predictor(device), network | {name: 4 * network[name] for name in ("params", "activations")}
    assert found.device_mb(columns(large), recipe) > found.device_mb(columns(network), recipe)
    assert found.host_mb(columns(large), recipe) >= found.host_mb(columns(network), recipe)


def test_work_counts_what_a_recipe_does():
    found = work({"flops": 10, "activations": 2, "depth": 3}, {"epochs": 4, "batch_size": 90}, IMAGES)
    assert found["per_flop"] == pytest.approx(10 * 4 * (900 + 300 / 3))  # a test image costs a forward pass
    assert found["per_activation"] == pytest.approx(2 * 4 * 1000)
    assert found["per_block"] == 3 * 4 * 10


def test_bf16_halves_the_traffic_on_a_gpu_and_nothing_on_a_cpu():
    network = columns({"flops": 10**9, "activations": 10**7, "depth": 20})
    for device, share in (("cpu", 1), ("cuda", 0.5)):
        found = predictor(device, per_flop=0, per_block=0, per_run=0)
        fp32, bf16 = (found.seconds(network, {"epochs": 1, "precision": p})[0] for p in ("fp32", "bf16"))
        assert bf16 == pytest.approx(share * fp32)


def test_what_auto_came_to_is_what_a_fit_counts_and_a_prediction_takes_the_slower_one():
    runs = [run(seed, TRUTH, "cuda") for seed in range(30)]
    for record in runs[::2]:
        record["precision"], record["recipe"]["precision"] = "bf16", "auto"
        costs = record["complexity"] | {"depth": sum(record["architecture"]["depths"])}
        done = work(costs, record["recipe"] | {"precision": "bf16"}, IMAGES, DEFAULTS["cuda"].bf16)
        record["seconds"] = DEFAULTS["cuda"].per_run + sum(TRUTH[name] * done[name] for name in FITTED)
    found = fit(runs, IMAGES, "cuda")
    assert {name: getattr(found.coefficients, name) for name in FITTED} == pytest.approx(TRUTH, rel=1e-6)
    network = columns({"flops": 10**9, "activations": 10**7, "depth": 20})
    auto, fp32 = (predictor("cuda").seconds(network, {"epochs": 1, "precision": p}) for p in ("auto", "fp32"))
    assert auto == fp32


# ---- Fit -------------------------------------------------------------------------------------------------------------


def run(seed: int, truth: dict, device: str = "cpu", noise: float = 0.0, **changes) -> dict:
    """The parts of a record that a fit reads; its seconds follow from `truth`."""
    random = np.random.default_rng(seed)
    depths = random.integers(1, 9, 4).tolist()
    costs = {"flops": int(random.integers(10**6, 10**8)), "activations": int(random.integers(10**4, 10**6))}
    recipe = {"epochs": int(random.integers(1, 9)), "batch_size": 64, "precision": "fp32"}
    done = work(costs | {"depth": sum(depths)}, recipe, IMAGES)
    seconds = DEFAULTS[device].per_run + sum(truth[name] * done[name] for name in FITTED)
    record = {"status": "finished", "device": NAMES[device], "complexity": costs, "recipe": recipe}
    return record | {"architecture": {"depths": depths}, "seconds": seconds * np.exp(noise * random.normal())} | changes


TRUTH = {"per_flop": 2e-11, "per_activation": 3e-9, "per_block": 7e-4}


@pytest.mark.parametrize("device", DEFAULTS)
def test_a_fit_finds_what_runs_were_made_with(device):
    found = fit([run(seed, TRUTH, device) for seed in range(30)], IMAGES, device)
    assert {name: getattr(found.coefficients, name) for name in FITTED} == pytest.approx(TRUTH, rel=1e-6)
    assert found.r2 == pytest.approx(1) and found.median_relative_error < 1e-6
    assert found.coefficients.runs == 30


def test_noise_shows_in_the_spread_and_the_error():
    runs = [run(seed, TRUTH, noise=0.2) for seed in range(300)]
    found = fit(runs, IMAGES, "cpu")
    assert found.coefficients.spread == pytest.approx(np.exp(1.645 * 0.2), rel=0.1)
    assert found.median_relative_error == pytest.approx(0.674 * 0.2, rel=0.2)
    assert 0.5 < found.r2 < 1


def test_half_of_the_runs_take_more_than_predicted_even_if_many_were_slowed_down():
    runs = [run(seed, TRUTH) for seed in range(100)]
    for record in runs[::3]:
        record["seconds"] *= 5
    found = fit(runs, IMAGES, "cpu").coefficients
    assert {name: getattr(found, name) for name in FITTED} != pytest.approx(TRUTH, rel=1e-3)
    parts = [(r["complexity"] | {"depth": sum(r["architecture"]["depths"])}, r["recipe"]) for r in runs]
    ratios = [r["seconds"] / predictor(**asdict(found)).seconds(*part) for r, part in zip(runs, parts, strict=True)]
    assert np.median(ratios) == pytest.approx(1, rel=0.05)


def test_no_coefficient_is_negative_and_more_work_still_takes_longer():
    runs = [run(seed, TRUTH) for seed in range(FEWEST_RUNS)]
    for order, record in enumerate(sorted(runs, key=lambda record: record["complexity"]["flops"])):
        record["seconds"] = 10.0 - order  # the more flops, the quicker
    found = fit(runs, IMAGES, "cpu").coefficients
    values = [getattr(found, name) for name in FITTED]
    assert min(values) >= 0 and max(values) > 0
    network = columns({"flops": 10**7, "activations": 10**5, "depth": 20})
    one, two = (predictor(**asdict(found)).seconds(network, {"epochs": epochs}) for epochs in (1, 2))
    assert two > one > 0


def test_only_finished_runs_on_the_same_kind_of_device_count():
    good = [run(seed, TRUTH) for seed in range(FEWEST_RUNS)]
    others = [run(1, TRUTH, device="cuda"), run(2, TRUTH, status="diverged")]
    assert fit([*good, *others], IMAGES, "cpu").coefficients.runs == FEWEST_RUNS
    with pytest.raises(CostError, match=f"found {FEWEST_RUNS - 1} finished runs on device cpu, expected at least"):
        fit([*good[1:], *others], IMAGES, "cpu")


def test_kinds_of_devices():
    assert {device_kind(name): name for name in NAMES.values()} == NAMES


# ---- Which coefficients ----------------------------------------------------------------------------------------------


def test_every_coefficient_can_be_configured():
    schema = yaml.safe_load((CONFIG / "schemas" / "definitions.yaml").read_text())
    assert {*schema["$defs"]["cost"]["properties"], "runs"} == set(asdict(DEFAULTS["cpu"]))


def test_own_coefficients_win_over_fitted_over_shipped(tmp_path):
    given = {"device": "cpu", "dataset": DATASET}
    assert Predictor.of(given, tmp_path).coefficients == DEFAULTS["cpu"]
    fitted = fit([run(seed, TRUTH) for seed in range(20)], IMAGES, "cpu")
    (tmp_path / "cost.json").write_text(json.dumps(asdict(fitted)))
    assert Predictor.of(given, tmp_path).coefficients == fitted.coefficients
    own = Predictor.of(given | {"cost": {"per_flop": 1}}, tmp_path).coefficients
    assert own == replace(fitted.coefficients, per_flop=1.0)
    assert Predictor.of(given | {"device": "cuda"}, tmp_path).coefficients == DEFAULTS["cuda"]


@pytest.mark.parametrize("change", [{"per_run": 0}, {"per_flop": -1}, {"spread": 0.5}, {"spread": "x"}, {"bf16": None}])
def test_a_damaged_fit_is_refused_in_one_line(tmp_path, change):
    path = tmp_path / "cost.json"
    path.write_text(json.dumps({"device": "cpu", "coefficients": asdict(DEFAULTS["cpu"]) | change}))
    with pytest.raises(CostError, match="cost.json: damaged, expected fitted coefficients; delete the file"):
        read_fit(path, "cpu")
    path.write_text("{")
    with pytest.raises(CostError, match="damaged"):
        read_fit(path, "cpu")

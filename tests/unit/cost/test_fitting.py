"""Fitted coefficients: found again from runs that were made to cost what they say."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from netspaces.cost import fitting
from netspaces.cost.coefficients import DEFAULTS, FITTED, CostError
from netspaces.cost.fitting import FEWEST_RUNS, device_kind, fit, fit_store
from netspaces.cost.prediction import Predictor, work
from netspaces.data.image_counts import ImageCounts

IMAGES = ImageCounts(900, 300)
DATASET = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.5}
NAMES = {"cpu": "x86_64 AVX512", "cuda": "NVIDIA A100-SXM4-80GB"}


def predictor(**coefficients) -> Predictor:
    return Predictor("cpu", DATASET, IMAGES, replace(DEFAULTS["cpu"], **coefficients))


def columns(network: dict) -> dict:
    return {name: np.array([value]) for name, value in network.items()}


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


def test_what_auto_came_to_is_what_a_fit_counts():
    runs = [run(seed, TRUTH, "cuda") for seed in range(30)]
    for record in runs[::2]:
        record["precision"], record["recipe"]["precision"] = "bf16", "auto"
        costs = record["complexity"] | {"depth": sum(record["architecture"]["depths"])}
        done = work(costs, record["recipe"] | {"precision": "bf16"}, IMAGES, DEFAULTS["cuda"].bf16)
        record["seconds"] = DEFAULTS["cuda"].per_run + sum(TRUTH[name] * done[name] for name in FITTED)
    found = fit(runs, IMAGES, "cuda")
    assert {name: getattr(found.coefficients, name) for name in FITTED} == pytest.approx(TRUTH, rel=1e-6)


def test_own_coefficients_win_over_fitted_over_shipped(tmp_path):
    given = {"device": "cpu", "dataset": DATASET}
    assert Predictor.of(given, tmp_path).coefficients == DEFAULTS["cpu"]
    fitted = fit([run(seed, TRUTH) for seed in range(20)], IMAGES, "cpu")
    (tmp_path / "cost.json").write_text(json.dumps(asdict(fitted)))
    assert Predictor.of(given, tmp_path).coefficients == fitted.coefficients
    own = Predictor.of(given | {"cost": {"per_flop": 1}}, tmp_path).coefficients
    assert own == replace(fitted.coefficients, per_flop=1.0)
    assert Predictor.of(given | {"device": "cuda"}, tmp_path).coefficients == DEFAULTS["cuda"]


# ---- Runs of a store -------------------------------------------------------------------------------------------------


def write_runs(store, dataset: str, runs: int, seconds: float = 2.0) -> None:
    store.mkdir(exist_ok=True)
    for number in range(runs):
        record = {
            "dataset": dataset,
            "status": "finished",
            "device": "cpu",
            "seconds": seconds + number,
            "complexity": {"flops": 1e6 * (number + 1), "activations": 1e4 * (number + 1)},
            "architecture": {"depths": [1, number + 1]},
            "recipe": {"epochs": 1 + number % 3},
        }
        (store / f"{dataset}{number}.json").write_text(json.dumps(record))


@pytest.fixture
def small_files(monkeypatch):
    """Datasets and records that hold only what a fit reads."""
    monkeypatch.setattr(fitting, "checksum_of", lambda folder: "ours")
    monkeypatch.setattr(fitting, "read_record", lambda path: json.loads(path.read_text()))
    monkeypatch.setattr(fitting, "device_kind", lambda name: name)


def fitted(folder):
    return fit_store(folder / "runs", folder / "dataset" / "meta.json", DATASET, "cpu")


def test_costs_are_fitted_to_the_runs_on_this_dataset(tmp_path, small_files):
    write_runs(tmp_path / "runs", "ours", FEWEST_RUNS)
    alone = fitted(tmp_path)
    write_runs(tmp_path / "runs", "others", 20, seconds=500)
    assert fitted(tmp_path) == alone and alone.coefficients.runs == FEWEST_RUNS


def test_too_few_runs_are_refused(tmp_path, small_files):
    write_runs(tmp_path / "runs", "ours", FEWEST_RUNS - 1)
    with pytest.raises(CostError, match=f"found {FEWEST_RUNS - 1} finished runs"):
        fitted(tmp_path)

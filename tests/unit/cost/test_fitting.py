"""The runs of a store to which costs are fitted."""

import json
from types import SimpleNamespace

import pytest
from netspaces.cost import fitting
from netspaces.cost.coefficients import CostError
from netspaces.cost.fitting import FEWEST_RUNS, fit_store


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


@pytest.fixture(autouse=True)
def _small_files(monkeypatch):
    monkeypatch.setattr(fitting, "load", lambda folder: SimpleNamespace(checksum="ours"))
    monkeypatch.setattr(fitting, "read_record", lambda path: json.loads(path.read_text()))
    monkeypatch.setattr(fitting, "device_kind", lambda name: name)


def fitted(folder):
    dataset = {"name": "digits", "resolution": 8, "channels": 1, "classes": 10, "test_fraction": 0.25}
    return fit_store(folder / "runs", folder / "dataset" / "meta.json", dataset, "cpu")


def test_costs_are_fitted_to_the_runs_on_this_dataset(tmp_path):
    write_runs(tmp_path / "runs", "ours", FEWEST_RUNS)
    alone = fitted(tmp_path)
    write_runs(tmp_path / "runs", "others", 20, seconds=500)
    assert fitted(tmp_path) == alone and alone.coefficients.runs == FEWEST_RUNS


def test_too_few_runs_are_refused(tmp_path):
    write_runs(tmp_path / "runs", "ours", FEWEST_RUNS - 1)
    with pytest.raises(CostError, match=f"found {FEWEST_RUNS - 1} finished runs"):
        fitted(tmp_path)

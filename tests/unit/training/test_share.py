"""What one job trains: its networks by index, each with its recipe; how many at once; the records they give."""

import signal
import warnings
from types import SimpleNamespace

import pytest
from helpers.invented import definition
from helpers.small_runs import ARCHITECTURE, COMPLEXITY, RECIPE, comparable, output_of
from netspaces.data.datasets import load
from netspaces.data.preparation import prepare
from netspaces.spaces.sampling import sample
from netspaces.training import share
from netspaces.training.process import STOPPING
from netspaces.training.share import TrainingTask, sampled_networks, selected_network, train_share
from netspaces.training.store import seed_of
from netspaces.training.train import train_network

REGIME = {"flops": [1e5, 1e6]}
CONFIG = {
    "threads_per_network": 1,
    "networks_at_once": 2,
    "checkpoint_seconds": 60,
    "data_on_device": "auto",
    "keep_weights": "finals",
}


def job(folder, cores: int = 1, **config) -> SimpleNamespace:
    """The engine's object of a training job."""
    return SimpleNamespace(
        input=SimpleNamespace(dataset=str(folder / "dataset" / "meta.json")),
        params=SimpleNamespace(store=str(folder / "runs"), device="cpu"),
        threads=cores,
        config=CONFIG | config,
    )


@pytest.mark.parametrize(
    "cores, config, threads, at_once",
    [
        (4, {}, 1, 2),
        (1, {}, 1, 1),
        (4, {"threads_per_network": 2, "networks_at_once": 9}, 2, 2),
        (1, {"threads_per_network": 4}, 1, 1),
    ],
)
def test_a_job_that_got_fewer_cores_trains_fewer_at_once(tmp_path, cores, config, threads, at_once):
    task = TrainingTask.of(job(tmp_path, cores, **config), [None] * 9, 0)
    assert (task.threads, task.at_once) == (threads, at_once)
    assert task.memory_share == 0.5 / at_once
    assert (task.dataset, task.store) == (tmp_path / "dataset", str(tmp_path / "runs"))


def test_on_a_gpu_it_trains_as_many_at_once_with_fewer_cores(tmp_path):
    on_gpu = job(tmp_path, 1, networks_at_once=8)
    on_gpu.params.device = "cuda"
    task = TrainingTask.of(on_gpu, [None] * 9, 0)
    assert (task.threads, task.at_once, task.memory_share) == (1, 8, 0.5)  # lanes share their images


@pytest.mark.parametrize(
    "keep, of_a_population, of_a_final", [("none", False, False), ("finals", False, True), ("all", True, True)]
)
def test_whose_weights_are_kept_is_configured(tmp_path, keep, of_a_population, of_a_final):
    of = job(tmp_path, keep_weights=keep)
    assert TrainingTask.of(of, [None], 0).keep_weights is of_a_population
    assert TrainingTask.of(of, [None], 0, "final").keep_weights is of_a_final


def test_sampled_networks_are_those_of_the_population_with_their_own_recipe():
    networks = sampled_networks(definition("AnyNetX_A"), REGIME, 3, [4, 1], RECIPE)
    assert [network.index for network in networks] == [4, 1]
    (alone,) = sampled_networks(definition("AnyNetX_A"), REGIME, 3, [1], RECIPE)
    assert alone == networks[1] and alone.recipe == RECIPE
    assert set(alone.complexity) >= set(COMPLEXITY) and all(type(value) is int for value in alone.complexity.values())
    rates = {"distribution": "log_uniform", "low": 0.1, "high": 0.2}
    space = definition("AnyNetX_A") | {"recipe": {"learning_rate": rates}}
    (sampled,) = sampled_networks(space, REGIME, 3, [1], {"epochs": 1, "learning_rate": 9.0})
    assert sampled.recipe["epochs"] == 1 and 0.1 <= sampled.recipe["learning_rate"] <= 0.2


def test_a_network_that_was_drawn_before_says_so_and_is_trained_with_another_seed():
    space, regime = definition("RegNetV"), {"flops": [1e5, 2.5e5]}
    repetitions = sample(space, regime, 0, range(60)).repetitions()
    drawn_before = repetitions.index(1)
    networks = sampled_networks(space, regime, 0, [drawn_before, 0], RECIPE)
    assert [network.repetition for network in networks] == [1, 0]
    assert seed_of(3, 0) == 3 and len({seed_of(seed, count) for seed in range(9) for count in range(9)}) == 81


def test_a_selected_network_keeps_what_was_sampled_of_its_recipe():
    selected = {"index": 7, "architecture": ARCHITECTURE.to_dict(), "complexity": COMPLEXITY}
    network = selected_network(selected | {"recipe": {"learning_rate": 0.3}}, {"epochs": 5, "learning_rate": 0.1})
    assert (network.index, network.architecture) == (7, ARCHITECTURE)
    assert network.recipe == {"epochs": 5, "learning_rate": 0.3}


def test_a_share_gives_the_record_of_each_network_in_order(tmp_path, capsys, one_thread):
    settings = {"name": "digits", "test_fraction": 0.5, "resolution": 8, "channels": 1, "classes": 10}
    prepare(settings | {"seed": 0}, tmp_path / "dataset")
    networks = sampled_networks(definition("RegNetX"), REGIME, 0, [2, 0], {"epochs": 1, "batch_size": 256})
    handlers = {number: signal.getsignal(number) for number in STOPPING}
    try:
        trained = train_share(TrainingTask.of(job(tmp_path, keep_weights="all"), networks, 5))
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert [entry["index"] for entry in trained] == [2, 0]
    assert capsys.readouterr().out.startswith(f"network 2: finished, error {trained[0]['record']['error_min']:.2f} %, ")
    first = networks[0]
    keys = [entry["record"]["key"] for entry in trained]
    assert {path.stem for path in (tmp_path / "runs").glob("*.safetensors")} == set(keys)
    alone = (first.architecture, first.complexity, first.recipe, 5, load(tmp_path / "dataset"), tmp_path / "alone")
    assert comparable(train_network(*alone)) == comparable(trained[0]["record"])


def test_a_job_whose_networks_all_diverge_in_their_first_step_says_so(tmp_path, monkeypatch):
    diverged = {"diverged_in_epoch": 1, "diverged_in_step": 1}
    networks = sampled_networks(definition("RegNetX"), REGIME, 0, [2, 0], {"epochs": 1})
    monkeypatch.setattr(share, "Unopened", SimpleNamespace(at=lambda folder: None))
    monkeypatch.setattr(share, "set_up_process", lambda threads: None)
    monkeypatch.setattr(share, "StopRequest", lambda: SimpleNamespace(signal=0, workers=[]))
    for others, times in ((diverged, 1), (diverged | {"diverged_in_step": 2}, 0)):
        answers = iter([diverged, others])
        monkeypatch.setattr(share, "_turns", lambda *of, answers=answers, **options: next(answers))
        with warnings.catch_warnings(record=True) as caught:
            train_share(TrainingTask.of(job(tmp_path), networks, 5))
        assert [str(warning.message) for warning in caught] == times * [share.AT_ONCE]


def test_importing_what_a_job_needs_leaves_garbage_collection_on():
    assert output_of("import gc, netspaces.training.share\nprint(gc.isenabled())") == ["True"]

"""Steps that read all they need from the device give the bits of those that the host hands out, with graphs or not."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers.small_runs import ARCHITECTURE, DATASET, OTHERS, RECIPE, make_dataset, validated
from netspaces.files.safe import OneLineWarning
from netspaces.training import graphs, steps
from netspaces.training.graphs import WARM, Graphs
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run
from netspaces.training.steps import DeviceSteps, HostSteps, steps_of

pytestmark = pytest.mark.usefixtures("one_thread")

RECIPES = {
    "plain": {},
    "nesterov, warm-up by epochs": {
        "nesterov": True,
        "momentum": 0.8,
        "warmup_epochs": 1,
        "update_rate_every": "epoch",
    },
    "average, smoothing": {"ema_decay": 0.9, "label_smoothing": 0.1, "weight_decay": 0.01},
    "augmentation": {"augmentation": ["crop", "flip", "random_erasing"]},
    "rotation": {"target": "rotation", "augmentation": ["flip"]},
    "mixing": {"mixing": ["mixup", "cutmix"], "loss": "binary_cross_entropy"},
    "dropping": {"drop_path": 0.3, "dropout": 0.2, "gradient_norm": 0.5},
    "adamw": {"optimiser": "adamw", "learning_rate": 0.01, "weight_decay": 0.1, "weight_decay_on": "weights"},
    "precise norms": {"precise_batch_norm": 24, "augmentation": ["crop"]},
    "precise norms of an average": {"precise_batch_norm": 12, "ema_decay": 0.9},
    "rounded": {"precision": "bf16", "fp32_epochs": 1.5},
}


class Replayed(Graphs):
    """Graphs on a machine without a GPU: what is recorded is what is done at each replay."""

    def __init__(self, device):
        super().__init__(device)
        self.usable = True

    def record(self, work):
        class Graph:
            replay = staticmethod(work)

        return Graph


def make(recipe: dict, kind: str, architecture=ARCHITECTURE, dataset=DATASET) -> Run:
    run = Run(architecture, Recipe.from_dict(RECIPE | recipe), 0, dataset)
    run._rounded = lambda number: float(np.float32(number))  # as on a GPU, which reads rates from a table
    if kind != "host":
        run.steps = DeviceSteps(run)
        run.steps.graphs = Replayed(run.device) if kind == "graphs" else run.steps.graphs
    return run


def train(run: Run, stopping=lambda: False) -> list[dict]:
    run.train(stopping, lambda: None, math.inf)
    return run.epochs


def state(run: Run) -> list[torch.Tensor]:
    """Weights, statistics and what the optimiser remembers."""
    tensors = [*run.network.state_dict().values(), *run.evaluated.state_dict().values()]
    return [*tensors, *(each for each in run.optimiser.state().get("momentum", []))]


@pytest.mark.parametrize("kind", ["counters", "graphs"])
@pytest.mark.parametrize("name", RECIPES)
def test_counters_on_the_device_give_the_bits_of_the_host(name, kind):
    host, device = (make(RECIPES[name], each) for each in ("host", kind))
    assert isinstance(host.steps, HostSteps)
    assert train(device) == train(host)
    assert all(map(torch.equal, state(device), state(host)))
    if kind == "graphs":
        precisions = 2 if name == "rounded" else 1
        assert len([what for what in device.steps.graphs.graphs if what[0] == "step"]) == precisions


@pytest.mark.parametrize("architecture", OTHERS)
def test_validation_splits_and_other_networks_too(monkeypatch, architecture):
    monkeypatch.setattr("netspaces.training.run.EVALUATION_BATCH", 6)  # 20 and 28 images: whole batches and a rest
    runs = [make({"epochs": 4}, kind, architecture, validated()) for kind in ("host", "graphs")]
    assert train(runs[0]) == train(runs[1])
    assert {"test_error", "validation_error"} <= {what[0] for what in runs[1].steps.graphs.graphs}


@pytest.mark.parametrize("stop", [1, 2, 5])
def test_a_run_that_is_stopped_within_an_epoch_goes_on_to_the_same_bits(monkeypatch, stop):
    monkeypatch.setattr(steps, "PER_TURN", 3)  # of 4 steps an epoch
    recipe = {"ema_decay": 0.9, "augmentation": ["crop"], "drop_path": 0.3}
    undisturbed, stopped = make(recipe, "graphs"), make(recipe, "graphs")
    calls = iter(range(1, 100))
    saved = []
    with pytest.raises(SystemExit):
        stopped.train(lambda: next(calls) == stop, lambda: saved.append(stopped.state()), math.inf)
    resumed = make(recipe, "graphs")
    resumed.restore(saved[0])
    assert train(resumed) == train(undisturbed)
    assert all(map(torch.equal, state(resumed), state(undisturbed)))


def test_a_diverged_run_says_the_same_step():
    runs = [make({"learning_rate": 1e6}, kind) for kind in ("host", "counters")]
    assert [run.train(lambda: False, lambda: None, math.inf) for run in runs] == ["diverged"] * 2
    assert int(runs[0].finite) == int(runs[1].finite) < 4


def test_parts_of_a_batch_are_the_same_too():
    runs = [Run(ARCHITECTURE, Recipe.from_dict(RECIPE | {"batch_size": 24}), 0, DATASET, accumulation=2) for _ in "ab"]
    runs[1].steps = DeviceSteps(runs[1])
    assert train(runs[0]) == train(runs[1])


def test_only_a_gpu_that_holds_the_images_and_an_optimiser_that_can_step_by_counters():
    def kind(device: str = "cuda", optimiser: str = "sgd", share: float = math.inf) -> type:
        recipe = Recipe.from_dict(RECIPE | {"optimiser": optimiser})
        run = Run(ARCHITECTURE, recipe, 0, DATASET, memory_share=share)
        run.device = torch.device(device)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(steps, "DeviceSteps", lambda run: run)
            return HostSteps if isinstance(steps_of(run), HostSteps) else DeviceSteps

    assert kind() is kind(optimiser="adamw") is DeviceSteps
    assert kind("cpu") is kind(share=0.0) is kind(optimiser="lamb") is kind(optimiser="rmsprop") is HostSteps


# ---- Graphs ----------------------------------------------------------------------------------------------------------


def test_work_is_recorded_after_it_was_done_as_usual_a_few_times():
    done, recorded = [], Replayed(torch.device("cpu"))
    for turn in range(1, 8):
        recorded.do("a", lambda turn=turn: done.append(turn))
    assert done == [1, 2, 3, 4, 4, 4, 4] and WARM == 3  # the fourth is what is replayed
    recorded.do("b", lambda: done.append("b"))
    assert done[-1] == "b" and recorded.recorded == 1


def test_what_cannot_be_recorded_is_done_as_usual_from_then_on():
    class Refused(Replayed):
        attempts = 0

        def record(self, work):
            self.attempts += 1
            raise RuntimeError("operation not permitted when stream is capturing\nmore")

    done, refused = [], Refused(torch.device("cpu"))
    with pytest.warns(
        OneLineWarning, match="kernel by kernel.*: operation not permitted when stream is capturing$"
    ) as said:
        for _ in range(6):
            refused.do("a", lambda: done.append(1))
    assert len(said) == 1
    assert len(done) == 6 and refused.attempts == 1 and refused.recorded == 0
    assert refused.refused == "operation not permitted when stream is capturing"
    run, host = make({}, "counters"), make({}, "host")
    run.steps.graphs = Refused(run.device)
    with pytest.warns(OneLineWarning):
        assert train(run) == train(host)


def test_a_cpu_records_nothing():
    assert not Graphs(torch.device("cpu")).usable and graphs.WARM > 0


def test_a_dataset_smaller_than_a_batch_of_an_evaluation_has_one_part():
    dataset = replace(DATASET, test=make_dataset(test=3).test)
    assert train(make({}, "graphs", dataset=dataset)) == train(make({}, "host", dataset=dataset))

"""What a GPU computes: that of a CPU within rounding, and of itself the same bytes however it is told to."""

import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
import torch
from helpers.gpu_runs import DATASET, KINDS, LAYOUTS, PRECISIONS, RECIPE, first_losses, make_run
from helpers.patience import PATIENCE
from helpers.small_runs import COMPLEXITY, SCRIPTS, comparable, stop_after
from netspaces.networks.modules import BatchNorm
from netspaces.training.device import set_up_device
from netspaces.training.lanes import Lanes
from netspaces.training.process import Interrupted
from netspaces.training.train import train_network, training

WAYS = [(precision, layout) for precision in PRECISIONS for layout in LAYOUTS]


def train(kind: str, store: Path, device: str, recipe: dict | None = None, **options) -> dict:
    values = RECIPE | (recipe or {})
    return train_network(KINDS[kind], COMPLEXITY, values, 0, DATASET, store, device, **options)


# ---- A CPU's numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_first_losses_are_those_of_a_cpu(device, kind, layout):
    set_up_device(device, "fp32")
    recipe = {"learning_rate": 0.02, "augmentation": []}
    cpu = first_losses(make_run(kind, "cpu", **recipe))
    here = first_losses(make_run(kind, device, layout=layout, **recipe))
    assert here[0] == pytest.approx(cpu[0], rel=1e-5)
    assert here == pytest.approx(cpu, rel=0.05)  # rounding grows with each step


@pytest.mark.parametrize("precision, tolerance", [("tf32", 5e-3), ("bf16", 5e-2)])
@pytest.mark.parametrize("kind", KINDS)
def test_other_precisions_are_near(device, kind, precision, tolerance):
    set_up_device(device, precision)
    cpu = first_losses(make_run(kind, "cpu", augmentation=[]), 1)
    here = first_losses(make_run(kind, device, augmentation=[], precision=precision), 1)
    assert here == pytest.approx(cpu, rel=tolerance)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_torchs_own_batch_norm_is_near(device, monkeypatch, layout):
    set_up_device(device, "fp32")
    losses = []
    for cudnn in (True, False):
        monkeypatch.setattr(BatchNorm, "cudnn", cudnn)
        losses.append(first_losses(make_run("x", device, augmentation=[], layout=layout), 2))
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


# ---- The same bytes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("precision, layout", WAYS)
def test_twice_the_same_and_stopped_and_resumed(tmp_path, device, kind, precision, layout):
    recipe = {"precision": precision, "layout": layout, "fp32_epochs": 1, "ema_decay": 0.9}
    once = comparable(train(kind, tmp_path / "once", device, recipe))
    assert once == comparable(train(kind, tmp_path / "again", device, recipe))
    for stop in (1, 2):
        with pytest.raises(Interrupted):
            train(kind, tmp_path / "stopped", device, recipe, stopping=stop_after(stop))
    assert once == comparable(train(kind, tmp_path / "stopped", device, recipe))


@pytest.mark.usefixtures("on_gpu")
@pytest.mark.parametrize("optimiser", ["sgd", "adamw"])
@pytest.mark.parametrize("precision, layout", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_graphs_compute_what_single_kernels_do(device, kind, precision, layout, optimiser):
    recipe = {"precision": precision, "layout": layout, "optimiser": optimiser, "ema_decay": 0.9, "drop_path": 0.2}
    set_up_device(device, precision)
    runs = [make_run(kind, device, **recipe) for _ in "ab"]
    runs[1].steps.graphs.usable = False
    for run in runs:
        run.train(lambda: False, lambda: None, math.inf)
    assert runs[0].steps.graphs.recorded > 0, runs[0].steps.graphs.refused
    assert runs[1].steps.graphs.recorded == 0
    assert runs[0].epochs == runs[1].epochs
    states = [run.network.state_dict().values() for run in runs]
    assert all(map(torch.equal, *states))


@pytest.mark.parametrize("augmentation", [["crop", "flip"], []])
def test_streamed_images_give_the_bytes_of_resident_ones(tmp_path, device, augmentation):
    recipe = {"augmentation": augmentation}
    resident = train("x", tmp_path / "a", device, recipe, memory_share=math.inf)
    assert comparable(resident) == comparable(train("x", tmp_path / "b", device, recipe, memory_share=0.0))


@pytest.mark.parametrize("lanes", [4, 9])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_networks_in_lanes_are_as_alone(tmp_path, device, precision, lanes):
    recipe = RECIPE | {"precision": precision}
    waiting, together, ended = list(KINDS), Lanes(device), {}
    while waiting or together.active:
        while waiting and len(together.active) < lanes:
            kind = waiting.pop(0)
            given = (KINDS[kind], COMPLEXITY, recipe, 0, DATASET, tmp_path / "lanes", device, lambda: False, 60.0, 0.05)
            together.begin(kind, lambda given=given: training(*given))
        ended |= {each.name: each for each in together.round()}
    assert {kind: each.error for kind, each in ended.items()} == dict.fromkeys(KINDS)
    for kind, each in ended.items():
        alone = train(kind, tmp_path / "alone", device, {"precision": precision})
        assert comparable(each.result) == comparable(alone), kind


KILLED = """
from helpers.gpu_runs import DATASET, KINDS, RECIPE
from helpers.small_runs import COMPLEXITY
from netspaces.training.train import train_network
import sys
recipe = RECIPE | {"epochs": 12}
train_network(KINDS["x"], COMPLEXITY, recipe, 0, DATASET, sys.argv[1], sys.argv[2], checkpoint_seconds=0.0)
"""


def test_killed_and_resumed(device):
    with tempfile.TemporaryDirectory() as folder:
        once = comparable(train("x", Path(folder, "once"), device, {"epochs": 12}))
        store = Path(folder, "killed")
        path = os.pathsep.join([str(SCRIPTS), str(SCRIPTS.parent / "tests")])
        for _ in range(2):
            known = {each: each.stat().st_mtime_ns for each in store.glob("*.checkpoint")}
            command = [sys.executable, "-c", KILLED, str(store), device]
            victim, until = (
                subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}),
                time.monotonic() + PATIENCE,
            )
            while victim.poll() is None and time.monotonic() < until:
                if any(each.stat().st_mtime_ns != known.get(each) for each in store.glob("*.checkpoint")):
                    break
                time.sleep(0.005)
            victim.send_signal(signal.SIGKILL)
            victim.wait()
        assert once == comparable(train("x", store, device, {"epochs": 12}))

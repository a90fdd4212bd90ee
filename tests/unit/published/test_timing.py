"""Timing: what is passed through the network and how often, and what a measurement says of itself. No times."""

import runpy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from netspaces.configuration.loading import load
from netspaces.files.tables import write_csv
from netspaces.networks.architecture import Architecture
from netspaces.networks.modules import Network
from netspaces.published import timing
from netspaces.published.timing import Timing, machine, measure, measurements
from netspaces.spaces.sampling import sample
from netspaces.training.graphs import WARM, Graphs

ROOT = Path(__file__).parents[3]
SMALL = Architecture("x", "cifar", 8, 8, 0.0, (1, 2), (8, 16), (1.0, 2.0), (4, 4), (1, 2))


@pytest.fixture
def passes(monkeypatch) -> list[tuple]:
    """The passes through any network: (in training mode, with gradients, shape of the images)."""
    seen, forward = [], Network.forward

    def spy(self, images):
        seen.append((self.training, torch.is_grad_enabled(), tuple(images.shape)))
        return forward(self, images)

    monkeypatch.setattr(Network, "forward", spy)
    return seen


def test_passes_are_warm_up_and_repeats_of_inference_then_of_training(passes):
    measured = measure(SMALL, 1, 10, batch=4, repeats=3, warmup=2)
    shape = (4, 1, 8, 8)
    assert passes == [(False, False, shape)] * 5 + [(True, True, shape)] * 5
    assert (measured.batch, measured.repeats, measured.warmup) == (4, 3, 2)
    assert measured.threads == torch.get_num_threads()


def test_inference_alone_and_at_the_networks_own_resolution(passes):
    measured = measure(replace(SMALL, resolution=12), batch=1, repeats=1, warmup=0, training=False)
    assert passes == [(False, False, (1, 3, 12, 12))]
    assert np.isnan([measured.training_ms, measured.training_low_ms, measured.training_high_ms]).all()


def test_times_are_quartiles_of_the_passes_after_the_warm_up(monkeypatch):
    taken = iter([100.0, 200.0, 1.0, 2.0, 3.0, 4.0, 5.0, 300.0, 400.0, 10.0, 20.0, 30.0, 40.0, 50.0])
    clock = (t for seconds in taken for t in (0.0, seconds / 1000))
    monkeypatch.setattr(timing, "time", SimpleNamespace(perf_counter=lambda: next(clock)))
    measured = measure(SMALL, 1, 10, batch=2, repeats=5, warmup=2)
    inference = (measured.inference_low_ms, measured.inference_ms, measured.inference_high_ms)
    training = (measured.training_low_ms, measured.training_ms, measured.training_high_ms)
    assert inference == pytest.approx((2, 3, 4)) and training == pytest.approx((20, 30, 40))


def test_a_training_step_computes_gradients_and_keeps_the_weights(monkeypatch):
    built, build = [], timing.build
    monkeypatch.setattr(timing, "build", lambda *args: built.append(build(*args)) or built[-1])
    measure(SMALL, 1, 10, batch=4, repeats=1, warmup=1)
    parameters, fresh = list(built[0].parameters()), list(build(SMALL, 1, 10).parameters())
    assert all(parameter.grad is not None for parameter in parameters)
    assert all(torch.equal(*pair) for pair in zip(parameters, fresh, strict=True))


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"repeats": 0}, {"warmup": -1}])
def test_settings_that_measure_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match=f"timing: .*{next(iter(wrong))} {next(iter(wrong.values()))}"):
        measure(SMALL, **wrong)


@pytest.fixture
def kinds(monkeypatch) -> list[tuple]:
    """Of each convolution's output in any network: (images of the batch, kind of number)."""
    seen, forward = [], torch.nn.Conv2d.forward

    def spy(self, images):
        outputs = forward(self, images)
        seen.append((len(images), outputs.dtype))
        return outputs

    monkeypatch.setattr(torch.nn.Conv2d, "forward", spy)
    return seen


@pytest.mark.parametrize("precision, kind", [("fp32", torch.float32), ("bf16", torch.bfloat16)])
def test_precision_is_that_of_the_arithmetic(kinds, precision, kind):
    measured = measure(SMALL, 1, 10, batch=2, repeats=1, warmup=0, precision=precision)
    assert {dtype for _, dtype in kinds} == {kind} and measured.precision == precision


def test_an_unknown_precision_is_refused():
    with pytest.raises(ValueError, match="timing: precision 'fp8', expected fp32 or bf16"):
        measure(SMALL, precision="fp8")


def test_several_settings_are_measured_where_their_device_is_there(kinds, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    passes = {"repeats": 1, "warmup": 0}
    settings = [passes | {"device": "cpu", "batch": 2}, passes | {"device": "cuda", "batch": 2}]
    settings += [passes | {"device": "cpu", "batch": 1, "precision": "bf16"}]
    taken = list(measurements(SMALL, 1, 10, settings))
    assert [(row["processor"], row["batch"], row["precision"]) for row in taken] == [
        ("cpu", 2, "fp32"),
        ("cpu", 1, "bf16"),
    ]
    assert taken[0]["training_ms"] > 0 and np.isnan(taken[1]["training_ms"])  # batch norm cannot train on one image
    assert set(kinds) == {(2, torch.float32), (1, torch.bfloat16)}


def test_the_machine_has_a_name():
    name = machine(torch.device("cpu"))
    assert torch.backends.cpu.get_cpu_capability() in name and "\n" not in name


def test_the_script_times_every_sampled_network(tmp_path):
    drawn = sample(load({}, ROOT / "config").spaces["RegNetX"], {"flops": [1e5, 2e5]}, 0, range(3))
    write_csv(tmp_path / "sampled.csv", pd.DataFrame(drawn.columns()))
    settings = {"batch": 2, "repeats": 1, "warmup": 0, "threads": 1}
    params = SimpleNamespace(channels=1, classes=10, device="cpu", timing=settings)
    output = tmp_path / "times.csv"
    job = SimpleNamespace(
        input=[tmp_path / "sampled.csv"], params=params, output=[output], log=[tmp_path / "log"], config={}
    )
    runpy.run_path(str(ROOT / "scripts" / "measure_times.py"), {"snakemake": job})
    table = pd.read_csv(output)
    assert table["index"].tolist() == [0, 1, 2] and table["flops"].tolist() == drawn.complexity.flops.tolist()
    assert {*Timing.__dataclass_fields__} <= set(table) and (table["inference_ms"] > 0).all()
    assert set(table["threads"]) == {1} and table["device"].nunique() == 1


def test_the_script_times_every_network_in_every_setting(tmp_path):
    drawn = sample(load({}, ROOT / "config").spaces["RegNetX"], {"flops": [1e5, 2e5]}, 0, range(2))
    write_csv(tmp_path / "sampled.csv", pd.DataFrame(drawn.columns()))
    settings = [{"batch": 2}, {"precision": "bf16", "batch": 1, "repeats": 2}]
    params = {"repeats": 1, "warmup": 0, "threads": 1, "batch": 64, "settings": settings}
    job = SimpleNamespace(
        input=[tmp_path / "sampled.csv"],
        params=SimpleNamespace(channels=1, classes=10, device="cpu", timing=params),
        output=[tmp_path / "times.csv"],
        log=[tmp_path / "log"],
        config={},
    )
    runpy.run_path(str(ROOT / "scripts" / "measure_times.py"), {"snakemake": job})
    table = pd.read_csv(tmp_path / "times.csv")
    assert table["index"].tolist() == [0, 0, 1, 1] and set(table["processor"]) == {"cpu"}
    assert table["depth"].tolist() == drawn.columns()["depth"].repeat(2).tolist()
    assert table["precision"].tolist() == ["fp32", "bf16"] * 2 and table["batch"].tolist() == [2, 1] * 2
    assert table["repeats"].tolist() == [1, 2] * 2 and table["training_ms"].notna().tolist() == [True, False] * 2


def test_a_gpu_is_timed_by_replays_of_a_graph_and_says_so(monkeypatch, passes):
    class Replayed(Graphs):
        """Graphs on a machine without a GPU: what is recorded is what is done at each replay."""

        def __init__(self, device):
            super().__init__(device)
            self.usable, self.replays = True, 0
            made.append(self)

        def record(self, work):
            def replay():
                self.replays += 1
                work()

            return SimpleNamespace(replay=replay)

    class Refused(Replayed):
        def record(self, work):
            raise RuntimeError("cannot be recorded")

    made = []
    for kind, launches, replays in ((Replayed, "graph replays", 2 * 6), (Refused, "single kernels", 0)):
        monkeypatch.setattr(timing, "Graphs", kind)
        passes.clear()
        measured = measure(SMALL, 1, 10, batch=2, repeats=5, warmup=0)
        assert measured.device == f"{machine(torch.device('cpu'))}, {launches}"
        assert measured.warmup == WARM + 1 and len(passes) == 2 * (5 + WARM + 1)
        assert made[-1].replays == replays
    monkeypatch.undo()
    assert measure(SMALL, 1, 10, batch=2, repeats=1, warmup=0).device == machine(torch.device("cpu"))

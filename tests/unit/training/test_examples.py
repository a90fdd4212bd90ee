"""The worked examples of docs/examples: each trains a network as a job does, with the counts that hooks see."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.data.preparation import prepare
from netspaces.networks.architecture import Architecture
from netspaces.networks.modules import build
from netspaces.plugins.loading import forget_plugins
from netspaces.spaces import plugin_check
from netspaces.training.process import STOPPING
from netspaces.training.share import TrainingTask, sampled_networks, train_share
from torch.nn.modules.conv import _ConvNd
from torch.utils.flop_counter import FlopCounterMode

pytestmark = pytest.mark.usefixtures("one_thread")

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
WITH_BLOCK = {"extends": "RegNetX", "description": "RegNetX with another block"}
GEOMETRIC = {
    "description": "widths that grow by a factor",
    "family": "geometric",
    "parameters": {
        "depth": {"distribution": "uniform", "low": 1, "high": 6},
        "w_0": {"distribution": "log_uniform", "low": 8, "high": 64, "step": 8},
        "growth": {"distribution": "uniform", "low": 1, "high": 2.5, "step": 0.01},
        "bottleneck": {"choice": [1, 2]},
        "group_width": {"choice": [1, 2, 4, 8]},
    },
}
INVERTED = {"parameters": {"bottleneck": {"choice": [0.5, 0.25]}, "kernel": 7}}
SPACES = {
    "convnext": WITH_BLOCK | INVERTED | {"block": "convnext", "activation": "gelu"},
    "eca": WITH_BLOCK | {"block": "eca"},
    "geometric": GEOMETRIC,
    "ghost": WITH_BLOCK | {"block": "ghost", "parameters": {"se_ratio": 0.25}},
    "lion": {},
    "shuffle": WITH_BLOCK | {"block": "shuffle"},
}
OF_STATISTICS = {"steepest_stage"}  # a covariate: it is no part of a training
LOW, HIGH = 100_000, 300_000
SHORT = {"epochs": 1, "batch_size": 128}
OF_LION = {"optimiser": "lion", "learning_rate": 0.001}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Path:
    """The prepared digits."""
    folder = tmp_path_factory.mktemp("dataset")
    prepare(load({"preset": "digits"}, CONFIG).settings["dataset"], folder)
    return folder


@pytest.fixture
def handlers() -> Iterator[None]:
    """The process answers signals afterwards as before."""
    before = {number: signal.getsignal(number) for number in STOPPING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def forgotten(tmp_path, monkeypatch) -> Iterator[None]:
    """No plug-in, and no outcome of its check, outlives a test."""
    monkeypatch.setattr(plugin_check, "PASSED", tmp_path / "passed")
    yield
    forget_plugins()


def measured(architecture: Architecture) -> dict[str, int]:
    """What a network costs by torch's own count of products, and by hooks: biases, outputs of convolutions."""
    network, biases, outputs = build(architecture, channels=1, classes=10).eval(), [], []

    def count(module: torch.nn.Module, inputs: object, output: torch.Tensor) -> None:
        biases.append(output.numel() if module.bias is not None else 0)
        outputs.append(output.numel() if isinstance(module, _ConvNd) else 0)

    for module in network.modules():
        if isinstance(module, _ConvNd | torch.nn.Linear):
            module.register_forward_hook(count)
    with torch.no_grad(), FlopCounterMode(display=False) as products:
        network(torch.zeros(1, 1, architecture.resolution, architecture.resolution))
    return {
        "flops": products.get_total_flops() // 2 + sum(biases),
        "params": sum(parameter.numel() for parameter in network.parameters()),
        "activations": sum(outputs),
    }


def test_all_examples_are_trained_here():
    assert {*SPACES, *OF_STATISTICS} == {path.stem for path in EXAMPLES.glob("*.py")}


@pytest.mark.parametrize("name", SPACES)
def test_an_example_trains_as_in_a_job_and_is_counted_right(tmp_path, name, dataset, handlers):
    spaces = {"Own": SPACES[name]} if SPACES[name] else {}
    recipe = SHORT | (OF_LION if name == "lion" else {})
    plugins = {"plugins": [str(EXAMPLES / f"{name}.py")]}
    settings = load({"preset": "digits", "design_spaces": spaces, **plugins}, CONFIG)
    definition = settings.spaces["Own" if spaces else "RegNetX"]
    (network,) = sampled_networks(definition, {"flops": [LOW, HIGH]}, 0, [1], recipe)
    task = TrainingTask([network], 0, dataset, tmp_path / "runs", "cpu", 1, 1, 60, 0.5)
    (trained,) = train_share(task)
    record = trained["record"]
    assert (trained["index"], record["status"], len(record["epochs"])) == (1, "finished", 1)
    assert set(record.get("plugins", {})) == (set() if name == "geometric" else {name})  # a family decides no run's key
    counted = {quantity: record["complexity"][quantity] for quantity in ("flops", "params", "activations")}
    assert counted == measured(Architecture.from_dict(record["architecture"]))
    assert LOW <= counted["flops"] <= HIGH

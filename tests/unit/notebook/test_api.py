"""The public API: every name can be had from `import netspaces`, says what it does, and has an example that runs."""

import doctest
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import netspaces
import pytest
from helpers.records import make_record, write_record
from helpers.small_results import POPULATION, make_results
from netspaces.files.safe import read_json
from netspaces.notebook import training
from netspaces.training.recipe import Recipe

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", netspaces.PUBLIC)
def test_every_public_name_has_an_example_that_runs(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    entry = getattr(netspaces, name)
    finder = doctest.DocTestFinder(recurse=False)
    examples = [test for test in finder.find(entry, name, globs={}) if test.examples]
    assert examples, f"{name} has no example"
    for example in examples:
        results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example)
        assert results.failed == 0 and results.attempted > 0


@pytest.mark.parametrize("name", netspaces.PUBLIC)
def test_every_public_name_is_documented_and_typed(name):
    entry = getattr(netspaces, name)
    assert len(inspect.getdoc(entry).splitlines()[0]) > 20
    function = entry.__init__ if inspect.isclass(entry) else entry
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    assert all(parameter.annotation is not parameter.empty for parameter in parameters)


def loaded_after(code: str) -> set[str]:
    """The modules that a process of its own has after some code."""
    command = [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"]
    environment = {"PYTHONPATH": str(ROOT / "scripts"), "PATH": ""}
    return set(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split())


def test_importing_costs_nothing():
    loaded = loaded_after("import netspaces\ndir(netspaces)")
    assert "netspaces" in loaded
    assert not loaded & {"torch", "numpy", "pandas", "scipy", "yaml", "snakemake", "matplotlib"}


def test_sampling_and_counting_need_no_torch():
    code = """
import netspaces
networks = netspaces.sample(netspaces.space("RegNetX"), {"flops": [0.8e6, 1.0e6]}, n=2)
netspaces.complexity(networks.architectures)
"""
    assert not loaded_after(code) & {"torch", "pandas", "scipy", "matplotlib"}


def test_an_unknown_name_says_which_there_are():
    with pytest.raises(AttributeError, match="no attribute 'nothing', expected one of .*sample"):
        getattr(netspaces, "nothing")  # noqa: B009
    assert set(netspaces.PUBLIC) <= set(dir(netspaces))


def test_what_is_not_understood_is_said_in_one_line():
    space = netspaces.space("RegNetX")
    networks = netspaces.sample(space, {"flops": [0.1e6, 0.2e6]}, n=1)
    with pytest.raises(ValueError, match=r"sample: got the design space 'RegNetX', expected a definition"):
        netspaces.sample("RegNetX", {"flops": [1e5, 2e5]})
    with pytest.raises(ValueError, match=r"sample: got the regime 'base', expected intervals by metric"):
        netspaces.sample(space, "base")
    with pytest.raises(ValueError, match=r"complexity: got list, expected an architecture, a table or a sample"):
        netspaces.complexity([])
    with pytest.raises(ValueError, match=r"train: got Architectures, expected one architecture"):
        netspaces.train(networks.architectures, None, {"epochs": 1})
    with pytest.raises(ValueError, match=r"train: got the recipe 'short', expected values by name"):
        netspaces.train(networks.architectures.row(0), None, "short")
    with pytest.raises(ValueError, match=r"design space: got 'Nowhere', expected one of AnyNetX_A"):
        netspaces.space("Nowhere")


def test_a_sample_counts_like_its_architectures():
    networks = netspaces.sample(netspaces.space("RegNetX"), {"flops": [0.1e6, 0.2e6]}, n=3)
    counted = netspaces.complexity(networks, channels=1, classes=10)
    assert counted.flops.tolist() == networks.complexity.flops.tolist()
    one = netspaces.complexity(networks.architectures.row(2), channels=1, classes=10)
    assert one == {name: int(values[2]) for name, values in networks.complexity.columns().items()}


def test_whole_numbers_may_be_floats_and_others_are_refused():
    space, regime = netspaces.space("RegNetX"), {"flops": [0.1e6, 0.2e6]}
    definition = {**space, "stages": 4.0, "strides": [float(stride) for stride in space["strides"]]}
    drawn = netspaces.sample(definition, regime, n=2.0, seed=1.0, first=0.0).architectures
    same = netspaces.sample(space, regime, n=2, seed=1).architectures
    assert [drawn.row(i).identity() for i in range(2)] == [same.row(i).identity() for i in range(2)]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.5, "1", None, -1, True])
def test_numbers_that_are_none_are_refused_in_one_line(value):
    space, regime = netspaces.space("RegNetX"), {"flops": [0.1e6, 0.2e6]}
    network = netspaces.sample(space, regime, n=1).architectures.row(0)
    calls = [
        lambda: netspaces.sample(space, regime, n=value),
        lambda: netspaces.sample(space, regime, seed=value),
        lambda: netspaces.sample({**space, "stages": value}, regime),
        lambda: netspaces.complexity(network, classes=value),
        lambda: netspaces.regnet(value, 24, 24.48, 2.54, group_width=16),
        lambda: netspaces.train(network, None, {"epochs": 1}, seed=value),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="expected a whole number, at least") as error:
            call()
        assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "1", None])
def test_numbers_that_are_not_finite_are_refused_in_one_line(value):
    space = netspaces.space("RegNetX")
    with pytest.raises(
        ValueError, match=r"sample: got the regime flops: .*, expected \[low, high\], two finite numbers"
    ):
        netspaces.sample(space, {"flops": [1e5, value]})
    with pytest.raises(ValueError, match="parameters: w_m: got .*, expected a finite number"):
        netspaces.sample({**space, "parameters": {**space["parameters"], "w_m": {"choice": [2, value]}}}, {})


@pytest.mark.parametrize("values", [{"epochs": float("nan")}, {"epochs": 1.5}, {"epochs": "1"}, {"epochs": None}])
def test_recipes_want_whole_and_finite_numbers(values):
    with pytest.raises(ValueError, match=r"recipe: epochs is .*, expected a whole number"):
        Recipe.from_dict(values)
    assert Recipe.from_dict({"epochs": 2.0, "batch_size": 32.0}) == Recipe(2, 32)
    for rate in (float("nan"), float("inf"), "x"):
        with pytest.raises(ValueError, match=r"recipe: learning_rate is .*, expected a finite number"):
            Recipe.from_dict({"epochs": 1, "learning_rate": rate})


def test_the_how_to_gives_the_best_network_back(tmp_path, monkeypatch):
    text = (ROOT / "docs" / "how-to" / "top_models.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    results = make_results(tmp_path / "results" / "cifar10")
    (results / "finals" / f"{POPULATION}.csv").rename(results / "finals" / "RegNetX_constrained-sweep_1-medium.csv")
    (record,) = (read_json(path, "a record") for path in results.glob("finals/*/0.json"))
    blocks[-1] = blocks[-1].replace("86e12367c4f0c4009133", record["key"])
    monkeypatch.chdir(tmp_path)
    said = {}
    for block in blocks[:2]:
        exec(block, said)
    assert said["error"] == record["error"] and said["best"] == f"runs/{record['key']}.safetensors"
    first = said["network"].state_dict()
    exec(blocks[2], said)
    again = said["network"].state_dict()
    assert said["network"] and all(bool((value == first[name]).all()) for name, value in again.items())
    assert len(blocks) == 3


def test_a_network_that_cannot_be_loaded_is_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"^load_network: got a record without its folder, expected store='results/"):
        netspaces.load_network({})
    with pytest.raises(ValueError, match=r"^load_network: got int, expected a run record or its path"):
        netspaces.load_network(7)
    with pytest.raises(ValueError, match=r"^load_network: the record is damaged \(.*is missing, expected text\)"):
        netspaces.load_network({}, tmp_path)
    with pytest.raises(FileNotFoundError):
        netspaces.load_network(tmp_path / "nothing.safetensors")
    path = write_record(tmp_path, make_record())
    weights = path.with_suffix(".safetensors")
    for given in (path, weights, str(path)):
        with pytest.raises(ValueError, match=rf"^{weights}: no such file; its weights were not kept"):
            netspaces.load_network(given)
    architecture = netspaces.Architecture.from_dict(make_record()["architecture"])
    with pytest.raises(ValueError, match="^train: got keep_weights without a store, expected store=FOLDER"):
        netspaces.train(architecture, None, {"epochs": 1}, keep_weights=True)


def test_a_dataset_that_is_prepared_for_a_notebook_leaves_nothing_behind(tmp_path):
    line = "import netspaces; print(netspaces.load_dataset().train.images.sum())"
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT / "scripts")}
    subprocess.run([sys.executable, "-c", line], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []


def test_a_training_takes_one_thread_and_leaves_the_others_to_the_notebook(monkeypatch):
    import torch

    threads: list[int] = []
    monkeypatch.setattr(training, "train_network", lambda *_, **__: threads.append(torch.get_num_threads()) or {})
    networks = netspaces.sample(netspaces.space("RegNetX"), {"flops": [0.1e6, 0.2e6]}, n=1)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        netspaces.train(networks.architectures.row(0), netspaces.load_dataset(), {"epochs": 1})
        assert (threads, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(before)

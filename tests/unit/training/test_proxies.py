"""Zero-cost proxies: what they are on networks that can be computed by hand, and what they start from."""

import math
import runpy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from helpers.kills import prepared
from helpers.small_runs import ARCHITECTURE, COMPLEXITY, DATASET, RECIPE, examples, make_run
from helpers.small_spaces import small
from netspaces.training.proxies import (
    PROXIES,
    Start,
    gradient_norm,
    jacobian_covariance,
    proxies_of,
    start_of,
    synflow,
)
from netspaces.training.share import Network
from netspaces.training.store import seed_of
from torch import nn

ROOT = Path(__file__).parents[3]


def linear(weight: list[list[float]]) -> nn.Module:
    network = nn.Sequential(nn.Flatten(), nn.Linear(len(weight[0]), len(weight), bias=False))
    with torch.no_grad():
        network[1].weight.copy_(torch.tensor(weight))
    return network


def start(network: nn.Module, images: list[list[float]]) -> Start:
    return Start(network, torch.tensor(images)[:, :, None, None], lambda logits: logits.pow(2).sum())


def test_the_gradient_is_that_of_the_loss_on_the_batch():
    """The loss of one image (1, 2) and the weights (3, 1) is (3 + 2)², its gradient 2 · 5 · (1, 2)."""
    assert gradient_norm(start(linear([[3.0, 1.0]]), [[1.0, 2.0]])) == pytest.approx(10 * math.sqrt(5))


def test_gradients_of_layers_are_added_by_their_lengths():
    two = nn.Sequential(*linear([[1.0, 0.0], [0.0, 1.0]]), nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        two[2].weight.fill_(1.0)
    first, second = 10 * math.sqrt(2) * math.sqrt(9 + 4), 10 * math.sqrt(9 + 4)
    assert gradient_norm(start(two, [[3.0, 2.0]])) == pytest.approx(first + second)


def test_synflow_sees_absolute_weights_and_no_image():
    """Of one layer it is the sum of all absolute weights; of two it counts each path twice."""
    assert synflow(start(linear([[3.0, -1.0], [-4.0, 2.0]]), [[9.0, 9.0]])) == pytest.approx(1.0)
    two = nn.Sequential(*linear([[3.0, -1.0], [-4.0, 2.0]]), nn.ReLU(), nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        two[3].weight.copy_(torch.tensor([[-1.0, 2.0]]))
    assert synflow(start(two, [[9.0, 9.0]])) == pytest.approx(math.log10(2 * (4 * 1 + 6 * 2)))


def test_synflow_beyond_all_numbers_is_none():
    assert math.isnan(synflow(start(linear([[0.0, 0.0]]), [[1.0, 1.0]])))


def test_images_with_one_linear_map_correlate_most():
    """Two images with the same gradients have the eigenvalues 2 and 0."""
    value = jacobian_covariance(start(linear([[3.0, -1.0]]), [[1.0, 2.0], [5.0, 0.5]]))
    k = 1e-5
    assert value == pytest.approx(-(math.log(2 + k) + 1 / (2 + k) + math.log(k) + 1 / k), rel=1e-4)
    relu = nn.Sequential(*linear([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), nn.ReLU())
    other = jacobian_covariance(start(relu, [[1.0, -2.0, -1.0], [-5.0, 0.5, -3.0]]))
    assert other == pytest.approx(-sum(math.log(v + k) + 1 / (v + k) for v in (0.5, 1.5)))
    assert other > value


def test_a_network_is_asked_as_its_run_starts():
    """The same weights and the same first batch, whatever the recipe does to the last norms of blocks."""
    network = Network(0, ARCHITECTURE, COMPLEXITY, RECIPE | {"zero_init_residual": True})
    run = make_run()
    found = start_of(network, 0, DATASET, "cpu")
    assert all(
        torch.equal(*pair)
        for pair in zip(found.network.state_dict().values(), run.network.state_dict().values(), strict=True)
    )
    images, labels = examples(run, run.batches.order(0)[0])
    assert torch.equal(found.images, images)
    logits = torch.randn(len(labels), 4)
    assert found.loss(logits) == nn.functional.cross_entropy(logits, labels)
    values = proxies_of(found)
    assert all(map(math.isfinite, values.values())) and proxies_of(found) == values
    again = start_of(replace(network, repetition=1), 0, DATASET, "cpu")
    other = start_of(network, seed_of(0, 1), DATASET, "cpu")
    assert proxies_of(again) == proxies_of(other) != values


def test_the_script_measures_every_network_of_a_population(tmp_path):
    meta = prepared(tmp_path / "results") / "dataset" / "meta.json"
    params = {"definition": small(channels=1, classes=4) | {"name": "small"}, "regime": {"flops": [0, 1e6]}, "seed": 0}
    params |= {"training_seed": 1, "n": 2, "device": "cpu", "recipe": {"epochs": 1, "batch_size": 8}}
    output = tmp_path / "proxies.csv"
    job = SimpleNamespace(
        input=Input(dataset=str(meta)),
        params=SimpleNamespace(**params),
        output=[output],
        log=[tmp_path / "log"],
        threads=1,
        config={},
    )
    runpy.run_path(str(ROOT / "scripts" / "measure_proxies.py"), {"snakemake": job})
    table = pd.read_csv(output)
    assert table["index"].tolist() == [0, 1] and np.isfinite(table[list(PROXIES)].to_numpy()).all()
    assert "2 networks, " in (tmp_path / "log").read_text()


class Input(SimpleNamespace):
    """What a rule gives its script, by name."""

    def get(self, name: str) -> str | None:
        return vars(self).get(name)

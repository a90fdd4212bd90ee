"""Precise batch norm: what it computes, that it leaves training alone, that a resumed run has it too."""

import copy
import math

import pytest
import torch
from helpers.small_runs import ARCHITECTURE, DATASET, RECIPE, comparable, make_run, run_steps, stop_after, train
from netspaces.training.precise_norms import renew_statistics
from netspaces.training.process import Interrupted
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run

pytestmark = pytest.mark.usefixtures("one_thread")


def statistics(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items() if "running_" in name}


def means_over_batches(run: Run, plan: list[torch.Tensor]) -> dict[str, torch.Tensor]:
    """The statistics of each batch by itself, averaged: momentum 1 keeps those of the last batch alone."""
    network = copy.deepcopy(run.evaluated).train()
    for norm in network.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.momentum = 1.0
    of_batches = []
    with torch.no_grad():
        for images, _ in run.batches.examples(len(run.epochs), plan):
            network(images)
            of_batches.append(statistics(network))
    return {name: sum(each[name] for each in of_batches) / len(of_batches) for name in of_batches[0]}


@pytest.mark.parametrize(("images", "batches"), [(1, 1), (12, 1), (35, 2), (36, 3), (10_000, 4)])
@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_statistics_are_means_over_whole_batches_of_the_epoch(images, batches, decay):
    run = make_run(precise_batch_norm=images, augmentation=["crop"], ema_decay=decay)
    run_steps(run, 3)
    weights = [value.clone() for value in run.evaluated.parameters()]
    expected = means_over_batches(run, run.batches.order(0)[:batches])
    before = statistics(run.evaluated)
    renew_statistics(run)
    found = statistics(run.evaluated)
    for name, values in expected.items():
        torch.testing.assert_close(found[name], values, rtol=1e-5, atol=1e-6)
        assert not torch.allclose(before[name], values, rtol=1e-3)
    assert all(map(torch.equal, weights, run.evaluated.parameters()))


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_training_is_the_same_and_errors_are_those_of_the_renewed_statistics(decay):
    options = {"ema_decay": decay, "dropout": 0.2}
    plain, precise = make_run(**options), make_run(precise_batch_norm=24, **options)
    for run in (plain, precise):
        run.train(lambda: False, lambda: None, math.inf)
    assert all(map(torch.equal, plain.parameters, precise.parameters))
    assert [epoch["train_loss"] for epoch in plain.epochs] == [epoch["train_loss"] for epoch in precise.epochs]
    assert plain.epochs != precise.epochs
    assert precise.epochs[-1]["test_error"] == precise.test_error()


def test_a_resumed_run_ends_in_the_same_record(tmp_path):
    recipe = {"precise_batch_norm": 24, "ema_decay": 0.9, "augmentation": ["crop"]}
    whole = train(tmp_path / "whole", recipe=recipe)
    with pytest.raises(Interrupted):
        train(tmp_path / "resumed", recipe=recipe, stopping=stop_after(7), checkpoint_seconds=0)
    assert comparable(train(tmp_path / "resumed", recipe=recipe)) == comparable(whole)


def test_parts_of_a_batch_count_by_their_images():
    recipe = Recipe.from_dict(RECIPE | {"precise_batch_norm": 10, "batch_size": 10})
    run = Run(ARCHITECTURE, recipe, 0, DATASET, accumulation=4)  # parts of 3, 3, 3 and 1
    expected = [means_over_batches(run, [part]) for part in run.batches.order(0)[0].split(3)]
    renew_statistics(run)
    for name, values in statistics(run.network).items():
        weighted = sum(len(part) * each[name] for part, each in zip(torch.arange(10).split(3), expected, strict=True))
        torch.testing.assert_close(values, weighted / 10, rtol=1e-5, atol=1e-6)


def test_recipes_without_it_keep_their_keys():
    assert "precise_batch_norm" not in Recipe.from_dict(RECIPE).to_dict()
    assert Recipe.from_dict(RECIPE | {"precise_batch_norm": 0}).to_dict() == Recipe.from_dict(RECIPE).to_dict()
    assert Recipe.from_dict(RECIPE | {"precise_batch_norm": 8192}).to_dict()["precise_batch_norm"] == 8192

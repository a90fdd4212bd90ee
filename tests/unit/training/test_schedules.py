"""Schedules of the learning rate, beside those of torch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.training.recipe import Recipe
from netspaces.training.schedules import SCHEDULES

EPOCHS = 12
TORCHS = {
    "constant": ("constant", lambda optimiser: torch.optim.lr_scheduler.ConstantLR(optimiser, 1.0)),
    "cosine": ("cosine", lambda optimiser: torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS)),
    "cosine to a tenth": (
        {"name": "cosine", "final": 0.1},
        lambda optimiser: torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, EPOCHS, eta_min=0.05),
    ),
    "linear": ("linear", lambda optimiser: torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, EPOCHS)),
    "linear to a fifth": (
        {"name": "linear", "final": 0.2},
        lambda optimiser: torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.2, EPOCHS),
    ),
    "step": (
        {"name": "step", "every": 3, "factor": 0.7},
        lambda optimiser: torch.optim.lr_scheduler.StepLR(optimiser, 3, 0.7),
    ),
    "milestones": (
        {"name": "milestones", "at": [2, 5, 11], "factor": 0.2},
        lambda optimiser: torch.optim.lr_scheduler.MultiStepLR(optimiser, [2, 5, 11], 0.2),
    ),
}


@pytest.mark.parametrize("name", TORCHS)
def test_a_schedule_is_torchs(name):
    schedule, make = TORCHS[name]
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    scheduler, rates = make(optimiser), []
    for _ in range(EPOCHS):
        rates.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    recipe = Recipe.from_dict({"epochs": EPOCHS, "learning_rate": 0.5, "schedule": schedule})
    assert [recipe.rate(epoch) for epoch in range(EPOCHS)] == pytest.approx(rates, abs=1e-9)


def test_every_schedule_is_compared():
    assert {name.split()[0] for name in TORCHS} == set(SCHEDULES.modules)


def test_the_cosine_is_the_one_that_runs_always_had_bit_for_bit():
    import math

    recipe = Recipe(epochs=7, learning_rate=0.3)
    for step in range(700):
        progress = step / 100
        assert recipe.rate(progress) == 0.5 * 0.3 * (1 + math.cos(math.pi * progress / 7))


@settings(derandomize=True, deadline=None)
@given(
    name=st.sampled_from(list(SCHEDULES.modules)), epochs=st.integers(1, 400), share=st.floats(0, 1, exclude_max=True)
)
def test_a_share_lies_between_0_and_1_and_never_grows(name, epochs, share):
    schedule = SCHEDULES[name]
    earlier, later = schedule(share * epochs / 2, epochs), schedule(share * epochs, epochs)
    assert 0 <= later <= earlier <= schedule(0.0, epochs) == 1


@pytest.mark.parametrize("name", SCHEDULES.modules)
def test_every_schedule_begins_with_the_recipes_warm_up(name):
    recipe = Recipe(epochs=10, learning_rate=0.5, schedule=name, warmup_epochs=4, warmup_factor=0.2)
    plain = Recipe(epochs=10, learning_rate=0.5, schedule=name)
    shares = [recipe.rate(progress) / plain.rate(progress) for progress in (0, 1, 2, 3, 4, 5)]
    assert shares == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0])


@pytest.mark.parametrize("name", SCHEDULES.modules)
def test_a_rate_may_be_constant_within_an_epoch(name):
    recipe = Recipe(epochs=100, schedule=name, update_rate_every="epoch")
    assert recipe.rate(30.0) == recipe.rate(30.9)

"""Training: the optimiser, the schedule, batches and the loss, the moving average."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from helpers.small_runs import (
    ARCHITECTURE,
    RECIPE,
    STEPS,
    examples,
    laws,
    make_dataset,
    make_run,
    run_steps,
    step_on,
    train,
)
from hypothesis import given
from hypothesis import strategies as st
from netspaces.networks.modules import BlockModule, build
from netspaces.training.recipe import Recipe
from netspaces.training.run import Run
from torch.nn import functional

pytestmark = pytest.mark.usefixtures("one_thread")


# ---- Optimiser -------------------------------------------------------------------------------------------------------


@laws
@given(
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    nesterov=st.booleans(),
    weight_decay=st.sampled_from([0.0, 5e-5, 1e-2]),
    rates=st.lists(st.floats(1e-4, 0.5), min_size=1, max_size=5),
)
def test_steps_are_those_of_torch_sgd(momentum, nesterov, weight_decay, rates):
    run = make_run(momentum=momentum, nesterov=nesterov, weight_decay=weight_decay)
    reference = copy.deepcopy(run.network)
    options = dict(momentum=momentum, nesterov=nesterov and momentum > 0, weight_decay=weight_decay)
    optimiser = torch.optim.SGD(reference.parameters(), lr=1.0, fused=True, **options)
    for step, rate in enumerate(rates):
        rows = (torch.arange(12) + 7 * step) % 50
        step_on(run, rows, rate)
        optimiser.param_groups[0]["lr"] = rate
        optimiser.zero_grad()
        images, labels = examples(run, rows)
        functional.cross_entropy(reference(images), labels).backward()
        optimiser.step()
    expected = reference.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in run.network.state_dict().items())


def test_weight_decay_acts_on_every_parameter():
    with_decay, without = make_run(weight_decay=0.1), make_run(weight_decay=0.0)
    for run in (with_decay, without):
        run_steps(run, 2)
    parameters = zip(with_decay.network.named_parameters(), without.parameters, strict=True)
    assert [name for (name, decayed), plain in parameters if torch.equal(decayed, plain)] == []


# ---- Schedule --------------------------------------------------------------------------------------------------------


def test_the_cosine_goes_from_the_base_rate_to_zero():
    recipe = Recipe(epochs=10, learning_rate=0.2)
    assert recipe.rate(0) == 0.2
    assert recipe.rate(2.5) == pytest.approx(0.2 * (0.5 + math.sqrt(0.125)))
    assert recipe.rate(5) == pytest.approx(0.1)
    assert recipe.rate(10) == 0


def test_rates_per_epoch_are_the_authors_staircase():
    recipe = Recipe(epochs=10, learning_rate=1.0, update_rate_every="epoch")
    assert recipe.rate(9.99) == recipe.rate(9) == pytest.approx(0.02447, rel=1e-3)
    assert recipe.rate(0.99) == recipe.rate(0) == 1


def test_warm_up_rises_linearly_under_the_cosine():
    recipe = Recipe(epochs=100, learning_rate=0.8, warmup_epochs=5, warmup_factor=0.1)
    cosine = Recipe(epochs=100, learning_rate=0.8)
    assert recipe.rate(0) == pytest.approx(0.08)
    assert recipe.rate(2.5) == pytest.approx(0.55 * cosine.rate(2.5))
    assert [recipe.rate(t) for t in (5, 5.5, 50)] == [cosine.rate(t) for t in (5, 5.5, 50)]


@laws
@given(st.integers(1, 100), st.floats(0, 50), st.floats(0, 1), st.floats(0, 0.999))
def test_rates_stay_within_their_limits_and_fall_after_the_warm_up(epochs, warmup, factor, share):
    recipe = Recipe(epochs=epochs, learning_rate=0.3, warmup_epochs=warmup, warmup_factor=factor)
    progress = share * epochs
    assert 0 <= recipe.rate(progress) <= 0.3
    assert progress < warmup or recipe.rate(progress) >= recipe.rate(progress + 1e-3)


@pytest.mark.parametrize("every", ["step", "epoch"])
def test_training_uses_the_schedule(every):
    run, rates = make_run(update_rate_every=every), []
    step = run.train_step

    def spy(images, expected, rate):
        rates.append(rate)
        step(images, expected, rate)

    run.train_step = spy
    run.train(lambda: False, lambda: None, 60)
    expected = [run.recipe.rate(epoch + step / STEPS) for epoch in range(3) for step in range(STEPS)]
    assert rates == expected
    assert len(set(rates)) == (3 if every == "epoch" else 3 * STEPS)


# ---- Batches and loss ------------------------------------------------------------------------------------------------


def test_an_epoch_sees_every_image_at_most_once_in_an_order_of_its_own():
    run, seen = make_run(), []
    step = run.train_step

    def spy(images, expected, rate):
        seen.append([numbers[image.numpy().tobytes()] for image in images])
        step(images, expected, rate)

    every, _ = examples(run, torch.arange(50))
    numbers = {image.numpy().tobytes(): number for number, image in enumerate(every)}
    run.train_step = spy
    run.train(lambda: False, lambda: None, 60)
    epochs = [sum(seen[start : start + STEPS], []) for start in range(0, 3 * STEPS, STEPS)]
    assert len(numbers) == 50 and [len(rows) for rows in seen] == [12] * (3 * STEPS)  # the two left over are dropped
    assert [len(set(rows)) for rows in epochs] == [48] * 3
    assert epochs[0] != epochs[1] != epochs[2]


def test_a_batch_larger_than_the_training_set_is_the_whole_set(tmp_path):
    assert train(tmp_path, recipe={"batch_size": 1000})["status"] == "finished"


@pytest.mark.parametrize("resolution", [6, 9])
def test_images_arrive_normalised_at_the_networks_resolution(resolution):
    dataset = make_dataset(channels=3)
    run = Run(replace(ARCHITECTURE, resolution=resolution), Recipe.from_dict(RECIPE), 0, dataset)
    images, labels = examples(run, torch.arange(50))
    assert images.shape == (50, 3, resolution, resolution)
    assert images.is_contiguous(memory_format=torch.channels_last)
    assert images[torch.tensor([4, 2])].is_contiguous(memory_format=torch.channels_last)
    assert labels.tolist() == dataset.train.labels.tolist()
    if resolution == 6:
        assert images.mean((0, 2, 3)).numpy() == pytest.approx(0, abs=1e-5)
        assert images.std((0, 2, 3)).numpy() == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_loss_is_smoothed_cross_entropy(smoothing):
    run = make_run(label_smoothing=smoothing)
    images, labels = examples(run, torch.arange(12))
    log_p = copy.deepcopy(run.network)(images).detach().log_softmax(1).double()
    hit, spread = log_p[torch.arange(12), labels].mean(), log_p.mean(1).mean()
    run.train_step(images, labels, 0.1)
    assert float(run.loss) == pytest.approx(float(-(1 - smoothing) * hit - smoothing * spread), rel=1e-6)
    assert int(run.wrong) == int((log_p.argmax(1) != labels).sum())


def test_zero_init_residual_starts_blocks_as_their_shortcuts():
    for zero in (False, True):
        network = make_run(zero_init_residual=zero).network
        gammas = [block.last_norm.weight for block in network.modules() if isinstance(block, BlockModule)]
        assert len(gammas) == 3
        assert all(bool((gamma == (0 if zero else 1)).all()) for gamma in gammas)


# ---- Moving average --------------------------------------------------------------------------------------------------


def floats(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.double() for name, value in network.state_dict().items() if value.is_floating_point()}


def test_the_average_is_the_exponential_one_of_weights_and_batch_norm_statistics():
    run = make_run(ema_decay=0.5)
    expected = floats(run.network)
    for step in range(1, 10):
        run_steps(run, 1)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = {name: decay * expected[name] + (1 - decay) * value for name, value in floats(run.network).items()}
    average = floats(run.evaluated)
    assert any("running_var" in name for name in average)
    for name, value in expected.items():
        torch.testing.assert_close(average[name], value, rtol=1e-5, atol=1e-6)
    assert not torch.allclose(average["head.weight"], floats(run.network)["head.weight"], rtol=1e-3)


def test_the_test_error_is_the_averaged_networks_and_training_goes_on_with_the_raw_weights():
    averaging, plain = make_run(ema_decay=0.9), make_run()
    for run in (averaging, plain):
        run_steps(run, 3)
        run.test_error()
        run_steps(run, 3)
    raw, expected = averaging.network.state_dict(), plain.network.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in raw.items())

    network = build(ARCHITECTURE, 1, 4).eval()
    network.load_state_dict(averaging.evaluated.state_dict())
    with torch.no_grad():
        wrong = network(averaging.batches.test.images.images).argmax(1) != averaging.batches.test.labels
    assert averaging.test_error() == 100 * wrong.double().mean()
    assert averaging.network.training

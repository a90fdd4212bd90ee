"""Training: the optimiser, the schedule, what a record says, that runs repeat, resume and survive being killed."""

import copy
import functools
import json
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces import training
from netspaces.architecture import Architecture
from netspaces.datasets import Dataset, Split
from netspaces.network import Bottleneck, build
from netspaces.process import Interrupted, StopRequest
from netspaces.recipe import Recipe
from netspaces.records import RecordError, read_record
from netspaces.training import Run, on_device, train_network
from torch.nn import functional

SCRIPTS = Path(__file__).parents[2] / "scripts"
ARCHITECTURE = Architecture("x", "cifar", 4, 6, 0.25, (1, 2), (8, 16), (1.0, 2.0), (4, 8), (1, 2))
OTHERS = [
    replace(ARCHITECTURE, block="v", se_ratio=0.0, bottlenecks=(1.0, 1.0), group_widths=(1, 1)),
    replace(ARCHITECTURE, depths=(1, 1), se_ratio=0.0),
]
COMPLEXITY = {"flops": 1, "params": 2, "activations": 3}
RECIPE = {"epochs": 3, "batch_size": 12, "learning_rate": 0.1}
STEPS = 4  # of an epoch
TIMINGS = ("seconds", "images_per_second", "peak_memory_mb")
laws = settings(deadline=None, derandomize=True, max_examples=25)


def make_dataset(train: int = 50, test: int = 20, size: int = 6, channels: int = 1, classes: int = 4) -> Dataset:
    """Images whose brightness says a little of their class."""
    generator = np.random.default_rng(0)

    def split(n: int) -> Split:
        labels = np.arange(n) % classes
        images = generator.integers(0, 160, (n, size, size, channels)) + 20 * labels[:, None, None, None]
        return Split(images.astype(np.uint8), labels)

    parts = split(train), split(test)
    pixels = parts[0].images.reshape(-1, channels) / 255
    return Dataset(*parts, classes, tuple(pixels.mean(0).tolist()), tuple(pixels.std(0).tolist()), "checksum")


DATASET = make_dataset()


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def train(store, architecture=ARCHITECTURE, recipe=None, seed=0, dataset=DATASET, **options) -> dict:
    """Train one network with the recipe of these tests, or with what differs from it."""
    return train_network(architecture, COMPLEXITY, RECIPE | (recipe or {}), seed, dataset, store, "digest", **options)


def comparable(record: dict) -> str:
    """A record's bytes, timings aside."""
    return json.dumps({name: value for name, value in record.items() if name not in TIMINGS})


def stop_after(calls: int):
    """A `stopping` that says so at the given call, that is after so many steps."""
    counter = iter(range(1, 10**6))
    return lambda: next(counter) == calls


def make_run(**recipe) -> Run:
    return Run(ARCHITECTURE, Recipe.from_dict(RECIPE | recipe), 0, DATASET)


def run_steps(run: Run, steps: int, rate: float = 0.1) -> None:
    """Steps on batches of consecutive images."""
    for step in range(steps):
        run.train_step((torch.arange(12) + 12 * step) % 50, rate)


@functools.cache
def undisturbed(ema: float) -> str:
    with tempfile.TemporaryDirectory() as store:
        return comparable(train(store, recipe={"ema_decay": ema}))


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
    optimiser = torch.optim.SGD(reference.parameters(), lr=1.0, **options)
    for step, rate in enumerate(rates):
        rows = (torch.arange(12) + 7 * step) % 50
        run.train_step(rows, rate)
        optimiser.param_groups[0]["lr"] = rate
        optimiser.zero_grad()
        functional.cross_entropy(reference(run.images[rows]), run.labels[rows]).backward()
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
    run.train_step = lambda rows, rate: (rates.append(rate), step(rows, rate))
    run.train(lambda: False, lambda: None, 60)
    expected = [run.recipe.rate(epoch + step / STEPS) for epoch in range(3) for step in range(STEPS)]
    assert rates == expected
    assert len(set(rates)) == (3 if every == "epoch" else 3 * STEPS)


# ---- Batches and loss ------------------------------------------------------------------------------------------------


def test_an_epoch_sees_every_image_at_most_once_in_an_order_of_its_own():
    run, seen = make_run(), []
    step = run.train_step
    run.train_step = lambda rows, rate: (seen.append(rows.tolist()), step(rows, rate))
    run.train(lambda: False, lambda: None, 60)
    epochs = [sum(seen[start : start + STEPS], []) for start in range(0, 3 * STEPS, STEPS)]
    assert [len(rows) for rows in seen] == [12] * (3 * STEPS)  # the two images left over are dropped
    assert [len(set(rows)) for rows in epochs] == [48] * 3
    assert epochs[0] != epochs[1] != epochs[2]


def test_a_batch_larger_than_the_training_set_is_the_whole_set(tmp_path):
    assert train(tmp_path, recipe={"batch_size": 1000})["status"] == "finished"


@pytest.mark.parametrize("resolution", [6, 9])
def test_images_arrive_normalised_at_the_networks_resolution(resolution):
    dataset = make_dataset(channels=3)
    images, labels = on_device(dataset.train, dataset, resolution, torch.device("cpu"))
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
    log_p = copy.deepcopy(run.network)(run.images[:12]).detach().log_softmax(1).double()
    hit, spread = log_p[torch.arange(12), run.labels[:12]].mean(), log_p.mean(1).mean()
    run.train_step(torch.arange(12), 0.1)
    assert float(run.loss) == pytest.approx(float(-(1 - smoothing) * hit - smoothing * spread), rel=1e-6)
    assert int(run.wrong) == int((log_p.argmax(1) != run.labels[:12]).sum())


def test_zero_init_residual_starts_blocks_as_their_shortcuts():
    for zero in (False, True):
        network = make_run(zero_init_residual=zero).network
        gammas = [block.last_norm.weight for block in network.modules() if isinstance(block, Bottleneck)]
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
        wrong = network(averaging.test_images).argmax(1) != averaging.test_labels
    assert averaging.test_error() == 100 * wrong.double().mean()
    assert averaging.network.training


# ---- Records ---------------------------------------------------------------------------------------------------------


def test_a_record_says_what_was_trained_how_and_how_well(tmp_path):
    record = train(tmp_path, recipe={"learning_rate": 0.4}, seed=3)
    path = tmp_path / f"{record['key']}.json"
    assert list(tmp_path.iterdir()) == [path]
    assert record == read_record(path) == json.loads(path.read_text())
    assert Architecture.from_dict(record["architecture"]) == ARCHITECTURE
    assert record["complexity"] == COMPLEXITY
    assert record["recipe"] == asdict(Recipe(**RECIPE | {"learning_rate": 0.4})) | {"augmentation": []}
    assert (record["seed"], record["dataset"], record["digest"]) == (3, "checksum", "digest")
    assert (record["status"], record["diverged_in_epoch"]) == ("finished", None)
    assert [sorted(epoch) for epoch in record["epochs"]] == [["test_error", "train_error", "train_loss"]] * 3
    assert record["images_per_second"] == pytest.approx(3 * 48 / record["seconds"])
    assert 10 < record["peak_memory_mb"] < 100_000
    assert set(record["versions"]) == {"python", "torch", "numpy"}
    assert (record["threads"], record["layout"]) == (1, "channels_last")


def test_errors_are_test_errors_in_percent_and_the_minimum_is_over_epochs(tmp_path, monkeypatch):
    measured = []
    test_error = Run.test_error

    def spy(run):
        with torch.no_grad():
            network = copy.deepcopy(run.network).eval()
            predicted = torch.cat([network(image[None]) for image in run.test_images]).argmax(1)
        measured.append(100 * int((predicted != run.test_labels).sum()) / 20)
        return test_error(run)

    monkeypatch.setattr(Run, "test_error", spy)
    monkeypatch.setattr(training, "EVALUATION_BATCH", 8)  # 20 images: two whole batches and a half
    record = train(tmp_path, recipe={"epochs": 8, "learning_rate": 1.0})
    assert [epoch["test_error"] for epoch in record["epochs"]] == measured
    assert len(set(measured)) > 2
    assert (record["error"], record["error_min"]) == (measured[-1], min(measured))


def test_training_loss_and_error_are_means_over_the_images_of_an_epoch():
    run, losses, wrong = make_run(), [], []
    step = run.train_step

    def spy(rows, rate):
        logits = copy.deepcopy(run.network)(run.images[rows]).detach()
        losses.extend(functional.cross_entropy(logits, run.labels[rows], reduction="none").tolist())
        wrong.extend((logits.argmax(1) != run.labels[rows]).tolist())
        step(rows, rate)

    run.train_step = spy
    run.train(lambda: False, lambda: None, 60)
    for number, epoch in enumerate(run.epochs):
        of_epoch = slice(48 * number, 48 * (number + 1))
        assert epoch["train_loss"] == pytest.approx(np.mean(losses[of_epoch]), rel=1e-5)
        assert epoch["train_error"] == pytest.approx(100 * np.mean(wrong[of_epoch]))


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    first, again, other = (train(tmp_path / str(i), seed=seed) for i, seed in enumerate([1, 1, 2]))
    assert comparable(first) == comparable(again)
    assert first["epochs"] != other["epochs"]
    assert first["key"] != other["key"]


def test_networks_do_not_see_each_other(tmp_path):
    architectures = [ARCHITECTURE, *OTHERS]
    alone = {a: comparable(train(tmp_path / f"alone-{i}", a)) for i, a in enumerate(architectures)}
    for order in ([2, 0, 1], [1, 2, 0]):
        torch.manual_seed(sum(order))
        np.random.seed(order[0])
        for i in order:
            assert comparable(train(tmp_path / str(order), architectures[i])) == alone[architectures[i]]


def test_a_run_in_the_store_is_not_trained_again(tmp_path, monkeypatch):
    record = train(tmp_path)
    orphan = tmp_path / f"{record['key']}.checkpoint"
    orphan.write_bytes(b"left by a job that was killed between writing the record and removing this")
    monkeypatch.setattr(training, "Run", None)
    assert train(tmp_path) == record
    assert not orphan.exists()


def test_two_writers_of_one_run_do_no_harm(tmp_path):
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(train, tmp_path, checkpoint_seconds=0.0) for _ in range(2)]
    assert [comparable(run.result()) for run in runs] == [undisturbed(0.0)] * 2
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def test_a_damaged_record_stops_the_job(tmp_path):
    record = train(tmp_path)
    (tmp_path / f"{record['key']}.json").write_text("{}")
    with pytest.raises(RecordError, match="is missing"):
        train(tmp_path)


# ---- Recipes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"epochs": 1, "epoch": 2}, "recipe: epoch is unknown, expected one of augmentation, batch_size, "),
        ({"batch_size": 2}, "recipe: epochs is missing"),
        ({"epochs": 1, "update_rate_every": "batch"}, "update_rate_every is 'batch', expected step or epoch"),
        ({"epochs": 1, "precision": "fp16"}, "precision is 'fp16', expected fp32 or bf16"),
        ({"epochs": 1, "augmentation": ["flip", "flap"]}, "augmentation has 'flap', expected of random_resized_crop, "),
    ],
)
def test_wrong_recipes_are_refused_in_one_line(wrong, message):
    with pytest.raises(ValueError, match=message) as error:
        Recipe.from_dict(wrong)
    assert "\n" not in str(error.value)


def test_equal_recipes_have_equal_keys_however_written(tmp_path):
    keys = {train(tmp_path, recipe=recipe)["key"] for recipe in ({"weight_decay": 0}, {"weight_decay": 0.0})}
    keys |= {train(tmp_path, recipe={"weight_decay": 0, "momentum": 0.9})["key"]}
    assert len(keys) == 1


# ---- Divergence ------------------------------------------------------------------------------------------------------


def test_a_diverged_run_is_a_record_with_the_error_of_guessing(tmp_path):
    record = train(tmp_path, recipe={"learning_rate": 1e6, "epochs": 5})
    assert (record["status"], record["error"], record["error_min"]) == ("diverged", 75, 75)
    assert record["diverged_in_epoch"] == len(record["epochs"]) + 1 == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


def poisoned(at_step: int, what: str):
    """`train_step` that spoils the loss or the weights in the given step."""
    original = Run.train_step

    def train_step(run, rows, rate):
        original(run, rows, rate)
        if len(run.epochs) * STEPS + run.step == at_step:
            run.loss.fill_(math.nan) if what == "loss" else run.parameters[0].data.fill_(math.nan)

    return train_step


@pytest.mark.parametrize("what", ["loss", "weights"])
@pytest.mark.parametrize("step, epoch", [(STEPS + 1, 2), (2 * STEPS, 2), (3 * STEPS, 3)])
def test_divergence_is_noticed_in_its_epoch(tmp_path, monkeypatch, what, step, epoch):
    monkeypatch.setattr(Run, "train_step", poisoned(step, what))
    record = train(tmp_path)
    assert (record["status"], record["error_min"], record["diverged_in_epoch"]) == ("diverged", 75, epoch)
    assert len(record["epochs"]) == epoch - 1


def test_an_interrupted_run_diverges_all_the_same(tmp_path):
    recipe = {"learning_rate": 1e6}
    with pytest.raises(Interrupted):
        train(tmp_path / "interrupted", recipe=recipe, stopping=stop_after(3))
    resumed = train(tmp_path / "interrupted", recipe=recipe)
    assert comparable(resumed) == comparable(train(tmp_path / "undisturbed", recipe=recipe))


def infinite_at(step: int):
    """`cross_entropy` that is infinite in the given step of a run."""
    original, calls = functional.cross_entropy, iter(range(1, 10**6))
    return lambda *a, **options: original(*a, **options) * (math.inf if next(calls) == step else 1.0)


@pytest.mark.parametrize("step, epoch, in_step", [(1, 1, 1), (STEPS, 1, STEPS), (2 * STEPS + 2, 3, 2)])
def test_the_first_step_with_a_loss_that_is_not_finite_is_recorded(tmp_path, monkeypatch, step, epoch, in_step):
    monkeypatch.setattr(functional, "cross_entropy", infinite_at(step))
    record = train(tmp_path)
    assert (record["status"], record["diverged_in_epoch"], record["diverged_in_step"]) == ("diverged", epoch, in_step)


def test_the_step_of_divergence_survives_an_interruption(tmp_path, monkeypatch):
    monkeypatch.setattr(functional, "cross_entropy", infinite_at(STEPS + 2))
    with pytest.raises(Interrupted):
        train(tmp_path, stopping=stop_after(STEPS + 3))
    assert train(tmp_path)["diverged_in_step"] == 2


def test_finite_losses_of_a_network_whose_outputs_are_not_name_no_step(tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "train_step", poisoned(STEPS, "weights"))
    record = train(tmp_path)
    assert (record["diverged_in_epoch"], record["diverged_in_step"]) == (1, None)


# ---- Validation ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Validated(Dataset):
    """A dataset with a validation split."""

    validation: Split | None = None


def validated() -> Validated:
    parts = {name: getattr(DATASET, name) for name in ("train", "test", "classes", "mean", "std", "checksum")}
    return Validated(**parts, validation=make_dataset(test=28).test)


def test_the_selected_error_is_the_test_error_of_the_best_epoch_on_validation(tmp_path, monkeypatch):
    validation, test = iter([30.0, 10.0, 10.0]), iter([5.0, 40.0, 3.0])
    monkeypatch.setattr(Run, "error_on", lambda run, images, _: next(validation if len(images) == 28 else test))
    record = train(tmp_path, dataset=validated())
    assert [epoch["validation_error"] for epoch in record["epochs"]] == [30, 10, 10]
    assert (record["error_selected"], record["error"], record["error_min"]) == (40, 3, 3)


def test_validation_changes_nothing_else(tmp_path):
    record, plain = train(tmp_path / "a", dataset=validated()), train(tmp_path / "b")
    assert record["error_selected"] in [epoch["test_error"] for epoch in plain["epochs"]]
    assert plain["error_selected"] is None
    for epoch in record["epochs"]:
        assert 0 <= epoch.pop("validation_error") <= 100
    assert record["epochs"] == plain["epochs"]


def test_a_diverged_run_has_the_error_of_guessing_on_validation_too(tmp_path):
    assert train(tmp_path, recipe={"learning_rate": 1e6}, dataset=validated())["error_selected"] == 75


# ---- Augmentation and precision --------------------------------------------------------------------------------------


def test_augmented_inputs_do_not_depend_on_the_batch_and_differ_between_epochs():
    run = make_run(augmentation=["random_resized_crop", "crop", "flip", "colour"])
    whole = run.inputs(torch.arange(50))
    assert whole.shape == (50, 1, 6, 6) and whole.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(run.inputs(torch.tensor([31, 4, 17])), whole[[31, 4, 17]])
    assert torch.equal(run.inputs(torch.tensor([7])), whole[[7]])
    run.epochs.append({})
    assert not torch.equal(run.inputs(torch.arange(50)), whole)


def test_operations_do_not_change_each_others_draws():
    one, two = make_run(augmentation=["flip"]), make_run(augmentation=["flip", "crop"])
    for run in (one, two):
        run.inputs(torch.arange(2))
    assert torch.equal(one.drawn[1]["flip"], two.drawn[1]["flip"])


def test_without_augmentation_the_network_gets_the_images_as_they_are():
    run = make_run()
    assert torch.equal(run.inputs(torch.arange(50)), on_device(DATASET.train, DATASET, 6, run.device)[0])


@pytest.mark.parametrize("stop", [1, STEPS, STEPS + 2])
def test_an_augmented_run_that_is_resumed_ends_in_the_same_bytes(tmp_path, stop):
    recipe = {"augmentation": ["crop", "flip", "colour"]}
    with pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=recipe, stopping=stop_after(stop))
    record = train(tmp_path / "a", recipe=recipe)
    assert comparable(record) == comparable(train(tmp_path / "b", recipe=recipe))
    assert record["recipe"]["augmentation"] == ["crop", "flip", "colour"]
    assert record["epochs"] != json.loads(undisturbed(0.0))["epochs"]


def test_the_order_in_which_operations_are_named_does_not_matter(tmp_path):
    orders = (["flip", "crop"], ["crop", "flip"])
    assert len({train(tmp_path, recipe={"augmentation": names})["key"] for names in orders}) == 1


def test_lighting_is_refused_for_grey_images():
    with pytest.raises(ValueError, match="recipe: augmentation lighting is for images of 3 channels"):
        make_run(augmentation=["lighting"])


def test_bf16_computes_the_network_in_bfloat16_and_keeps_weights_and_losses_in_fp32():
    run, plain, seen = make_run(precision="bf16"), make_run(), []
    run.network.head.register_forward_hook(lambda module, inputs, output: seen.append(output.dtype))
    for each in (run, plain):
        run_steps(each, 1)
    run.test_error()
    assert set(seen) == {torch.bfloat16}
    assert {value.dtype for value in run.parameters} == {torch.float32}
    assert float(run.loss) != float(plain.loss)
    assert float(run.loss) == pytest.approx(float(plain.loss), rel=0.02)


# ---- Memory and devices ----------------------------------------------------------------------------------------------


def limited_to(images: int, after: int = 0):
    """`Run.gradients` on a device whose memory holds so many images per part, from some step on."""
    original, calls = Run.gradients, iter(range(10**6))

    def gradients(run, rows):
        if next(calls) >= after and -(-len(rows) // run.accumulation) > images:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return original(run, rows)

    return gradients


@pytest.mark.filterwarnings("ignore:.*in 2 parts")
@pytest.mark.parametrize("after", [0, 2])
def test_out_of_memory_starts_over_in_parts(tmp_path, monkeypatch, after):
    monkeypatch.setattr(Run, "gradients", limited_to(12, after))
    with pytest.warns(UserWarning, match="out of memory, starts over in 4 parts per step"):
        record = train(tmp_path / "limited", recipe={"batch_size": 48}, checkpoint_seconds=0.0)
    monkeypatch.undo()
    run = Run(ARCHITECTURE, Recipe.from_dict(RECIPE | {"batch_size": 48}), 0, DATASET, accumulation=4)
    run.train(lambda: False, lambda: None, 60)
    assert (record["accumulation"], record["status"]) == (4, "finished")
    assert record["epochs"] == run.epochs
    assert [path.suffix for path in (tmp_path / "limited").iterdir()] == [".json"]


def test_a_run_in_parts_that_is_resumed_goes_on_in_parts(tmp_path, monkeypatch):
    recipe = {"batch_size": 24}
    monkeypatch.setattr(Run, "gradients", limited_to(12))
    with pytest.warns(UserWarning, match="2 parts"), pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=recipe, stopping=stop_after(3))
    resumed = train(tmp_path / "a", recipe=recipe)
    with pytest.warns(UserWarning, match="2 parts"):
        assert comparable(resumed) == comparable(train(tmp_path / "b", recipe=recipe))


def test_parts_of_fewer_than_eight_images_are_not_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(Run, "gradients", limited_to(6))
    with pytest.raises(torch.OutOfMemoryError):
        train(tmp_path)


def test_parts_give_the_gradient_of_the_batch_where_batch_norm_has_no_say():
    rows, runs = torch.arange(12), [make_run(), make_run()]
    runs[1].accumulation = 5  # parts of 3, 3, 3 and 3: chunk makes them equal
    for run in runs:
        run.network.eval()
    whole, parts = (run.gradients(rows) for run in runs)
    for a, b in zip(whole, parts, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    assert float(runs[0].loss) == pytest.approx(float(runs[1].loss), rel=1e-6)
    assert int(runs[0].wrong) == int(runs[1].wrong)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_reported_in_one_line(tmp_path):
    with pytest.raises(ValueError, match="^device is cuda, but torch finds no GPU here; expected .*$"):
        train(tmp_path, device="cuda")
    assert list(tmp_path.iterdir()) == []


# ---- Resume ----------------------------------------------------------------------------------------------------------


@laws
@given(stops=st.lists(st.integers(1, 2 * STEPS), min_size=1, max_size=4), ema=st.sampled_from([0.0, 0.9]))
def test_a_run_that_is_stopped_and_resumed_ends_in_the_same_bytes(stops, ema):
    with tempfile.TemporaryDirectory() as store:
        for steps in stops:
            try:
                train(store, recipe={"ema_decay": ema}, stopping=stop_after(steps), checkpoint_seconds=0.0)
            except Interrupted:
                assert [path.suffix for path in Path(store).iterdir()] == [".checkpoint"]
        assert comparable(train(store, recipe={"ema_decay": ema})) == undisturbed(ema)
        assert [path.suffix for path in Path(store).iterdir()] == [".json"]


@pytest.mark.parametrize("steps", [1, 2, STEPS, STEPS + 1, 3 * STEPS])
def test_a_run_stops_at_once_and_goes_on_where_it_stopped(tmp_path, monkeypatch, steps):
    with pytest.raises(Interrupted, match=r"interrupted in epoch \d, step \d; the checkpoint was written") as stop:
        train(tmp_path, stopping=stop_after(steps))
    assert stop.value.code not in (0, None)
    done, original = [], Run.train_step
    monkeypatch.setattr(Run, "train_step", lambda run, *rest: (done.append(1), original(run, *rest)))
    assert comparable(train(tmp_path)) == undisturbed(0.0)
    assert len(done) == 3 * STEPS - steps


def test_the_time_of_a_resumed_run_is_that_of_all_attempts(tmp_path):
    with pytest.raises(Interrupted):
        train(tmp_path, stopping=stop_after(1))
    (path,) = tmp_path.iterdir()
    state = torch.load(path, weights_only=True)
    assert state["seconds"] > 0
    torch.save(state | {"seconds": state["seconds"] + 1000}, path)
    assert 1000 < train(tmp_path)["seconds"] < 1100


def test_checkpoints_come_at_epoch_ends_and_not_too_often(tmp_path, monkeypatch):
    saved, save = [], torch.save
    monkeypatch.setattr(torch, "save", lambda state, file: (saved.append(len(state["epochs"])), save(state, file)))
    train(tmp_path / "often", checkpoint_seconds=0.0)
    train(tmp_path / "never", checkpoint_seconds=60.0)
    assert saved == [1, 2, 3]


# ---- Checkpoints -----------------------------------------------------------------------------------------------------


class Evil:
    """Runs a command when unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def interrupted(store: Path, **options) -> Path:
    """The checkpoint of a run that was stopped in the middle of its second epoch."""
    with pytest.raises(Interrupted):
        train(store, stopping=stop_after(STEPS + 2), **options)
    return next(store.glob("*.checkpoint"))


def damage(checkpoint: Path, how: str) -> None:
    """Spoil a checkpoint in one of the ways in which they are found."""
    content, state = checkpoint.read_bytes(), torch.load(checkpoint, weights_only=True)
    if how == "another run's":
        interrupted(checkpoint.parent / "another", seed=1).replace(checkpoint)
    elif how == "another architecture":
        another = interrupted(checkpoint.parent / "another", architecture=OTHERS[1])
        torch.save(torch.load(another, weights_only=True) | {"key": state["key"]}, checkpoint)
    elif how == "a part missing":
        torch.save({name: value for name, value in state.items() if name != "momentum"}, checkpoint)
    elif how == "not a mapping":
        torch.save([1, 2, 3], checkpoint)
    elif how == "malicious":
        torch.save(state | {"step": Evil(f"touch {checkpoint.with_name('hacked')}")}, checkpoint)
    else:
        checkpoint.write_bytes({"empty": b"", "truncated": content[: len(content) // 2], "garbage": b"?" * 999}[how])


@pytest.mark.parametrize(
    "how",
    ["empty", "truncated", "garbage", "another run's", "another architecture"]
    + ["a part missing", "not a mapping", "malicious"],
)
def test_a_damaged_checkpoint_is_set_aside_and_training_starts_over(tmp_path, how):
    checkpoint = interrupted(tmp_path)
    damage(checkpoint, how)
    content = checkpoint.read_bytes()
    with pytest.warns(UserWarning, match=f"damaged.*, now {checkpoint.stem}.damaged; training starts over") as warned:
        record = train(tmp_path)
    assert str(warned[0].message).startswith(f"{checkpoint}: ") and "\n" not in str(warned[0].message)
    assert comparable(record) == undisturbed(0.0)
    assert checkpoint.with_suffix(".damaged").read_bytes() == content
    assert not checkpoint.exists()
    assert not checkpoint.with_name("hacked").exists()


def test_a_checkpoint_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    checkpoint = interrupted(tmp_path)
    content = checkpoint.read_bytes()

    def full_disk(state, file):
        file.write(b"half of a checkpoint")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OSError, match="no space left"):
        train(tmp_path, stopping=stop_after(1))
    assert list(tmp_path.iterdir()) == [checkpoint]
    assert checkpoint.read_bytes() == content
    monkeypatch.undo()
    assert comparable(train(tmp_path)) == undisturbed(0.0)


# ---- Processes -------------------------------------------------------------------------------------------------------

PREAMBLE = """
import sys
from pathlib import Path
sys.path[:0] = ["{scripts}", "{tests}"]
from netspaces.process import Interrupted, StopRequest, set_up_process
from netspaces.training import train_network
"""
UNWANTED = ("torch._dynamo", "torchvision", "pandas", "scipy", "sklearn", "matplotlib")
REPORT = f"print([name for name in {UNWANTED} if name in sys.modules])\n"
SHARD = """
import test_training as tests
set_up_process()
stop = StopRequest()
def stopping():
    print(end=".", flush=True)
    return bool(stop.signal)
for architecture in (tests.ARCHITECTURE, tests.OTHERS[0]):
    tests.train(Path(sys.argv[1]), architecture, tests.LONG, stopping=stopping, checkpoint_seconds=0.0)
"""
LONG = {"epochs": 50, "ema_decay": 0.9}


def start(code: str, *arguments: object, **environment: str) -> subprocess.Popen:
    """A Python process of its own, its standard output and error in pipes."""
    preamble = PREAMBLE.format(scripts=SCRIPTS, tests=Path(__file__).parent)
    command = [sys.executable, "-c", preamble + code, *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | environment
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def output_of(code: str, *arguments: object, **environment: str) -> list[str]:
    """The lines that a process prints, which must end well."""
    process = start(code, *arguments, **environment)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.splitlines()


def test_a_job_that_is_killed_again_and_again_ends_in_the_same_bytes(tmp_path):
    moments = random.Random(0)
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGUSR1, signal.SIGKILL):
        process = start(SHARD, tmp_path / "killed")
        process.stdout.read(moments.randrange(1, 30))  # so many of the 400 steps
        process.send_signal(number)
        _, err = process.communicate(timeout=120)
        if number == signal.SIGKILL:
            assert process.returncode == -number
        else:
            assert process.returncode == 1
            assert err.startswith("interrupted in epoch ") and err.count("\n") == 1
            assert len(list((tmp_path / "killed").glob("*.checkpoint"))) == 1
    output_of(SHARD, tmp_path / "killed")
    assert [path.suffix for path in (tmp_path / "killed").glob("[!.]*")] == [".json"] * 2
    for architecture in (ARCHITECTURE, OTHERS[0]):
        killed, expected = (train(tmp_path / name, architecture, LONG) for name in ("killed", "undisturbed"))
        assert comparable(killed) == comparable(expected)


def test_a_job_imports_nothing_that_it_does_not_need(tmp_path):
    resumed = """
set_up_process()
arguments = [tests.ARCHITECTURE, tests.COMPLEXITY, tests.RECIPE | {"ema_decay": 0.9, "label_smoothing": 0.1}, 0]
arguments += [tests.DATASET, sys.argv[1], "digest"]
try:
    train_network(*arguments, stopping=lambda: True)
except Interrupted:
    print(train_network(*arguments)["status"])
"""
    # this module imports more than a job does: what it would lend is rebuilt here
    lend = f"""
from dataclasses import asdict
from types import SimpleNamespace
import numpy as np
from netspaces.architecture import Architecture
from netspaces.datasets import Dataset, Split
images, labels = np.arange(50 * 36, dtype=np.uint8).reshape(50, 6, 6, 1), np.arange(50) % 4
tests = SimpleNamespace(
    ARCHITECTURE=Architecture.from_dict({ARCHITECTURE.to_dict()}), COMPLEXITY={COMPLEXITY}, RECIPE={RECIPE},
    DATASET=Dataset(Split(images, labels), Split(images, labels), 4, (0.5,), (0.3,), "checksum"),
)
"""
    assert output_of(REPORT + lend + resumed + REPORT, tmp_path) == ["[]", "finished", "[]"]


def test_a_process_is_set_up_for_one_thread_and_little_garbage_collection():
    code = "import gc, torch\nset_up_process()\nprint(torch.get_num_threads(), gc.get_freeze_count() > 10_000)"
    assert output_of(code, OMP_NUM_THREADS="2") == ["1 True"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_stop_request_remembers_the_signal(number):
    handlers = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGUSR1)}
    try:
        stop = StopRequest()
        assert not stop.signal
        os.kill(os.getpid(), number)
        assert stop.signal == number
    finally:
        for n, handler in handlers.items():
            signal.signal(n, handler)

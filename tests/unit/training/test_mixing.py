"""Mixing of images: beside torchvision's, its laws, and training with it."""

import numpy as np
import pytest
import torch
from helpers.small_runs import STEPS, comparable, examples, make_run, stop_after, train
from hypothesis import given, settings
from hypothesis import strategies as st
from netspaces.data.torchvision_import import import_torchvision
from netspaces.training.mixing import Mixer
from netspaces.training.mixings import MIXINGS
from netspaces.training.part import part_of
from netspaces.training.process import Interrupted

pytestmark = pytest.mark.usefixtures("one_thread")

N, CLASSES = 12, 5
laws = settings(derandomize=True, deadline=None, max_examples=50)


def batch(height: int = 9, width: int = 7) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(N, 3, height, width, generator=generator)
    return images, torch.arange(N) % CLASSES


def mixer(*mixings) -> Mixer:
    return Mixer([part_of("mixing", each, MIXINGS) for each in mixings], CLASSES)


def drawn(own: Mixer, seed: int = 0, images: int = N) -> torch.Tensor:
    return torch.from_numpy(own.draw(images, np.random.default_rng(seed)))


@pytest.fixture(scope="module")
def torchvisions():
    """torchvision's transforms of a single image beside the one before it, with a given weight and position."""
    import_torchvision()
    from torchvision.transforms import v2

    def mixed(kind: str, images, labels, weight: float, centre: tuple[int, int]):
        make = {"mixup": v2.MixUp, "cutmix": v2.CutMix}[kind](num_classes=CLASSES)
        params = {"labels": labels, "batch_size": N, "lam": weight}
        if kind == "cutmix":  # torchvision's own lines, with the centre that is given
            (y, x), (height, width) = centre, images.shape[2:]
            half_height, half_width = (int(0.5 * (1 - weight) ** 0.5 * size) for size in (height, width))
            box = (
                max(x - half_width, 0),
                max(y - half_height, 0),
                min(x + half_width, width),
                min(y + half_height, height),
            )
            area = (box[2] - box[0]) * (box[3] - box[1])
            params |= {"box": box, "lam_adjusted": float(1 - area / (height * width))}
        return make.transform(images, params), make.transform(labels, params)

    return mixed


@pytest.mark.parametrize("kind", MIXINGS.modules)
def test_a_mixing_is_torchvisions(kind, torchvisions):
    images, labels = batch()
    own = mixer({"name": kind, "alpha": 1.0})
    numbers = drawn(own)
    mixed, right = own.apply(images, labels, numbers)
    for row, (_, weight, *position) in enumerate(numbers.tolist()):
        centre = tuple(int(share * size) for share, size in zip(position, images.shape[2:], strict=False))
        theirs, their_right = torchvisions(kind, images, labels, weight, centre)
        torch.testing.assert_close(mixed[row], theirs[row], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(right[row], their_right[row], rtol=1e-5, atol=1e-6)


@laws
@given(
    seed=st.integers(0, 1000),
    alpha=st.floats(0.001, 1000),
    ways=st.sampled_from([["mixup"], ["cutmix"], ["mixup", "cutmix"]]),
)
def test_weights_sum_to_1_and_belong_to_the_two_images(seed, alpha, ways):
    images, labels = batch()
    own = mixer(*({"name": way, "alpha": alpha} for way in ways))
    mixed, right = own.apply(images, labels, drawn(own, seed))
    torch.testing.assert_close(right.sum(1), torch.ones(N))
    assert bool((right >= 0).all()) and bool(mixed.isfinite().all())
    both = torch.nn.functional.one_hot(labels, CLASSES) + torch.nn.functional.one_hot(labels.roll(1), CLASSES)
    assert bool((right[both == 0] == 0).all())


@laws
@given(seed=st.integers(0, 1000), height=st.integers(2, 12), width=st.integers(2, 12))
def test_the_area_of_a_pasted_box_is_its_weight(seed, height, width):
    images, labels = batch(height, width)
    own = mixer("cutmix")
    mixed, right = own.apply(images, labels, drawn(own, seed))
    foreign = (mixed != images).all(1)
    assert torch.equal(foreign, (mixed == images.roll(1, 0)).all(1))
    torch.testing.assert_close(right[torch.arange(N), labels.roll(1)], foreign.float().mean((1, 2)))


@pytest.mark.parametrize("way, default", [("mixup", 0.2), ("cutmix", 1.0)])
@pytest.mark.parametrize("alpha", [None, 0.5])
def test_weights_have_the_moments_of_their_beta_distribution(way, default, alpha):
    own = mixer({"name": way} | ({"alpha": alpha} if alpha else {}))
    weights = drawn(own, images=20_000)[:, 1]
    assert float(weights.mean()) == pytest.approx(0.5, abs=0.02)
    assert float(weights.var()) == pytest.approx(1 / (4 * (2 * (alpha or default) + 1)), rel=0.05)


def test_an_image_is_mixed_with_its_probability_and_in_each_way_equally_often():
    own = mixer({"name": "mixup", "probability": 0.25})
    assert float((drawn(own, images=20_000)[:, 1] < 1).float().mean()) == pytest.approx(0.25, abs=0.02)
    ways = drawn(mixer("mixup", "cutmix"), images=20_000)[:, 0]
    assert set(ways.tolist()) == {0, 1} and float(ways.mean()) == pytest.approx(0.5, abs=0.02)


def test_two_ways_mix_each_image_as_one_of_them_would():
    images, labels = batch()
    both, own = mixer("mixup", "cutmix"), {name: mixer(name) for name in ("mixup", "cutmix")}
    numbers = drawn(both)
    mixed, right = both.apply(images, labels, numbers)
    for row, columns in enumerate(numbers):
        name = ["mixup", "cutmix"][int(columns[0])]
        alone = torch.cat([numbers[:, :1], numbers[:, 1:2] if name == "mixup" else numbers[:, 2:]], dim=1)
        theirs, their_right = own[name].apply(images, labels, alone)
        assert torch.equal(mixed[row], theirs[row]) and torch.equal(right[row], their_right[row])


def test_the_order_of_ways_is_no_part_of_a_recipe():
    one, other = (make_run(mixing=ways).recipe for ways in (["mixup", "cutmix"], ["cutmix", "mixup"]))
    assert one == other and one.to_dict()["mixing"] == ["cutmix", "mixup"]


# ---- Losses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_a_class_and_the_weight_1_of_it_have_the_same_loss(loss, smoothing):
    run = make_run(loss=loss, label_smoothing=smoothing)
    logits, labels = torch.randn(N, CLASSES, generator=torch.Generator().manual_seed(0)), torch.arange(N) % CLASSES
    weights = torch.nn.functional.one_hot(labels, CLASSES).float()
    one, other = (run.loss_of(logits, right, run.recipe) for right in (labels, weights))
    torch.testing.assert_close(one, other)


@pytest.mark.parametrize("threshold", [0.0, 0.2])
def test_binary_cross_entropy_is_its_formula(threshold):
    run = make_run(loss={"name": "binary_cross_entropy", "threshold": threshold}, label_smoothing=0.1)
    logits = torch.randn(N, CLASSES, generator=torch.Generator().manual_seed(0)).double()
    weights = torch.tensor([0.7, 0.25, 0.05, 0.0, 0.0]).double().expand(N, CLASSES)
    shown = 0.9 * weights + 0.1 / CLASSES
    if threshold:
        shown = torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0]).double().expand(N, CLASSES)
    likely = 1 / (1 + (-logits).exp())
    expected = -(shown * likely.log() + (1 - shown) * (1 - likely).log()).mean()
    torch.testing.assert_close(run.loss_of(logits, weights, run.recipe), expected)


# ---- Training --------------------------------------------------------------------------------------------------------

RECIPES = [
    {"mixing": ["mixup", "cutmix"], "augmentation": ["crop"], "loss": "binary_cross_entropy"},
    {"mixing": ["cutmix"], "target": "rotation", "label_smoothing": 0.1},
]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_run_that_mixes_is_resumed_bit_for_bit(tmp_path, recipe):
    for stop in (1, STEPS + 2):
        with pytest.raises(Interrupted):
            train(tmp_path / "a", recipe=recipe, stopping=stop_after(stop))
    resumed = train(tmp_path / "a", recipe=recipe)
    assert comparable(resumed) == comparable(train(tmp_path / "b", recipe=recipe))
    assert 0 < resumed["epochs"][0]["train_error"] <= 100


def test_every_epoch_mixes_anew_and_evaluation_does_not():
    run, plain = make_run(mixing=["mixup"]), make_run()
    first = examples(run, torch.arange(12))
    run.epochs.append({})
    second = examples(run, torch.arange(12))
    assert not torch.equal(first[1], second[1]) and first[1].shape == (12, 4)
    ours, theirs = (next(each.batches.questions(each.batches.test, 20)) for each in (run, plain))
    assert torch.equal(ours[0], theirs[0]) and torch.equal(ours[1], theirs[1])

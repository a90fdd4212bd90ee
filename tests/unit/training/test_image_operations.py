"""RandAugment, TrivialAugment and random erasing: each operation beside torchvision's on a single image."""

import pytest
import torch
from helpers.small_runs import STEPS, comparable, stop_after, train
from netspaces.data.torchvision_import import import_torchvision
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.augmentation.rand_augment import RandAugment
from netspaces.training.augmentation.random_erasing import RandomErasing, boxes
from netspaces.training.batches import draw
from netspaces.training.image_operations import MOVES, NUMBERS, OPERATIONS, changed, levels, limits_of
from netspaces.training.process import Interrupted

pytestmark = pytest.mark.usefixtures("one_thread")

N = 30
THEIRS = (
    *("Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"),
    *("Brightness", "Color", "Contrast", "Sharpness", "Posterize", "Solarize", "AutoContrast", "Equalize"),
)
SIZES = [(32, 32, 3), (24, 40, 3), (17, 17, 1), (8, 8, 1), (2, 2, 3)]


@pytest.fixture(scope="module")
def autoaugment():
    import_torchvision()
    from torchvision.transforms import autoaugment

    return autoaugment


def pictures(height: int, width: int, channels: int, n: int = N) -> torch.Tensor:
    """Smooth images with a little noise, some of them dark, some of one colour."""
    generator = torch.Generator().manual_seed(height)
    coarse = torch.rand(n, channels, 3, 3, generator=generator) * torch.linspace(0, 1, n)[:, None, None, None]
    smooth = torch.nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    noisy = 235 * smooth + 20 * torch.rand(n, channels, height, width, generator=generator)
    noisy[0] = 7
    return noisy.permute(0, 2, 3, 1).to(torch.uint8)


def assert_alike(ours: torch.Tensor, theirs: torch.Tensor, moves: bool) -> None:
    """Values differ by 1 at most, as fractions are cut off; where pixels move, a few may be a neighbour as near."""
    difference = (ours.int() - theirs.int()).abs()
    if moves:
        assert float((difference > 0).float().mean()) <= 0.01
    else:
        assert int(difference.max()) <= 1


def test_operations_are_in_torchvisions_order_and_number(autoaugment):
    assert tuple(autoaugment.RandAugment()._augmentation_space(31, (32, 32))) == THEIRS
    assert tuple(autoaugment.TrivialAugmentWide()._augmentation_space(31)) == THEIRS
    assert len(OPERATIONS) == len(THEIRS)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name, theirs", list(zip(OPERATIONS, THEIRS, strict=True)))
def test_an_operation_is_torchvisions_at_every_magnitude(autoaugment, name, theirs, size):
    images = pictures(*size)
    magnitudes, space = torch.arange(N) + 1.0, autoaugment.TrivialAugmentWide()._augmentation_space(31)
    signs = torch.where(torch.arange(N) % 2 == 0, 1.0, -1.0)
    operations = torch.full((N,), NUMBERS[name])
    level = levels(operations, magnitudes, signs, limits_of(0.99, (32.0, 32.0), 135.0, 0.99, 6))
    results = changed(images, operations, level)
    at_magnitude, signed = space[theirs]
    for row, image in enumerate(images):
        magnitude = round(float(at_magnitude[row + 1]), 5) if at_magnitude.ndim else 0.0  # 16, not 15.999999 pixels
        magnitude *= float(signs[row]) if signed else 1.0
        nearest = autoaugment.InterpolationMode.NEAREST
        expected = autoaugment._apply_op(image.permute(2, 0, 1), theirs, magnitude, nearest, None)
        assert_alike(results[row], expected.permute(1, 2, 0), name in MOVES)


def test_levels_of_rand_augment_are_torchvisions(autoaugment):
    size = (24, 40)
    space = autoaugment.RandAugment()._augmentation_space(31, size)
    limits = limits_of(0.3, (150 / 331 * size[1], 150 / 331 * size[0]), 30.0, 0.9, 4)
    for number, (magnitudes, _) in enumerate(space.values()):
        expected = magnitudes.float() if magnitudes.ndim else torch.zeros(31)
        ours = levels(torch.full((31,), number), torch.arange(31.0), torch.ones(31), limits)
        torch.testing.assert_close(ours, expected, rtol=1e-5, atol=1e-5)


def test_each_image_has_its_own_operation_whatever_the_batch():
    images = pictures(12, 12, 3, len(OPERATIONS))
    operations = torch.arange(len(OPERATIONS))
    level = levels(
        operations,
        torch.full((len(OPERATIONS),), 20.0),
        torch.ones(len(OPERATIONS)),
        limits_of(0.3, (5, 5), 30, 0.9, 4),
    )
    together = changed(images, operations, level)
    for row in range(len(OPERATIONS)):
        one = slice(row, row + 1)
        assert torch.equal(together[one], changed(images[one], operations[one], level[one]))


@pytest.mark.parametrize("name", ["rand_augment", "trivial_augment"])
def test_a_device_that_does_not_select_images_gets_the_same_bits(monkeypatch, name):
    images, operation = pictures(16, 16, 3), AUGMENTATIONS[name]
    numbers = torch.rand(N, operation.numbers, generator=torch.Generator().manual_seed(0))
    selected = operation.apply(images, numbers, 16)
    monkeypatch.setattr("netspaces.training.image_operations.SELECTING", ())
    assert torch.equal(operation.apply(images, numbers, 16), selected)


def test_rand_augment_applies_its_operations_one_after_another(autoaugment):
    images = pictures(16, 16, 3)
    numbers = draw(["rand_augment"], N, lambda place: torch.Generator().manual_seed(place))
    numbers = numbers["rand_augment"]
    results = RandAugment(magnitude=12.0).apply(images, numbers, 16)
    space = autoaugment.RandAugment()._augmentation_space(31, (16, 16))
    differing = 0
    for row, image in enumerate(images.permute(0, 3, 1, 2)):
        for choice, sign in numbers[row].reshape(2, 2).tolist():
            name = THEIRS[int(choice * 14)]
            magnitudes, signed = space[name]
            magnitude = float(magnitudes[12]) if magnitudes.ndim else 0.0
            magnitude *= -1.0 if signed and sign >= 0.5 else 1.0
            image = autoaugment._apply_op(image, name, magnitude, autoaugment.InterpolationMode.NEAREST, None)
        differing += int(((results[row].permute(2, 0, 1).int() - image.int()).abs() > 3).sum())
    assert differing <= 0.01 * images.numel()


def test_all_operations_are_equally_frequent():
    numbers = draw(["trivial_augment"], 28_000, lambda place: torch.Generator().manual_seed(0))
    counts = (numbers["trivial_augment"][:, 0] * 14).long().bincount(minlength=14)
    assert counts.tolist() == pytest.approx([2000] * 14, rel=0.1)


def test_fractions_of_an_earlier_operation_are_rounded():
    images = pictures(8, 8, 3)
    numbers = torch.rand(N, 4, generator=torch.Generator().manual_seed(0))
    whole = RandAugment().apply(images, numbers, 8)
    assert torch.equal(RandAugment().apply(images.float() + 0.3, numbers, 8), whole)


# ---- Random erasing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("height, width, channels", SIZES)
def test_random_erasing_is_torchvisions_erase_of_the_mean(height, width, channels):
    import_torchvision()
    from torchvision.transforms import functional

    images = pictures(height, width, channels)
    numbers = torch.rand(N, 5, generator=torch.Generator().manual_seed(1))
    results = RandomErasing(probability=0.6).apply(images, numbers, height)
    corners = boxes(numbers[:, 1:], height, width).long().tolist()
    for image, result, uniforms, box in zip(images, results, numbers.tolist(), corners, strict=True):
        expected = image.permute(2, 0, 1)
        if uniforms[0] < 0.6:
            fill = expected.float().mean((1, 2)).round().to(torch.uint8)
            expected = functional.erase(expected, *box, fill[:, None, None])
        assert torch.equal(result, expected.permute(1, 2, 0))


def test_boxes_lie_in_the_image_and_have_torchvisions_areas():
    numbers = torch.rand(20_000, 4, generator=torch.Generator().manual_seed(0))
    top, left, height, width = boxes(numbers, 64, 64).unbind(1)
    assert bool((top >= 0).all() and (left >= 0).all() and (top + height <= 64).all() and (left + width <= 64).all())
    assert float((height * width).mean()) / 64**2 == pytest.approx(0.175, abs=0.005)


def test_an_image_is_erased_with_its_probability():
    images = pictures(16, 16, 1, 5000)
    numbers = torch.rand(5000, 5, generator=torch.Generator().manual_seed(0))
    changed_rows = (RandomErasing(probability=0.25).apply(images, numbers, 16) != images).flatten(1).any(1)
    assert float(changed_rows.float().mean()) == pytest.approx(0.25, abs=0.03)


# ---- Training --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in AUGMENTATIONS.modules if AUGMENTATIONS[name].channels != (3,)])
def test_a_run_with_an_augmentation_is_resumed_bit_for_bit(tmp_path, name):
    recipe = {"augmentation": [name]}
    with pytest.raises(Interrupted):
        train(tmp_path / "a", recipe=recipe, stopping=stop_after(STEPS + 2))
    assert comparable(train(tmp_path / "a", recipe=recipe)) == comparable(train(tmp_path / "b", recipe=recipe))

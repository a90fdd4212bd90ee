"""Augmentation: each operation beside a plain one for a single image, frequencies, independence of the batch."""

import math
import random

import numpy as np
import pytest
import torch
from netspaces.data.torchvision_import import import_torchvision
from netspaces.training.augmentation import AUGMENTATIONS
from netspaces.training.augmentation.random_resized_crop import ATTEMPTS, boxes
from netspaces.training.batches import augment, draw
from torch.nn import functional

N, SIZE = 40, 16


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (N, SIZE, SIZE, 3), dtype=torch.uint8, generator=generator)


@pytest.fixture(scope="module")
def transforms():
    import_torchvision()
    from torchvision.transforms import functional

    return functional


def numbers(name: str, n: int = N, seed: int = 0) -> torch.Tensor:
    return draw([name], n, lambda place: torch.Generator().manual_seed(seed + place))[name]


def apply(name: str, images: torch.Tensor, drawn: torch.Tensor, resolution: int = SIZE) -> torch.Tensor:
    return augment(images, {name: drawn}, resolution)


# ---- Beside plain operations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [6, 8, 16, 32])
def test_crop_is_a_window_of_the_padded_image(size):
    images = torch.randint(0, 256, (N, size, size, 3), dtype=torch.uint8)
    drawn, padding = numbers("crop"), {6: 1, 8: 1, 16: 2, 32: 4}[size]
    for image, (y, x), result in zip(images, drawn.tolist(), apply("crop", images, drawn), strict=True):
        padded = np.pad(image.numpy(), ((padding, padding), (padding, padding), (0, 0)))
        top, left = int(y * (2 * padding + 1)), int(x * (2 * padding + 1))
        assert np.array_equal(result.numpy(), padded[top : top + size, left : left + size])


def test_flip_is_a_mirror(images):
    drawn = numbers("flip")
    for image, (number,), result in zip(images, drawn.tolist(), apply("flip", images, drawn), strict=True):
        assert np.array_equal(result.numpy(), image.numpy()[:, ::-1] if number < 0.5 else image.numpy())


def plain_box(uniforms: list[float], size: int) -> tuple[int, int, int, int]:
    """torchvision's loop, with given random numbers: top, left, height, width."""
    for attempt in range(ATTEMPTS):
        area, shape = uniforms[2 + 2 * attempt : 4 + 2 * attempt]
        area = size**2 * (0.08 + 0.92 * area)
        ratio = math.exp(math.log(3 / 4) + shape * (math.log(4 / 3) - math.log(3 / 4)))
        width, height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < width <= size and 0 < height <= size:
            break
    else:
        width = height = size
    return int(uniforms[0] * (size - height + 1)), int(uniforms[1] * (size - width + 1)), height, width


@pytest.mark.parametrize("resolution", [8, 16, 24])
def test_random_resized_crop_is_a_box_resized(images, resolution):
    drawn = numbers("random_resized_crop")
    results = apply("random_resized_crop", images, drawn, resolution)
    assert results.shape == (N, resolution, resolution, 3)
    for image, uniforms, result in zip(images, drawn.tolist(), results, strict=True):
        top, left, height, width = plain_box(uniforms, SIZE)
        box = image[top : top + height, left : left + width].permute(2, 0, 1)[None].float()
        expected = functional.interpolate(box, size=resolution, mode="bilinear", antialias=False)[0].permute(1, 2, 0)
        torch.testing.assert_close(result, expected, rtol=0, atol=0.01)


def test_a_box_that_never_fits_is_the_whole_image():
    uniforms = torch.tensor([[0.3, 0.7] + [1.0, 1.0] * ATTEMPTS, [0.3, 0.7] + [1.0, 1.0] * 9 + [0.5, 0.5]])
    assert boxes(uniforms, 20).tolist() == [[0, 0, 20, 20], [1, 4, 15, 15]]


@pytest.mark.parametrize("channels", [1, 3])
def test_colour_is_torchvisions_jitter_in_one_order(images, transforms, channels):
    images, drawn = images[..., :channels], numbers("colour")
    results = apply("colour", images, drawn)
    for image, factors, result in zip(images, (0.6 + 0.8 * drawn).tolist(), results, strict=True):
        expected = image.permute(2, 0, 1).float() / 255
        for adjust, factor in zip(("brightness", "contrast", "saturation"), factors, strict=True):
            expected = getattr(transforms, f"adjust_{adjust}")(expected, factor)
        torch.testing.assert_close(result / 255, expected.permute(1, 2, 0), rtol=0, atol=2e-4)


def test_lighting_adds_a_multiple_of_the_principal_components(images):
    values = np.array([0.2175, 0.0188, 0.0045])
    vectors = np.array([[-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203]])
    drawn = numbers("lighting")
    for image, normals, result in zip(images, drawn.numpy(), apply("lighting", images, drawn), strict=True):
        expected = image.numpy() / 255 + vectors @ (0.1 * normals * values)
        assert result.numpy() / 255 == pytest.approx(expected, abs=1e-5)


# ---- Laws ------------------------------------------------------------------------------------------------------------


def test_half_of_the_images_are_flipped():
    images = torch.arange(2, dtype=torch.uint8).reshape(1, 1, 2, 1).repeat(10_000, 2, 1, 1)
    flipped = apply("flip", images, numbers("flip", 10_000))[:, 0, 0, 0]
    assert int(flipped.sum()) == pytest.approx(5000, abs=200)  # four deviations


def test_all_shifts_are_equally_frequent():
    images = torch.zeros(20_000, 8, 8, 1, dtype=torch.uint8)
    images[:, 4, 4] = 1
    places = apply("crop", images, numbers("crop", 20_000)).sum(0)[..., 0]
    assert places[3:6, 3:6].flatten().tolist() == pytest.approx([20_000 / 9] * 9, rel=0.1)
    assert int(places.sum()) == 20_000


def test_boxes_lie_in_the_image_and_have_uniform_areas():
    top, left, height, width = boxes(numbers("random_resized_crop", 20_000), 64).unbind(1)
    assert bool((top >= 0).all() and (left >= 0).all() and (top + height <= 64).all() and (left + width <= 64).all())
    assert ((width / height).log().abs() < math.log(4 / 3) + 0.2).all()
    small = (height * width / 64**2) < 0.44  # where every shape fits, areas are uniform from 8 % on
    assert float((height * width)[small].float().mean() / 64**2) == pytest.approx(0.26, abs=0.01)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_what_happens_to_an_image_does_not_depend_on_its_batch(images, name):
    drawn, whole = numbers(name), apply(name, images, numbers(name))
    order = random.Random(0).sample(range(N), N)
    for batch in (order[:1], order[1:8], order[8:]):
        assert torch.equal(apply(name, images[batch], drawn[batch]), whole[batch])


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_images_keep_their_shape_and_the_originals_their_bytes(images, name):
    before = images.clone()
    result = apply(name, images, numbers(name))
    assert result.shape == images.shape
    assert torch.equal(images, before)
    assert not torch.equal(result.float(), images.float())

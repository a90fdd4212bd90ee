"""Random changes of training images, a batch at a time on the device.

Every random number belongs to (seed, epoch, operation, image): `draw` makes those of an epoch at once, a batch takes
the rows of its images. So what happens to an image depends neither on the batch it falls into, nor on other operations,
nor on where a killed run goes on. Images are (n, height, width, channels), pixels from 0 to 255; grey images have one
channel, colour images red, green, blue.
"""

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch.nn import functional

ATTEMPTS = 10  # at a box that lies in the image, before the whole image is taken
AREAS, RATIOS = (0.08, 1.0), (3 / 4, 4 / 3)  # of a box: share of the image, width by height (Inception, torchvision)
STRENGTH = 0.4  # factors of colour jitter lie in 1 - STRENGTH ... 1 + STRENGTH
GREY = (0.2989, 0.587, 0.114)  # weights of red, green, blue in brightness
LIGHTING_STD = 0.1
EIGENVALUES = (0.2175, 0.0188, 0.0045)  # of the colours of ImageNet's pixels, from 0 to 1 (AlexNet)
EIGENVECTORS = (  # columns, for red, green, blue
    (-0.5675, 0.7192, 0.4009),
    (-0.5808, -0.0045, -0.8140),
    (-0.5836, -0.6948, 0.4203),
)


def boxes(uniforms: torch.Tensor, size: int) -> torch.Tensor:
    """Boxes (top, left, height, width) in whole pixels, shape (n, 4), from uniform numbers (n, 2 + 2 * ATTEMPTS).

    Area and log of the aspect ratio are uniform. The first of ten attempts that lies in the image counts; if none does,
    the whole image.
    """
    place, attempts = uniforms[:, :2], uniforms[:, 2:].unflatten(1, (ATTEMPTS, 2))
    area = (AREAS[0] + attempts[..., 0] * (AREAS[1] - AREAS[0])) * size**2
    low, high = map(math.log, RATIOS)
    ratio = (low + attempts[..., 1] * (high - low)).exp()
    sides = torch.stack([(area / ratio).sqrt(), (area * ratio).sqrt()], dim=2).round()  # height, width
    fits = ((sides > 0) & (sides <= size)).all(dim=2)
    first = fits.int().argmax(dim=1)
    sides = sides[torch.arange(len(sides), device=sides.device), first]
    sides = torch.where(fits.any(dim=1, keepdim=True), sides, float(size))
    corner = (place * (size - sides + 1)).floor()
    return torch.cat([corner, sides], dim=1)


def random_resized_crop(images: torch.Tensor, uniforms: torch.Tensor, resolution: int) -> torch.Tensor:
    """A random box of each image, resized to `resolution` (bilinear, no antialiasing)."""
    size = images.shape[1]
    corner, sides = boxes(uniforms, size).split(2, dim=1)
    steps = (torch.arange(resolution, device=images.device) + 0.5) / resolution
    points = corner[:, :, None] + steps * sides[:, :, None]  # (n, 2, resolution): rows and columns, in pixels
    points = points.clamp((corner + 0.5)[:, :, None], (corner + sides - 0.5)[:, :, None])  # all from inside the box
    rows, columns = (2 * points / size - 1).unbind(1)
    grid = torch.stack(
        [columns[:, None, :].expand(-1, resolution, -1), rows[:, :, None].expand(-1, -1, resolution)], dim=3
    )
    pixels = images.permute(0, 3, 1, 2).float()
    return functional.grid_sample(pixels, grid, align_corners=False, padding_mode="border").permute(0, 2, 3, 1)


def crop(images: torch.Tensor, uniforms: torch.Tensor, resolution: int) -> torch.Tensor:
    """Each image shifted by up to an eighth of its side (4 of 32 pixels) in both directions; black comes in."""
    size = images.shape[1]
    padding = -(-size // 8)
    padded = functional.pad(images, (0, 0, padding, padding, padding, padding))
    corner = (uniforms * (2 * padding + 1)).long()
    rows, columns = (corner[:, :, None] + torch.arange(size, device=images.device)).unbind(1)
    image = torch.arange(len(images), device=images.device)[:, None, None]
    return padded[image, rows[:, :, None], columns[:, None, :]]


def flip(images: torch.Tensor, uniforms: torch.Tensor, resolution: int) -> torch.Tensor:
    """Every other image, at random, with left and right exchanged."""
    return torch.where((uniforms < 0.5)[:, :, None, None], images.flip(2), images)


def colour(images: torch.Tensor, uniforms: torch.Tensor, resolution: int) -> torch.Tensor:
    """Brightness, contrast and saturation times a random factor each, in this order."""
    images = images.float()
    brightness, contrast, saturation = (1 - STRENGTH + 2 * STRENGTH * uniforms)[:, :, None, None, None].unbind(1)
    images = (images * brightness).clamp(0, 255)
    images = (images * contrast + (1 - contrast) * grey(images).mean((1, 2, 3), keepdim=True)).clamp(0, 255)
    return (images * saturation + (1 - saturation) * grey(images)).clamp(0, 255)


def grey(images: torch.Tensor) -> torch.Tensor:
    """The brightness of each pixel, shape (n, height, width, 1)."""
    if images.shape[3] == 1:
        return images
    return sum(weight * images[..., channel, None] for channel, weight in enumerate(GREY))


def lighting(images: torch.Tensor, normals: torch.Tensor, resolution: int) -> torch.Tensor:
    """Each image's colours moved along the principal components of colour by normal multiples of their spread."""
    shift = (components(images.device) * normals[:, None, :]).sum(2)
    return images.float() + shift[:, None, None, :]


@functools.cache
def components(device: torch.device) -> torch.Tensor:
    """Principal components of colour as columns, as long as their deviation in pixels; kept on the device."""
    return (torch.tensor(EIGENVECTORS) * torch.tensor(EIGENVALUES) * LIGHTING_STD * 255).to(device)


@dataclass(frozen=True)
class Operation:
    """A function of (images, random numbers, resolution), and how many random numbers an image takes."""

    apply: Callable[[torch.Tensor, torch.Tensor, int], torch.Tensor]
    numbers: int
    draw: Callable[..., torch.Tensor] = torch.rand
    colours_only: bool = False


OPERATIONS = {
    "random_resized_crop": Operation(random_resized_crop, 2 + 2 * ATTEMPTS),
    "crop": Operation(crop, 2),
    "flip": Operation(flip, 1),
    "colour": Operation(colour, 3),
    "lighting": Operation(lighting, 3, torch.randn, colours_only=True),
}
"""All operations by name, in the order in which they are applied. Their places seed their random numbers."""


def draw(
    names: Iterable[str], images: int, generator: Callable[[int], torch.Generator], device: torch.device
) -> dict[str, torch.Tensor]:
    """The random numbers of an epoch: by operation, a row per image. `generator` makes one for each operation."""
    places = {name: place for place, name in enumerate(OPERATIONS)}
    return {
        name: OPERATIONS[name].draw(images, OPERATIONS[name].numbers, generator=generator(places[name])).to(device)
        for name in OPERATIONS
        if name in names
    }


def augment(images: torch.Tensor, drawn: Mapping[str, torch.Tensor], resolution: int) -> torch.Tensor:
    """Images (n, height, width, channels) after all operations of `drawn`, which holds their rows of `draw`."""
    for name, numbers in drawn.items():
        images = OPERATIONS[name].apply(images, numbers, resolution)
    return images


def turned(images: torch.Tensor, turns: torch.Tensor) -> torch.Tensor:
    """Images (n, channels, side, side), each rotated counterclockwise by its number (n,) of quarter turns, 0 to 3."""
    rotated = images
    for turn in (1, 2, 3):
        rotated = torch.where((turns == turn)[:, None, None, None], images.rot90(turn, (2, 3)), rotated)
    return rotated.contiguous(memory_format=torch.channels_last)


def check_channels(names: Iterable[str], channels: int) -> None:
    """Raise ValueError if an operation is not made for images of so many channels."""
    for name in names:
        if OPERATIONS[name].colours_only and channels != 3:
            raise ValueError(f"recipe: augmentation {name} is for images of 3 channels, the dataset's have {channels}")

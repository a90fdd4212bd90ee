"""The fourteen operations of RandAugment and TrivialAugment, for a batch of which each image has its own.

Images are uint8, (n, height, width, channels). An operation is a number, its place in `OPERATIONS`, and has a level:
shear as a tangent, pixels, degrees, a change of a factor, bits that stay, or a threshold; the last two take none. What
becomes of an image is what `torchvision.transforms.functional` makes of it, with nearest neighbours where pixels move;
black comes in.

There are three kinds: pixels move, an image is blended with another one, each value is replaced by that of a table. On
a GPU all three are computed for the whole batch, so that no image's choice decides a shape, for which it would have to
wait; on a CPU each is computed for the images that chose it. Both give the same bits.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

MOVES = ("shear_x", "shear_y", "translate_x", "translate_y", "rotate")
BLENDS = ("brightness", "saturation", "contrast", "sharpness")
MAPPINGS = ("posterize", "solarize", "autocontrast", "equalize")
OPERATIONS = ("identity", *MOVES, *BLENDS, *MAPPINGS)
NUMBERS = {name: number for number, name in enumerate(OPERATIONS)}
STRONGEST = 30  # the magnitude at which a level is its limit
SELECTING = ("cpu",)  # devices on which the images of an operation are looked up
GREY = (0.2989, 0.587, 0.114)  # weights of red, green and blue in brightness


def levels(
    operations: "torch.Tensor", magnitudes: "torch.Tensor", signs: "torch.Tensor", limits: Sequence[float]
) -> "torch.Tensor":
    """The level of each operation (n,) at a magnitude from 0 to `STRONGEST`, with a sign where it has one.

    `limits` are, by operation, the level at the strongest magnitude: for `posterize` the bits that go.
    """
    import torch

    strength = torch.tensor(limits, device=operations.device)[operations] * magnitudes / STRONGEST
    signed = operations < NUMBERS["posterize"]
    level = torch.where(signed, strength * signs, strength)
    level = torch.where(operations == NUMBERS["posterize"], 8 - strength.round(), level)
    return torch.where(operations == NUMBERS["solarize"], 255 - strength, level)


def limits_of(shear: float, pixels: tuple[float, float], degrees: float, factor: float, bits: float) -> list[float]:
    """The limits of all operations; `pixels` are those of translations, horizontal and vertical."""
    return [0.0, shear, shear, *pixels, degrees, factor, factor, factor, factor, bits, 255.0, 0.0, 0.0]


def changed(images: "torch.Tensor", operations: "torch.Tensor", level: "torch.Tensor") -> "torch.Tensor":
    """Each image after its own operation (n,) at its own level (n,)."""
    import torch

    result = images
    for change, names in ((moved, MOVES), (blended, BLENDS), (mapped, MAPPINGS)):
        chosen = (operations >= NUMBERS[names[0]]) & (operations <= NUMBERS[names[-1]])
        if images.device.type in SELECTING:
            rows = chosen.nonzero()[:, 0]
            if len(rows):
                result = result.index_copy(0, rows, change(images[rows], operations[rows], level[rows]))
        else:
            result = torch.where(chosen[:, None, None, None], change(images, operations, level), result)
    return result


def as_bytes(images: "torch.Tensor") -> "torch.Tensor":
    """Images as uint8, rounded if another operation left fractions."""
    import torch

    return images if images.dtype == torch.uint8 else images.round().clamp(0, 255).to(torch.uint8)


# ---- Pixels that move ------------------------------------------------------------------------------------------------


def moved(images: "torch.Tensor", operations: "torch.Tensor", level: "torch.Tensor") -> "torch.Tensor":
    """Images sheared about their upper left corner, shifted, or turned counterclockwise about their centre."""
    import torch
    from torch.nn import functional

    height, width = images.shape[1:3]
    rows, columns = (
        torch.arange(size, device=images.device, dtype=torch.float32) + (0.5 - 0.5 * size) for size in (height, width)
    )
    matrix = matrices(operations, level.double(), height, width)
    per_axis = torch.tensor([0.5 * width, 0.5 * height], device=images.device)
    (a, b, c), (d, e, f) = (line.unbind(1) for line in (matrix.float() / per_axis[:, None]).unbind(1))
    x, y = columns[None, None, :], rows[None, :, None]
    grid = torch.stack(
        [line[0] * x + line[1] * y + line[2] for line in (each(a, b, c), each(d, e, f))], dim=3
    )  # where each pixel comes from
    pixels = images.permute(0, 3, 1, 2).float()
    found = functional.grid_sample(pixels, grid, mode="nearest", padding_mode="zeros", align_corners=False)
    return found.permute(0, 2, 3, 1).to(torch.uint8)


def each(*numbers: "torch.Tensor") -> list["torch.Tensor"]:
    """Numbers (n,) of images so that they broadcast over rows and columns."""
    return [number[:, None, None] for number in numbers]


def matrices(operations: "torch.Tensor", level: "torch.Tensor", height: int, width: int) -> "torch.Tensor":
    """For each image the matrix (2, 3) that says where a pixel comes from, in pixels from the centre."""
    import torch

    def of(name: str) -> torch.Tensor:
        """The level of images with an operation, 0 for others."""
        return torch.where(operations == NUMBERS[name], level, 0.0)

    angle = of("rotate") * (torch.pi / 180)
    shear_x, shear_y = of("shear_x"), of("shear_y")
    upper = [angle.cos(), shear_x - angle.sin(), shear_x * (0.5 * height) - of("translate_x").trunc()]
    lower = [shear_y + angle.sin(), angle.cos(), shear_y * (0.5 * width) - of("translate_y").trunc()]
    return torch.stack([torch.stack(upper, dim=1), torch.stack(lower, dim=1)], dim=1)


# ---- Blends ----------------------------------------------------------------------------------------------------------


def blended(images: "torch.Tensor", operations: "torch.Tensor", level: "torch.Tensor") -> "torch.Tensor":
    """Images blended with black, their grey selves, their mean grey, or their blurred selves, by 1 + level."""
    import torch

    values, factor = images.float(), (1 + level)[:, None, None, None]
    grey = grey_of(values)
    others = {
        "saturation": grey,
        "contrast": grey.mean((1, 2, 3), keepdim=True),
        "sharpness": blurred(values),
    }
    other = torch.zeros_like(values)
    for name, image in others.items():
        other = torch.where((operations == NUMBERS[name])[:, None, None, None], image, other)
    return (values * factor + other * (1 - factor)).clamp(0, 255).to(torch.uint8)


def grey_of(images: "torch.Tensor") -> "torch.Tensor":
    """The brightness of each pixel in whole numbers, (n, height, width, 1)."""
    if images.shape[3] == 1:
        return images
    red, green, blue = (weight * images[..., channel, None] for channel, weight in enumerate(GREY))
    return (red + green + blue).floor()


def blurred(images: "torch.Tensor") -> "torch.Tensor":
    """Each pixel as the mean of its neighbourhood of 3x3 with five parts of itself, in whole numbers; not at edges."""
    height, width = images.shape[1:3]
    if height < 3 or width < 3:
        return images
    sums = sum(
        images[:, row : height - 2 + row, column : width - 2 + column] for row in range(3) for column in range(3)
    )
    result = images.clone()
    result[:, 1:-1, 1:-1] = ((sums + 4 * images[:, 1:-1, 1:-1]) / 13).round()
    return result


# ---- Tables ----------------------------------------------------------------------------------------------------------


def mapped(images: "torch.Tensor", operations: "torch.Tensor", level: "torch.Tensor") -> "torch.Tensor":
    """Images whose values are replaced by those of a table of their image and channel."""
    import torch

    pixels = images.flatten(1, 2).transpose(1, 2).long()  # (n, channels, pixels)
    values = torch.arange(256, device=images.device, dtype=torch.float32)
    number, level = operations[:, None, None], level[:, None, None]
    table = equalising(pixels, values)
    table = torch.where(number == NUMBERS["autocontrast"], stretching(pixels, values), table)
    table = torch.where(number == NUMBERS["solarize"], torch.where(values >= level, 255 - values, values), table)
    steps = torch.exp2(8 - level.clamp(0, 8))
    table = torch.where(number == NUMBERS["posterize"], (values / steps).floor() * steps, table)
    return table.gather(2, pixels).to(torch.uint8).transpose(1, 2).reshape(images.shape)


def stretching(pixels: "torch.Tensor", values: "torch.Tensor") -> "torch.Tensor":
    """The table (n, channels, 256) that makes the darkest value of a channel 0 and the brightest 255."""
    low, high = (extreme.float() for extreme in pixels.aminmax(dim=2, keepdim=True))
    scale = 255 / (high - low).clamp(min=1)
    return ((values - low) * scale).clamp(0, 255).where(high > low, values)


def equalising(pixels: "torch.Tensor", values: "torch.Tensor") -> "torch.Tensor":
    """The table (n, channels, 256) after which all values of a channel are as frequent as can be."""
    import torch

    counts = torch.zeros((*pixels.shape[:2], 256), dtype=torch.int64, device=pixels.device)
    counts.scatter_add_(2, pixels, torch.ones_like(pixels))
    of_brightest = counts.gather(2, pixels.amax(2, keepdim=True))
    step = (pixels.shape[2] - of_brightest) // 255
    darker = counts.cumsum(2) - counts
    table = ((darker + step // 2) // step.clamp(min=1)).clamp(0, 255).float()
    table[:, :, 0] = 0
    return table.where(step > 0, values)

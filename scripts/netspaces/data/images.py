"""Images in files, decoded with Pillow into uint8 arrays of one size, on several threads.

Threads are enough: Pillow lets go of the interpreter's lock while it decodes and resizes.
"""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netspaces.data.errors import DatasetError

if TYPE_CHECKING:
    from PIL.Image import Image

CHUNK = 256
"""Images read, decoded and written at once: 50 MB at 256 x 256 x 3."""

MODES = {1: "L", 3: "RGB"}
DEEP = ("I", "F")


@dataclass(frozen=True)
class Exact:
    """Images that must have one size and mode already."""

    side: int
    channels: int

    def __call__(self, image: "Image") -> np.ndarray:
        """The pixels (side, side, channels) of a Pillow image; ValueError if it is another kind of image."""
        if image.size != (self.side, self.side):
            raise ValueError(f"{image.width} x {image.height} pixels, expected {self.side} x {self.side}")
        if image.mode != MODES[self.channels]:
            raise ValueError(f"mode {image.mode}, expected {MODES[self.channels]}")
        return pixels(image)


@dataclass(frozen=True)
class Fitted:
    """Images of any size and mode: converted, resized so that the short side is `short`, cropped to a middle square.

    As torchvision's Resize and CenterCrop do it.
    """

    short: int
    side: int
    channels: int

    def __call__(self, image: "Image") -> np.ndarray:
        """The pixels (side, side, channels) of a Pillow image."""
        if image.mode.startswith(DEEP):
            raise ValueError(f"mode {image.mode}, expected 8 bits per channel")
        image = image.convert(MODES[self.channels])
        short, long = sorted(image.size)
        if short != self.short:
            reached = int(self.short * long / short)
            wide = image.width > image.height
            image = image.resize((reached, self.short) if wide else (self.short, reached), resample=2)  # bilinear
        left, top = (round((length - self.side) / 2) for length in image.size)
        return pixels(image.crop((left, top, left + self.side, top + self.side)))


def pixels(image: "Image") -> np.ndarray:
    """A Pillow image as an array (height, width, channels)."""
    array = np.asarray(image)
    return array[..., None] if array.ndim == 2 else array


@dataclass(frozen=True)
class EncodedImages:
    """Images that are decoded only while they are written, so that memory does not depend on their number.

    `chunks()` yields lists of (name for messages, encoded bytes or file), in the order of the labels; `fit` makes a
    Pillow image one array of `shape[1:]`.
    """

    shape: tuple[int, int, int, int]
    chunks: Callable[[], Iterator[list[tuple[str, bytes | Path]]]]
    fit: Exact | Fitted

    def decode(self, named: tuple[str, bytes | Path]) -> np.ndarray:
        """Decode one image; raises DatasetError with its name."""
        from PIL import Image

        name, encoded = named
        try:
            with Image.open(io.BytesIO(encoded) if isinstance(encoded, bytes) else encoded) as image:
                image.load()
                return self.fit(image)
        except Image.UnidentifiedImageError:
            raise DatasetError(f"{name}: not an image in a format that Pillow reads") from None
        except OSError as error:
            raise DatasetError(f"{name}: not a readable image ({error.strerror or error})") from None
        except Exception as error:  # decoders of damaged files raise many types
            raise DatasetError(f"{name}: not a usable image ({error or type(error).__name__})") from None


def decoded(images: np.ndarray | EncodedImages, pool: Executor) -> Iterator[np.ndarray]:
    """The images in order, in chunks (k, height, width, channels) of uint8; the next chunk is decoded meanwhile."""
    if not isinstance(images, EncodedImages):
        for start in range(0, len(images), CHUNK):
            yield np.ascontiguousarray(images[start : start + CHUNK])
        return
    pending = None
    for chunk in images.chunks():
        coming = pool.map(images.decode, chunk)
        if pending is not None:
            yield np.stack(list(pending))
        pending = coming
    if pending is not None:
        yield np.stack(list(pending))

"""Images in files, decoded with Pillow into uint8 arrays of one size, on several threads.

Threads are enough: Pillow lets go of the interpreter's lock while it decodes and resizes.
"""

import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from netspaces.data.errors import DatasetError
from netspaces.data.reduction import reduced

if TYPE_CHECKING:
    from PIL.Image import Image

CHUNK = 256
"""Images read, decoded and written at once: 50 MB at 256 x 256 x 3."""

MODES = {1: "L", 3: "RGB"}

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "PPM")
"""Formats of files that are read, by their contents and not by their names."""

ANIMATED = ("GIF", "PNG", "WEBP", "TIFF")
"""Formats whose files may hold several images; of JPEG files of cameras, a second one is a small copy."""

MOST_PIXELS = 89_478_485
"""Pixels of an image, as it is and as it is resized: beyond it Pillow warns of files that are made to fill memory."""


@dataclass(frozen=True)
class Exact:
    """Images that must have one size and mode already; their sides are then divided by `factor`."""

    side: int
    channels: int
    factor: int = 1

    def __call__(self, image: "Image") -> np.ndarray:
        """The pixels (side, side, channels) of a Pillow image; ValueError if it is another kind of image."""
        if image.size != (expected := self.side * self.factor, expected):
            raise ValueError(f"{image.width} x {image.height} pixels, expected {expected} x {expected}")
        if image.mode != MODES[self.channels]:
            raise ValueError(f"mode {image.mode}, expected {MODES[self.channels]}")
        return reduced(pixels(image), self.factor)


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
        short, long = sorted(image.size)
        reached = int(self.short * long / short)
        if reached * self.short > MOST_PIXELS:
            fits = f"would be {reached:,} pixels long with a short side of {self.short}"
            raise ValueError(f"{image.width:,} x {image.height:,} pixels {fits}, expected {MOST_PIXELS:,} in all")
        image = image.convert(MODES[self.channels])
        if short != self.short:
            wide = image.width > image.height
            image = image.resize((reached, self.short) if wide else (self.short, reached), resample=2)  # bilinear
        left, top = (round((length - self.side) / 2) for length in image.size)
        return pixels(image.crop((left, top, left + self.side, top + self.side)))


def check_header(image: "Image") -> None:
    """Raise ValueError for an opened image of too many pixels or bits, before anything of it is decoded.

    Pillow cuts images of several channels with more than 8 bits each to their upper bytes, so its mode does not tell.
    """
    if image.width * image.height > MOST_PIXELS:
        raise ValueError(f"{image.width:,} x {image.height:,} pixels, expected at most {MOST_PIXELS:,} in all")
    if (bits := _bits_per_channel(image)) > 8:
        raise ValueError(f"{bits} bits per channel, expected 8")


def _bits_per_channel(image: "Image") -> int:
    """The number of bits in a file's own header, as Pillow notes it with each part that it will decode."""
    bits = 8
    for codec, _, _, details in getattr(image, "tile", []):
        raw, *more = details if isinstance(details, tuple) else (details,)
        if codec == "ppm":  # raw is followed by the largest value
            bits = max(bits, more[0].bit_length())
        elif found := re.match(r"(?!BGR)[A-Za-z]+;(\d+)", str(raw)):  # RGB;16B, F;32F; BGR;16 are 16 bits per pixel
            bits = max(bits, int(found[1]))
    return bits if image.mode[0] not in "IF" else max(bits, 16)


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
    fit: Callable[["Image"], np.ndarray]

    def decode(self, named: tuple[str, bytes | Path]) -> np.ndarray:
        """Decode one image; raises DatasetError with its name."""
        return self.read(named).pixels

    def read(self, named: tuple[str, bytes | Path]) -> "Decoded":
        """Decode one image, and note what its file is; raises DatasetError with its name."""
        from PIL import Image

        name, encoded = named
        try:
            with open(encoded, "rb") if isinstance(encoded, Path) else io.BytesIO(encoded) as file:
                fingerprint = _fingerprint(file)
                with Image.open(file, formats=FORMATS) as image:
                    check_header(image)
                    animated = image.format in ANIMATED and getattr(image, "is_animated", False)
                    image.load()
                    return Decoded(self.fit(image), fingerprint, animated)
        except Image.UnidentifiedImageError:
            size = len(encoded) if isinstance(encoded, bytes) else os.path.getsize(encoded)
            what = f"not an image in a format that is read ({', '.join(FORMATS)})" if size else "an empty file"
            raise DatasetError(f"{name}: {what}") from None
        except OSError as error:
            raise DatasetError(f"{name}: not a readable image ({error.strerror or error})") from None
        except Exception as error:  # decoders of damaged files raise many types
            raise DatasetError(f"{name}: not a usable image ({error or type(error).__name__})") from None


@dataclass(frozen=True)
class Decoded:
    """An image (height, width, channels), 64 bits of the digest of its file, and whether that has several frames."""

    pixels: np.ndarray
    fingerprint: int
    animated: bool


@dataclass(frozen=True)
class Chunk:
    """Images (k, height, width, channels) of uint8, their fingerprints (k,), and how many have several frames."""

    pixels: np.ndarray
    fingerprints: np.ndarray
    animated: int = 0


def _fingerprint(file: BinaryIO) -> int:
    """64 bits of the digest of an open file, which is at its start again afterwards."""
    digest = hashlib.file_digest(file, "blake2b").digest()  # type: ignore[arg-type]
    file.seek(0)
    return int.from_bytes(digest[:8])


def decoded(images: np.ndarray | EncodedImages, pool: Executor) -> Iterator[Chunk]:
    """The images in order, in chunks; the next chunk is decoded meanwhile."""
    if not isinstance(images, EncodedImages):
        for start in range(0, len(images), CHUNK):
            pixels = np.ascontiguousarray(images[start : start + CHUNK])
            digests = [hashlib.blake2b(image).digest()[:8] for image in pixels]
            yield Chunk(pixels, np.array([int.from_bytes(digest) for digest in digests], np.uint64))
        return
    pending = None
    for chunk in images.chunks():
        coming = pool.map(images.read, chunk)
        if pending is not None:
            yield _stacked(pending)
        pending = coming
    if pending is not None:
        yield _stacked(pending)


def _stacked(images: Iterator[Decoded]) -> Chunk:
    taken = list(images)
    fingerprints = np.array([image.fingerprint for image in taken], np.uint64)
    return Chunk(np.stack([image.pixels for image in taken]), fingerprints, sum(image.animated for image in taken))

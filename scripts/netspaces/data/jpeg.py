"""Images kept as JPEG: the bytes of all in one file, and where each begins; a small part of what their pixels take."""

import io
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np

from netspaces.data.errors import REMEDY, DatasetError

QUALITY = 90

JPEG_SHARE = 0.1
"""Of the bytes of pixels, what they take as JPEG of this quality: 19.5 kB of 256 x 256 x 3, parts of photographs."""


class JpegImages:
    """Images of `shape` (n, height, width, channels); `images[rows]` decodes those that a slice or an array names.

    `offsets` (n + 1,) says where in the file each image begins and ends.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, path: Path, offsets: np.ndarray, shape: tuple[int, int, int, int]):
        self.path, self.offsets, self.shape = path, offsets, shape
        try:
            self.content = np.memmap(path, np.uint8, "r")
        except (OSError, ValueError) as error:
            raise DatasetError(f"{path}: {getattr(error, 'strerror', None) or error}; {REMEDY}") from None
        if len(self.content) != offsets[-1]:
            raise DatasetError(f"{path}: holds {len(self.content)} bytes, expected {offsets[-1]}; {REMEDY}")

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        rows = np.arange(len(self))[rows]
        images = np.empty((len(rows), *self.shape[1:]), np.uint8)
        list(self._pool.map(self._decode, rows.tolist(), images))
        return images

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        """As many threads as torch has, made when they are needed: not before the process was forked."""
        from torch import get_num_threads

        return ThreadPoolExecutor(get_num_threads())

    def _decode(self, row: int, target: np.ndarray) -> None:
        from PIL import Image

        start, end = self.offsets[row : row + 2]
        try:
            with Image.open(io.BytesIO(self.content[start:end].tobytes()), formats=["JPEG"]) as image:
                target[...] = np.asarray(image).reshape(target.shape)
        except (OSError, ValueError, SyntaxError) as error:
            raise DatasetError(f"{self.path}: image {row}: not a JPEG image ({error}); {REMEDY}") from None


def encoded(image: np.ndarray) -> bytes:
    """A uint8 image (height, width, channels), grey or colour, as the bytes of a JPEG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()

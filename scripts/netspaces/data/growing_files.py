"""Files that grow under a temporary name until all are whole: what a preparation writes, and none of it if killed."""

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

import numpy as np

from netspaces.data.errors import DatasetError
from netspaces.data.integrity import BlockDigests
from netspaces.data.jpeg import encoded
from netspaces.files.safe import errors_name


class GrowingFile:
    """A file that grows under a temporary name; a context that leaves none of those behind."""

    def __init__(self, path: Path):
        self.path = path
        self.temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
        self.sha256, self.blocks = hashlib.sha256(), BlockDigests()

    def __enter__(self) -> Self:
        self.file = open(self.temporary, "xb")
        return self

    def __exit__(self, *_: object) -> None:
        try:
            with errors_name(self.path):
                self.file.close()
        finally:
            self.temporary.unlink(missing_ok=True)

    def append(self, content: bytes | memoryview) -> None:
        """Append bytes."""
        with errors_name(self.path):
            self.file.write(content)
        self.sha256.update(content)
        self.blocks.update(content)

    def write(self, rows: np.ndarray) -> None:
        """Append rows of an array, as this kind of file holds them."""
        raise NotImplementedError

    def finish(self) -> str:
        """Flush all to the disk; returns the SHA-256 of the file."""
        with errors_name(self.path):
            self.file.flush()
            os.fsync(self.file.fileno())
        return self.sha256.hexdigest()

    def publish(self) -> None:
        """Give the file its name."""
        os.replace(self.temporary, self.path)


class ArrayFile(GrowingFile):
    """An .npy file of known shape."""

    def __init__(self, path: Path, dtype: type, shape: tuple[int, ...]):
        super().__init__(path)
        self.dtype, self.shape, self.rows = np.dtype(dtype), shape, 0

    def __enter__(self) -> Self:
        super().__enter__()
        header = io.BytesIO()
        described = {"descr": self.dtype.str, "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(header, described)
        self.append(header.getvalue())
        return self

    def write(self, rows: np.ndarray) -> None:
        """Append rows."""
        self.append(np.ascontiguousarray(rows, self.dtype).data)
        self.rows += len(rows)

    def finish(self) -> str:
        """Flush all to the disk; returns the SHA-256 of the file."""
        if self.rows != self.shape[0]:
            raise DatasetError(f"{self.path.name}: {self.rows} rows came, expected {self.shape[0]}: the source changed")
        return super().finish()


class JpegFile(GrowingFile):
    """The bytes of JPEG images, encoded by the threads of a pool; `offsets` gets where each begins and ends."""

    def __init__(self, path: Path, offsets: ArrayFile, pool: ThreadPoolExecutor):
        super().__init__(path)
        self.offsets, self.pool, self.end = offsets, pool, 0

    def write(self, rows: np.ndarray) -> None:
        """Append images (k, height, width, channels)."""
        if not self.end:
            self.offsets.write(np.zeros(1))
        images = list(self.pool.map(encoded, rows))
        ends = self.end + np.cumsum([len(image) for image in images])
        self.append(b"".join(images))
        self.offsets.write(ends)
        self.end = int(ends[-1])

"""Small sources of images to read, and datasets prepared from them."""

import io
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from netspaces.data.datasets import load
from netspaces.data.errors import DatasetError
from netspaces.data.meta import FORMAT, checksum_of_files
from netspaces.data.preparation import prepare
from netspaces.files.safe import write_json
from PIL import Image

COLOUR = {"resolution": 32, "channels": 3, "classes": 3}


def picture(seed: int, size: tuple[int, int] = (32, 32), mode: str = "RGB") -> Image.Image:
    shape = (size[1], size[0], 3) if mode == "RGB" else (size[1], size[0])
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, shape, np.uint8))


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def labels_of(n: int, classes: int = 3) -> list[int]:
    return [i % classes for i in range(n)]


def write_shard(path: Path, images: list, labels: list, nested: bool = True, **names: str) -> None:
    cells = [{"bytes": image, "path": None} for image in images] if nested else images
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {names.get("image", "image"): cells, names.get("label", "label"): labels}
    pq.write_table(pa.table(columns), path, row_group_size=4)


def of_shards(folder: Path, **options) -> dict:
    return {"name": "cifar10", **COLOUR, "source": "parquet", "folder": str(folder), **options}


def of_tree(folder: Path, **options) -> dict:
    return {"name": "imagefolder", **COLOUR, "resolution": 16, "folder": str(folder), **options}


def prepared(settings: dict, folder: Path, threads: int = 2):
    prepare(settings, folder, threads)
    return load(folder)


def write_meta(folder: Path, **changes) -> None:
    """A meta.json as a preparation writes it, without the files that it describes."""
    counts = {"train": 10, "validation": 0, "test": 10}
    images = {
        "name": "npz",
        "resolution": 8,
        "stored_resolution": 8,
        "stored_as": "uint8",
        "channels": 1,
        "classes": 10,
    }
    rest = {"mean": [0.5], "std": [0.5], "files": {}, "checksum": checksum_of_files({})}
    write_json(folder / "meta.json", {"format": FORMAT, **images, **counts, **rest, **changes})


def refusal(settings: dict, folder: Path) -> str:
    """The one line with which a preparation is refused; it leaves nothing behind."""
    with pytest.raises(DatasetError) as error:
        prepare(settings, folder, 2)
    assert "\n" not in str(error.value)
    assert not folder.exists() or list(folder.iterdir()) == []
    return str(error.value)

"""Parquet files with encoded images: any number of shards per split, in the layout of the Hugging Face hub.

A shard belongs to the split that its name begins with (`train-00000-of-00005.parquet`, `train.parquet`), or that its
folder is named after (`train/0000.parquet`).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from netspaces.data.datasets import DatasetError, Split
from netspaces.data.images import BLOCK, EncodedImages, Exact, Fitted


def read_shards(
    folder: str, names: Sequence[str], columns: tuple[str, str], classes: int, fit: Exact | Fitted
) -> Split:
    """One split, whose shards go by any of `names`; `columns` name the images and the labels."""
    shards = find_shards(Path(folder).expanduser(), names)
    image, label = columns
    opened = [_check_columns(shard, image, label) for shard in shards]
    labels = np.concatenate([_labels(shard, label, classes) for shard in shards])

    def blocks() -> Iterator[list[tuple[str, bytes]]]:
        for shard, leaf in zip(shards, opened, strict=True):
            yield from _encoded(shard, leaf)

    return Split(EncodedImages((len(labels), fit.side, fit.side, fit.channels), blocks, fit), labels)


def find_shards(folder: Path, names: Sequence[str]) -> list[Path]:
    """The parquet files of a split, in order; raises DatasetError if there are none or one of a number is missing."""
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder")
    wanted = re.compile(rf"({'|'.join(map(re.escape, names))})([-_.].*)?")
    every = sorted(folder.rglob("*.parquet"))
    found = [path for path in every if wanted.fullmatch(path.stem) or path.parent.name in names and path.stem.isdigit()]
    if not found:
        example = f"{names[-1]}-00000-of-00001.parquet"
        raise DatasetError(f"{folder}: no parquet file of the split {names[0]}, such as {example}")
    for path in found:
        if numbered := re.fullmatch(r"(.+-)(\d+)(-of-)(\d+)", path.stem):
            before, number, of, total = numbered.groups()
            for i in range(int(total)):
                part = path.with_name(f"{before}{i:0{len(number)}d}{of}{total}.parquet")
                if part not in found:
                    raise DatasetError(f"{part}: missing, expected {int(total)} shards beside {path.name}")
    return found


def _open(shard: Path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(shard)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{shard}: not a readable parquet file ({error})") from None


def _check_columns(shard: Path, image: str, label: str) -> str:
    """The leaf column with the encoded bytes: `image` itself, or `bytes` in it."""
    import pyarrow as pa

    with _open(shard) as file:
        schema = file.schema_arrow
    leaf = image
    if image in schema.names and pa.types.is_struct(kind := schema.field(image).type):
        leaf = f"{image}.bytes"
        found = kind.field("bytes").type if "bytes" in [kind.field(i).name for i in range(kind.num_fields)] else None
    else:
        found = schema.field(image).type if image in schema.names else None
    if found is None or not (pa.types.is_binary(found) or pa.types.is_large_binary(found)):
        had = f"it has {', '.join(schema.names)}" if found is None else f"it holds {found}"
        raise DatasetError(f"{shard}: no column {leaf!r} of encoded images; {had}")
    if label not in schema.names or not pa.types.is_integer(schema.field(label).type):
        had = f"it holds {schema.field(label).type}" if label in schema.names else f"it has {', '.join(schema.names)}"
        raise DatasetError(f"{shard}: no column {label!r} of whole numbers; {had}")
    return leaf


def _labels(shard: Path, label: str, classes: int) -> np.ndarray:
    with _open(shard) as file:
        column = file.read(columns=[label]).column(label)
    if column.null_count:
        raise DatasetError(f"{shard}: row {column.is_null().to_pylist().index(True)}: no label")
    labels = column.to_numpy().astype(np.int64)
    if len(wrong := np.flatnonzero((labels < 0) | (labels >= classes))):
        expected = f"0 to {classes - 1}, there being {classes} classes"
        raise DatasetError(f"{shard}: row {wrong[0]}: label is {labels[wrong[0]]}, expected {expected}")
    return labels


def _encoded(shard: Path, leaf: str) -> Iterator[list[tuple[str, bytes]]]:
    """The rows of a shard in order, in blocks of (name for messages, encoded bytes)."""
    import pyarrow as pa

    row = 0
    with _open(shard) as file:
        try:
            for batch in file.iter_batches(BLOCK, columns=[leaf]):
                column = batch.column(0)
                values = (column.field("bytes") if leaf.endswith(".bytes") else column).to_pylist()
                block = [(f"{shard}: row {row + i}", value) for i, value in enumerate(values)]
                for name, value in block:
                    if value is None:
                        raise DatasetError(f"{name}: no image")
                row += len(block)
                yield block
        except (pa.ArrowException, OSError) as error:
            raise DatasetError(f"{shard}: not a readable parquet file ({error})") from None

"""Parquet files with encoded images: any number of shards per split, in the layout of the Hugging Face hub.

A shard belongs to the split that its name begins with (`train-00000-of-00005.parquet`, `train.parquet`), or that its
folder is named after (`train/0000.parquet`).
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.images import CHUNK, EncodedImages, Exact, Fitted

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile


def read_shards(
    folder: str, names: Sequence[str], columns: tuple[str, str], classes: int, fit: Exact | Fitted
) -> Split:
    """One split, whose shards go by any of `names`; `columns` name the images and the labels."""
    shards = find_shards(Path(folder).expanduser(), names)
    image, label = columns
    opened = [_check_columns(shard, image, label) for shard in shards]
    labels = np.concatenate([_labels(shard, label, classes) for shard in shards])

    def chunks() -> Iterator[list[tuple[str, bytes | Path]]]:
        for shard, leaf in zip(shards, opened, strict=True):
            yield from _encoded(shard, leaf)

    return Split(EncodedImages((len(labels), fit.side, fit.side, fit.channels), chunks, fit), labels)


def find_shards(folder: Path, names: Sequence[str]) -> list[Path]:
    """The parquet files of a split, in order; raises DatasetError if there are none or one of a number is missing."""
    if not folder.is_dir():
        raise DatasetError(f"{folder}: no such folder")
    of_split = re.compile(rf"({'|'.join(map(re.escape, names))})([-_.].*)?")
    paths = sorted(folder.rglob("*.parquet"))
    shards = [p for p in paths if of_split.fullmatch(p.stem) or p.parent.name in names and p.stem.isdigit()]
    if not shards:
        example = f"{names[-1]}-00000-of-00001.parquet"
        raise DatasetError(f"{folder}: no parquet file of the split {names[0]}, such as {example}")
    for path in shards:
        if numbered := re.fullmatch(r"(.+-)(\d+)(-of-)(\d+)", path.stem):
            before, number, of, total = numbered.groups()
            for i in range(int(total)):
                part = path.with_name(f"{before}{i:0{len(number)}d}{of}{total}.parquet")
                if part not in shards:
                    raise DatasetError(f"{part}: missing, expected {int(total)} shards beside {path.name}")
    return shards


def _open(shard: Path) -> "ParquetFile":
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
    leaf, kind = image, schema.field(image).type if image in schema.names else None
    if kind is not None and pa.types.is_struct(kind):
        leaf = f"{image}.bytes"
        kind = kind.field("bytes").type if kind.get_field_index("bytes") >= 0 else None
    if kind is None or not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        had = f"it has {', '.join(schema.names)}" if kind is None else f"it holds {kind}"
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


def _encoded(shard: Path, leaf: str) -> Iterator[list[tuple[str, bytes | Path]]]:
    """The rows of a shard in order, in chunks of (name for messages, encoded bytes)."""
    import pyarrow as pa

    row = 0
    with _open(shard) as file:
        try:
            for batch in file.iter_batches(CHUNK, columns=[leaf]):
                column = batch.column(0)
                values = (column.field("bytes") if leaf.endswith(".bytes") else column).to_pylist()
                chunk = [(f"{shard}: row {row + i}", value) for i, value in enumerate(values)]
                for name, value in chunk:
                    if value is None:
                        raise DatasetError(f"{name}: no image")
                row += len(chunk)
                yield chunk
        except (pa.ArrowException, OSError) as error:
            raise DatasetError(f"{shard}: not a readable parquet file ({error})") from None

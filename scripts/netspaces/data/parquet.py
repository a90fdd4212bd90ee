"""Parquet files with encoded images: `shards` says which of them belong to a split."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from netspaces.data.datasets import Split
from netspaces.data.errors import DatasetError
from netspaces.data.images import CHUNK, EncodedImages, Exact, Fitted
from netspaces.data.shards import find_shards

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile


def read_shards(
    folder: str,
    splits: Mapping[str, Sequence[str]],
    fits: Mapping[str, Exact | Fitted],
    columns: tuple[str, str],
    classes: int,
) -> dict[str, Split]:
    """The splits of a folder, whose shards go by any of the names in `splits`; `columns` name images and labels."""
    place = Path(folder).expanduser()
    found = find_shards(place, splits)
    others = len(set(place.rglob("*.parquet")).difference(*found.values()))
    left_out = f", left out {others:,} others below {place}" if others else ""
    return {split: _read_split(shards, fits[split], columns, classes, left_out) for split, shards in found.items()}


def count_rows(folder: str, splits: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """How many images the splits of a folder have, from the ends of its files; raises DatasetError as `read_shards`."""
    counts = {}
    for split, shards in find_shards(Path(folder).expanduser(), splits).items():
        counts[split] = 0
        for shard in shards:
            with _open(shard) as file:
                counts[split] += file.metadata.num_rows
    return counts


def _read_split(
    shards: Sequence[Path], fit: Exact | Fitted, columns: tuple[str, str], classes: int, left_out: str
) -> Split:
    image, label = columns
    opened = [_check_columns(shard, image, label) for shard in shards]
    labels = np.concatenate([_labels(shard, label, classes) for shard in shards])

    def chunks() -> Iterator[list[tuple[str, bytes | Path]]]:
        for shard, leaf in zip(shards, opened, strict=True):
            yield from _encoded(shard, leaf)

    shape = (len(labels), fit.side, fit.side, fit.channels)
    source = f"{len(shards):,} parquet files in {shards[0].parent}{left_out}"
    return Split(EncodedImages(shape, chunks, fit), labels, source)


def _open(shard: Path) -> "ParquetFile":
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not shard.is_file():  # reading a pipe would wait for ever
        raise DatasetError(f"{shard}: not a regular file")
    try:
        return pq.ParquetFile(shard)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{shard}: not a readable parquet file ({error})") from None


def columns_of(shard: Path) -> tuple[str, str]:
    """The columns of images and of labels, where nobody says which they are; DatasetError if there is not one of each.

    A column called `image` or `label` counts before others.
    """
    import pyarrow as pa

    with _open(shard) as file:
        fields = list(file.schema_arrow)
    kinds = {
        "image": [field.name for field in fields if pa.types.is_struct(field.type) or _is_bytes(field.type)],
        "label": [field.name for field in fields if pa.types.is_integer(field.type)],
    }
    for usual, names in kinds.items():
        if len(names) != 1 and usual not in names:
            of = "encoded images" if usual == "image" else "whole numbers"
            raise DatasetError(f"{shard}: columns of {of}: {', '.join(names) or 'none'}; expected one, or {usual!r}")
    image, label = (usual if usual in names else names[0] for usual, names in kinds.items())
    return image, label


def _is_bytes(kind: object) -> bool:
    import pyarrow as pa

    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def labels_in(shard: Path, label: str) -> np.ndarray:
    """The labels (n,) of a shard, whatever they are."""
    with _open(shard) as file:
        return file.read(columns=[label]).column(label).drop_null().to_numpy().astype(np.int64)


def _check_columns(shard: Path, image: str, label: str) -> str:
    """The leaf column with the encoded bytes: `image` itself, or `bytes` in it."""
    import pyarrow as pa

    with _open(shard) as file:
        schema = file.schema_arrow
    leaf, kind = image, schema.field(image).type if image in schema.names else None
    if kind is not None and pa.types.is_struct(kind):
        leaf = f"{image}.bytes"
        kind = kind.field("bytes").type if kind.get_field_index("bytes") >= 0 else None
    if kind is None or not _is_bytes(kind):
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

"""Tables that the workflow writes and reads back: parquet and CSV, each with a digest that is checked on reading.

A parquet file holds the sha256 of its own bytes in its schema's metadata; while it is computed, zeros stand in its
place. A CSV file, which people open and edit, cannot hold one: beside `NAME.csv` lies `NAME.csv.sha256`, which
`sha256sum --check` understands too. Both are checked before anything is parsed, so a damaged file is never decoded. The
digest of a CSV file stands beside the file's name, so that both together cannot be taken for those of another table.
"""

import hashlib
import io
from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pyarrow
import pyarrow.parquet

from netspaces.files.escaping import from_csv, to_csv
from netspaces.files.safe import DamagedFile, check_regular, write_atomically, write_text

MARK = b"netspaces sha256 "
BLANK = b"0" * 64
SUFFIX = ".sha256"


def write_parquet(path: str | Path, table: pd.DataFrame, compression: str = "snappy") -> None:
    """Write a table atomically, without its index, with the digest of its bytes."""
    arrow = pyarrow.Table.from_pandas(table, preserve_index=False)
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), b"digest": MARK + BLANK})
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(arrow, buffer, compression=compression)
    content = buffer.getvalue()
    at = content.rindex(MARK + BLANK) + len(MARK)
    digest = hashlib.sha256(content).hexdigest().encode()
    sealed = content[:at] + digest + content[at + len(digest) :]
    write_atomically(path, lambda file: file.write(sealed))


def read_parquet(
    path: str | Path, what: str, columns: Collection[str] = (), digest_needed: bool = True
) -> pd.DataFrame:
    """What `write_parquet` wrote; parameters and errors are those of `read_csv`."""
    content = _read_bytes(path, what)
    at = content.rfind(MARK) + len(MARK)
    given = content[at : at + len(BLANK)]
    if at < len(MARK):
        if digest_needed:
            raise DamagedFile(path, f"it has no digest, expected {what}")
    elif hashlib.sha256(content[:at] + BLANK + content[at + len(BLANK) :]).hexdigest().encode() != given:
        raise DamagedFile(path, f"its digest is not that of its contents, expected {what}")
    return _with_columns(pd.read_parquet(io.BytesIO(content)), path, what, columns)


def write_csv(path: str | Path, table: pd.DataFrame, float_format: str | None = None) -> None:
    """Write a table atomically, without its index, and its digest beside it: first, so that no table lacks one."""
    content = to_csv(table, float_format).encode()
    path = Path(path)
    write_text(path.with_name(path.name + SUFFIX), f"{hashlib.sha256(content).hexdigest()}  {path.name}\n")
    write_atomically(path, lambda file: file.write(content))


def read_csv(path: str | Path, what: str, columns: Collection[str] = (), digest_needed: bool = True) -> pd.DataFrame:
    """What `write_csv` wrote, every number as it was.

    Parameters
    ----------
    path : of the file; its digest lies beside it.
    what : is expected in it, such as "the sampled networks of a population", for messages.
    columns : that it needs to have.
    digest_needed : False also reads a file of others, which has none.

    Raises DamagedFile if the file is not as it was written, has no digest or lacks a column, and OSErrors as they come.
    """
    content = _read_bytes(path, what)
    beside = Path(f"{path}{SUFFIX}")
    if beside.is_file():
        given, _, name = beside.read_text(encoding="utf-8", errors="replace").rstrip("\n").partition("  ")
        if hashlib.sha256(content).hexdigest() != given:
            raise DamagedFile(path, f"it does not have the digest in {beside.name}, expected {what}")
        if name != beside.name.removesuffix(SUFFIX):
            raise DamagedFile(path, f"by {beside.name} it is {name or 'a file without a name'}, expected {what}")
    elif digest_needed:
        raise DamagedFile(path, f"its digest {beside.name} is missing, expected {what}")
    try:
        table = from_csv(pd.read_csv(io.BytesIO(content), float_precision="round_trip"))
    except ValueError as error:  # empty, not text, or rows of several lengths
        raise DamagedFile(path, f"it is no CSV ({str(error).splitlines()[0]}), expected {what}") from None
    return _with_columns(table, path, what, columns)


def _read_bytes(path: str | Path, what: str) -> bytes:
    check_regular(path, what)
    return Path(path).read_bytes()


def _with_columns(table: pd.DataFrame, path: str | Path, what: str, columns: Collection[str]) -> pd.DataFrame:
    if missing := [column for column in columns if column not in table]:
        raise DamagedFile(path, f"it has no column {missing[0]}, expected {what}")
    return table

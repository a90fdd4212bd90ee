"""A population of a bundle (`make bundle`) of somebody else's: the table as they had it, checked by its checksum."""

import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pandas as pd

from netspaces.files.archive import names_in_archive, unpack_archive
from netspaces.files.safe import DamagedFile
from netspaces.files.suggestions import one_of
from netspaces.populations.imported_files import ImportFileError, check_file
from netspaces.populations.table import read_collected

WHAT = "a bundle (make bundle)"


def read(path: Path, columns: Mapping[str, str], *, population: str | None = None) -> pd.DataFrame:
    """A row per network, with all columns; `population` names one of several. Raises ImportFileError."""
    if columns:
        raise ImportFileError(f"{path}: got columns for a bundle, whose columns have our names; expected none")
    check_file(path)
    try:
        member = _member(path, population)
        with tempfile.TemporaryDirectory(prefix="netspaces-") as folder:
            unpack_archive(path, folder, WHAT, lambda name: name == member)
            return read_collected(Path(folder, member))
    except DamagedFile as error:
        raise ImportFileError(f"{path}: damaged ({error.why})") from None


def _member(path: Path, population: str | None) -> str:
    """The name in the bundle of that population's table, or of the only one."""
    members = map(PurePosixPath, names_in_archive(path, WHAT))
    tables = {name.stem: str(name) for name in members if name.match("populations/*.parquet")}
    if population is None and len(tables) == 1:
        return next(iter(tables.values()))
    if population not in tables:
        given = "several populations" if population is None else f"no population {population!r}"
        expected = one_of(population or "", tables) if tables else "none, as it holds no population"
        raise ImportFileError(f"{path}: {given}, expected population: with {expected}")
    return tables[population]


IMPORTER = read

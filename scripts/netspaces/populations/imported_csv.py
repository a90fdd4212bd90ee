"""CSV files of other people -> columns of cells, with every row in its place or the file refused."""

import csv
import io
import re
from pathlib import Path

from netspaces.populations.imported_files import ImportFileError, read_text

SEPARATORS = (",", ";", "\t")
SUMMARY = re.compile(
    r"(grand |overall )?(mean|average|avg|median|total|sum|std|stdev|min|max|count)[.:]?", re.IGNORECASE
)
"""How rows at the end of a table are called that sum up the others, and are no network."""


def read_cells(path: Path, separator: str | None = None) -> dict[str, list[str]]:
    """The columns of a CSV file by name, cells as text. Raises ImportFileError for rows that do not fit the header."""
    text = read_text(path)
    if not text.strip():
        raise ImportFileError(f"{path}: not CSV (it is empty), expected a table with a header")
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        raise ImportFileError(f"{path}: separator is {separator!r}, expected one character between cells")
    mark = separator or _separator(path, text)
    lines = csv.reader(io.StringIO(text, newline=None), delimiter=mark, strict=True)
    try:
        header = [name.strip() for name in next(row for row in lines if row)]
        rows = [_fitting(path, i, row, header) for i, row in enumerate(filter(None, lines), start=1)]
    except csv.Error as error:
        raise ImportFileError(f"{path}: not CSV (line {lines.line_num}: {error})") from None
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    _check_summaries(path, columns)
    return _by_name(path, header, columns)


def _separator(path: Path, text: str) -> str:
    """What separates the cells of the header; raises ImportFileError if that may be two things."""
    header = io.StringIO(text.lstrip("\r\n"), newline=None).readline()
    try:
        found = [mark for mark in SEPARATORS if len(next(csv.reader([header], delimiter=mark))) > 1]
    except csv.Error as error:
        raise ImportFileError(f"{path}: not CSV (header: {error})") from None
    if len(found) > 1:
        shown = " or ".join(map(repr, found))
        raise ImportFileError(f"{path}: the header may be separated by {shown}, expected one, or separator: with it")
    return found[0] if found else ","


def _fitting(path: Path, number: int, row: list[str], header: list[str]) -> list[str]:
    """A row with as many cells as the header; empty ones at its end, which separators leave there, go."""
    if len(row) > len(header) and not any(cell.strip() for cell in row[len(header) :]):
        row = row[: len(header)]
    if len(row) != len(header):
        raise ImportFileError(f"{path}: row {number} has {len(row)} cells, expected {len(header)}, as the header has")
    return row


def _check_summaries(path: Path, columns: list) -> None:
    """Raise ImportFileError for last rows that sum up those before them, by the name that such a row has.

    A name stands in a column whose other cells mostly differ: a choice of mean or max pooling is none.
    """
    for column in columns:
        is_summary = [bool(SUMMARY.fullmatch(cell.strip())) for cell in column]
        first = is_summary.index(True) if any(is_summary) else 0
        others = column[:first]
        if others and all(is_summary[first:]) and len(set(others)) > len(others) / 2:
            what = f"row {first + 1} is called {column[first].strip()!r}, a summary of the others and no network"
            raise ImportFileError(f"{path}: {what}: expected it removed, or another name")


def _by_name(path: Path, header: list[str], columns: list) -> dict[str, list[str]]:
    """Columns by name. Those without a name are left out, which is said if they hold anything."""
    cells: dict[str, list[str]] = {}
    for i, (name, column) in enumerate(zip(header, columns, strict=True), start=1):
        if name in cells:
            raise ImportFileError(f"{path}: two columns are called {name!r}, expected different names")
        if name:
            cells[name] = list(column)
        elif any(cell.strip() for cell in column):
            print(f"{path}: left out column {i}, which has no name")
    return cells

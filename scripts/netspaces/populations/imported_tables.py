"""Tables of other people: columns of text -> the columns that our own populations have.

Formats whose files are tables (CSV, exports of trackers, storages of searches) come here with columns of cells. What
the cells mean is said by the file or by the user (`Said`) and never guessed: an accuracy is no error, a fraction no
percent, and a run that crashed is no result.
"""

import json
import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from netspaces.files.suggestions import one_of
from netspaces.networks.metrics import METRICS
from netspaces.populations.columns import IDENTITY, MISSING, NOTES, RESULTS
from netspaces.populations.imported_cells import is_empty, not_finite, number, numbers, seconds
from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.imported_jobs import chance_error, identity
from netspaces.training.records import DIVERGED, FINISHED

Cells = list[str]
ERRORS = ("error_min", "error", "error_selected", "train_error")
STATES = {
    FINISHED: "finished complete completed done success succeeded terminated",
    DIVERGED: "diverged",
    MISSING: "missing crashed crash failed failure fail error errored running killed stopped pruned paused pending "
    "queued waiting scheduled preempted preempting cancelled canceled aborted interrupted timeout oom in_progress "
    "inprogress unfinished",
}
"""Words for what became of a run, by what it is here; a run that was ended early has no result that counts."""
KNOWN_STATES = {word: status for status, words in STATES.items() for word in words.split()}
NUMERIC = re.compile(r"(depth|width|stride|bottleneck|group_width|kernel)(_\d+)?|stages|stem_width|se_ratio|w_[0am]")
STATE_COLUMN = re.compile(r"(?<![a-z])(state|status|outcome)(?![a-z])", re.IGNORECASE)
MEASURES = ("accuracy", "error")
SAYS_ERROR = re.compile(r"(?<![a-z])(top\d*|val|test|train|eval|min|max|best)?err(or)?s?(?![a-z])", re.IGNORECASE)
"""What says in a column's name that it holds errors: val_err, topErr, Error (%); not inferred or stderr."""


@dataclass(frozen=True)
class Said:
    """What the user says of a table's values, each None where the table is expected to say it.

    metric : whether the columns of errors hold errors or accuracies.
    unit : whether they are in percent or fractions of one.
    classes : number of classes, for the error of guessing, with which diverged networks then count.
    states : `finished`, `diverged` or `missing` by their word for it.
    decimal : the mark before decimals, `point` or `comma`.
    epochs : those of a whole training; rows that ended earlier are missing.
    """

    metric: str | None = None
    unit: str | None = None
    classes: int | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    decimal: str | None = None
    epochs: int | None = None


@dataclass(frozen=True)
class Errors:
    """One column of errors: its values in percent, NaN where there is none, and where a value is not finite."""

    values: list[float]
    not_finite: list[bool]
    formula: str


def population_table(path: Path, cells: Mapping[str, Cells], columns: Mapping[str, str], said: Said) -> pd.DataFrame:
    """The rows of a foreign table as those of a population, one each, whatever became of it.

    `cells` holds the file's columns by their names, `columns` our names with theirs. Raises ImportFileError.
    """
    is_ours = {*IDENTITY, *RESULTS} <= set(cells)  # an export of ours says what it holds
    said = replace(said, metric="error", unit="percent") if is_ours else said
    named = _named(path, cells, columns, is_ours)
    primary = [name for name in ("error_min", "error") if name in named]
    if not primary:
        raise ImportFileError(f"{path}: no column error_min or error, expected one, or a name for it under columns")
    if "status" not in named and said.epochs is None:
        _check_unnamed_states(path, named)
    status, reasons = _states(path, named.get("status", [""] * len(named[primary[0]])), said.states)
    table = _other_columns(path, named, status, said.decimal)
    odd = {row for name in primary for row, cell in enumerate(named[name]) if not_finite(cell) is not None}
    _note_early_ends(path, table, status, reasons, said.epochs, odd)
    errors = {
        name: _errors(path, name, named[name], columns.get(name, name), status, said)
        for name in ERRORS
        if name in named
    }
    _settle_states(path, [errors[name] for name in primary], status, reasons, said.classes)
    table["architecture"] = table["architecture"] if "architecture" in table else _identities(table)
    table["key"] = table["key"] if "key" in table else table["architecture"]
    table = table.assign(status=status, reason=reasons, **_settled_errors(errors, status, said.classes))
    _check_order(path, table)
    formulas = "; ".join(f"{name} = {errors[name].formula}" for name in primary)
    table["metric"] = formulas if "error_min" in primary else f"{formulas}, also taken as the minimum over epochs"
    own_notes = [name for name in NOTES if is_ours and name in cells]
    return table.assign(**{name: [None if is_empty(cell) else cell for cell in cells[name]] for name in own_notes})


def as_cells(rows: Sequence[Mapping[str, object]]) -> dict[str, Cells]:
    """Rows of values as columns of text, empty where a row has no value of that name."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [text_of(row.get(name)) for row in rows] for name in names}


def text_of(value: object) -> str:
    """A value as the text of a cell."""
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, list | dict) else str(value)


def with_known_columns(
    cells: Container[str], columns: Mapping[str, str], known: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    """`columns` with those that a format knows: our names with theirs, the first that is there; the user's win."""
    found = {ours: next((name for name in theirs if name in cells), None) for ours, theirs in known.items()}
    return {ours: theirs for ours, theirs in found.items() if theirs is not None} | dict(columns)


def _named(path: Path, cells: Mapping[str, Cells], columns: Mapping[str, str], is_ours: bool) -> dict[str, Cells]:
    """Columns by our names. Those whose names we give to others, or fill ourselves, are left out, and that is said."""
    for ours, theirs in columns.items():
        if theirs not in cells:
            raise ImportFileError(f"{path}: no column {theirs!r} for {ours}, expected {one_of(theirs, cells)}")
    filled = ("population", "index", "duplicate_of", *NOTES)
    kept = {name: column for name, column in cells.items() if name not in {*columns.values(), *columns, *filled}}
    if left := [name for name in cells if name not in kept and name not in columns.values()]:
        if not is_ours:
            print(f"{path}: left out the columns {', '.join(left)}, whose names stand for other columns here")
    return kept | {ours: cells[theirs] for ours, theirs in columns.items()}


def _check_unnamed_states(path: Path, named: Mapping[str, Cells]) -> None:
    """Raise ImportFileError for a column that says of a row that it has no result, if none is named as the status."""
    for name, cells in named.items():
        for row, cell in enumerate(cells if STATE_COLUMN.search(name) else [], start=1):
            if _known_state(cell) in (DIVERGED, MISSING):
                found = f"row {row}: {name} is {cell.strip()}, and no column is named as the status"
                raise ImportFileError(f"{path}: {found}: expected columns: {{status: {name}}}, or no such column")


def _known_state(cell: str) -> str | None:
    """What a word for what became of a run says, None for unknown words."""
    return KNOWN_STATES.get(re.sub(r"[ -]", "_", cell.strip().lower()))


def _states(path: Path, cells: Cells, given: Mapping[str, str]) -> tuple[list[str], list[str | None]]:
    """What became of each row, and the file's word for it where it has no result or diverged."""
    status, reasons = [], []
    for row, cell in enumerate(cells, start=1):
        word = cell.strip()
        state = given.get(word) or _known_state(word) or (is_empty(word) and FINISHED)
        if not state:
            expected = (
                f"expected {FINISHED}, {DIVERGED}, {MISSING} or another known word, or what it means under states"
            )
            raise ImportFileError(f"{path}: row {row}: status is {word!r}, {expected}")
        status.append(state)
        reasons.append(word if state != FINISHED and word != state else None)
    return status, reasons


def _note_early_ends(
    path: Path,
    table: pd.DataFrame,
    status: list[str],
    reasons: list[str | None],
    epochs: int | None,
    odd: Container[int],
) -> None:
    """Rows that ended before the last epoch of a whole training are missing, and learn why; not those that diverged."""
    if epochs is None:
        return
    if "epochs" not in table:
        raise ImportFileError(f"{path}: no column for epochs, expected one under columns, as epochs: {epochs} is said")
    for row, done in enumerate(table["epochs"]):
        if status[row] == FINISHED and row not in odd and not done >= epochs:
            status[row], reasons[row] = MISSING, f"ended before epoch {epochs}"


def _errors(path: Path, name: str, cells: Cells, theirs: str, status: Sequence[str], said: Said) -> Errors:
    """A column of errors or accuracies as errors in percent; tests of rows that are missing are not read."""
    metric = metric_of(path, name, theirs, said.metric if name in ("error", "error_min") or name != theirs else "error")
    parsed: list[tuple[int, float, bool]] = []
    odd = [False] * len(cells)
    for row, (cell, state) in enumerate(zip(cells, status, strict=True)):
        if (state == MISSING and name != "train_error") or is_empty(cell):
            continue
        if not_finite(cell) is not None:
            odd[row] = True
            continue
        text = cell.strip()
        value = number(text.removesuffix("%"), said.decimal)
        if value is None:
            raise _unreadable(path, row, name, cell, _range(said.unit))
        parsed.append((row, value, text.endswith("%")))
    unit = _unit(path, name, metric, parsed, said.unit)
    values = [math.nan] * len(cells)
    for row, value, _ in parsed:
        values[row] = _error(value, metric, unit)
    return Errors(values, odd, _formula(theirs, metric, unit))


def metric_of(path: Path, name: str, theirs: str, said: str | None) -> str:
    """Whether a column holds errors or accuracies: what the user says, else `error` if its own name says so."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", theirs)  # testErr
    if said is None and (not SAYS_ERROR.search(words) or re.search(r"std|\d\s*-", words, re.IGNORECASE)):
        raise ImportFileError(
            f"{path}: {name} is read from {theirs!r}, a name that does not say error or accuracy: "
            "expected metric: error or metric: accuracy beside columns"
        )
    return said or "error"


def _unit(path: Path, name: str, metric: str, values: Iterable[tuple[int, float, bool]], said: str | None) -> str:
    """The unit of a column: what the user or percent signs say, else percent if no value can be a fraction."""
    values = list(values)
    signed = bool(values) and all(sign for _, _, sign in values)
    unit = said or ("percent" if signed else None)
    most = 1 if unit == "fraction" else 100
    for row, value, sign in values:
        where = f"{path}: row {row + 1}: {name} is {value:g}{'%' if sign else ''}"
        if not 0 <= value <= most or (sign and unit != "percent"):
            raise ImportFileError(f"{where}, expected {_range(unit)}")
        if unit is None and 0 < value <= 1:
            kind = "" if metric == "error" else f" (an {metric})"
            raise ImportFileError(
                f"{where}{kind}, which may be a fraction or percent: expected unit: fraction or unit: percent"
            )
    return unit or "percent"


def _range(unit: str | None) -> str:
    return "a fraction from 0 to 1" if unit == "fraction" else "percent from 0 to 100"


def _error(value: float, metric: str, unit: str) -> float:
    """The error in percent."""
    percent = value if unit == "percent" else round(100 * value, 10)
    return percent if metric == "error" else round(100 - percent, 10)


def _formula(theirs: str, metric: str, unit: str) -> str:
    """How errors were made of a column, in words that a footnote can print."""
    percent = theirs if unit == "percent" else f"100 x {theirs}"
    return percent if metric == "error" else f"100 - {percent}"


def _other_columns(path: Path, named: Mapping[str, Cells], status: Sequence[str], decimal: str | None) -> pd.DataFrame:
    """All columns but status and errors: those that we know with their types, others as numbers if all cells are."""
    columns: dict[str, Sequence] = {}
    for name, cells in named.items():
        if name in (*ERRORS, "status"):
            continue
        if RESULTS.get(name) == "str" or name == "architecture":
            columns[name] = [None if is_empty(cell) else cell.strip() for cell in cells]
        elif name in RESULTS or name in METRICS or NUMERIC.fullmatch(name):
            columns[name] = _known(path, name, cells, status, decimal)
        else:
            columns[name] = numbers(cells, decimal) or [None if is_empty(cell) else cell for cell in cells]
    return pd.DataFrame(columns, index=range(len(status)))


def _known(path: Path, name: str, cells: Cells, status: Sequence[str], decimal: str | None) -> Sequence:
    """A column of which figures and tables expect numbers."""
    if RESULTS.get(name) != "Int64" and (found := numbers(cells, decimal)) and not any(value < 0 for value in found):
        return found
    read = seconds if name == "seconds" else number
    values: list[float | None] = []
    for row, cell in enumerate(cells):
        value = math.nan if is_empty(cell) else read(cell, decimal)
        if value is None or (math.isinf(value) and name != "train_loss"):
            raise _unreadable(path, row, name, cell, "a number of seconds, or h:m:s" if read is seconds else "a number")
        if value < 0 and name != "train_loss":
            raise _unreadable(path, row, name, cell, "nothing below 0")
        if RESULTS.get(name) == "Int64":
            if not math.isnan(value) and not (value.is_integer() and value < 2**53):
                raise _unreadable(path, row, name, cell, "a whole number below 2^53")
            values.append(None if math.isnan(value) else int(value))
            continue
        values.append(value)
    return values


def _settle_states(
    path: Path, primary: Sequence[Errors], status: list[str], reasons: list[str | None], classes: int | None
) -> None:
    """A finished row without an error is missing, one whose error is not finite diverged; both learn why."""
    for row, state in enumerate(status):
        is_odd = any(column.not_finite[row] for column in primary)
        is_known = any(math.isfinite(column.values[row]) for column in primary)
        if state == FINISHED and is_odd:
            status[row], reasons[row] = DIVERGED, "an error that is not a number"
        elif state == FINISHED and not is_known:
            status[row], reasons[row] = MISSING, "no error"
        if status[row] == DIVERGED and (is_odd or not is_known) and classes is None:
            raise ImportFileError(
                f"{path}: row {row + 1}: diverged without an error, expected classes: the number of classes, "
                "for the error of guessing, or a row with an error or another status"
            )


def _settled_errors(errors: Mapping[str, Errors], status: Sequence[str], classes: int | None) -> dict[str, list[float]]:
    """Errors by name and row, `error` and `error_min` both, each with the value of the other where it has none.

    Diverged networks count with the error of guessing if `classes` says what that is, else with the errors they have.
    """
    settled = {name: column.values for name, column in errors.items()}
    for name, other in (("error_min", "error"), ("error", "error_min")):
        own = settled.get(name, settled.get(other, []))
        beside = errors[other].values if other in errors else own
        values = [beside[row] if math.isnan(value) else value for row, value in enumerate(own)]
        if classes is not None:
            values = [chance_error(classes) if status[row] == DIVERGED else value for row, value in enumerate(values)]
        settled[name] = values
    return settled


def _identities(table: pd.DataFrame) -> list[str]:
    """A hash of all that the file says of each row's network."""
    structure = [name for name in table if name not in (*RESULTS, *IDENTITY)]
    if not structure:
        return [identity(row) for row in range(len(table))]
    return [identity([_plain(value) for value in row]) for row in table[structure].itertuples(index=False, name=None)]


def _plain(value: object) -> object:
    """A value of a row as JSON has it, equal for equal numbers."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return value if isinstance(value, str) else float(value)  # type: ignore[arg-type]


def _check_order(path: Path, table: pd.DataFrame) -> None:
    """Raise ImportFileError if the smallest error over epochs is above the last one: columns are mixed up."""
    wrong = table["error_min"] > table["error"] + 1e-6
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        found = f"error_min is {table['error_min'].iloc[row]:g} % and error {table['error'].iloc[row]:g} %"
        raise ImportFileError(f"{path}: row {row + 1}: {found}, expected the smallest error not to be above the last")


def _unreadable(path: Path, row: int, name: str, cell: str, expected: str) -> ImportFileError:
    hint = "; for decimal commas say decimal: comma" if "," in cell else ""
    return ImportFileError(f"{path}: row {row + 1}: {name} is {cell.strip()}, expected {expected}{hint}")

"""House style of all tables: numbers in print, and the same bytes from the same rows, as HTML, CSV, Markdown and LaTeX.

A table's module says of each column what it means and how it is printed (COLUMNS: name -> Column). `make` returns
rows with full numbers, and in `attrs` how to print them: `caption` and `note`, `headers` and `formats` by printed
column, and `formulas`, the columns that LaTeX sets as mathematics. CSV holds all columns under their names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from tabulate import tabulate

from netspaces.files import escaping
from netspaces.files.safe import write_text
from netspaces.files.tables import write_csv
from netspaces.tables.page import page

NOTHING = "–"  # a number that there is not
LATEX = {
    "·": r"$\cdot$",
    "–": "--",
    "−": "$-$",
    "×": r"$\times$",
    "α": r"$\alpha$",
    "η": r"$\eta$",
    "ω": r"$\omega$",
    "²": "$^2$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "√": r"$\surd$",
}
SUFFIXES = ("html", "csv", "md", "tex")


@dataclass(frozen=True)
class Column:
    """A column: what it means, with its unit; its header in print, empty if only CSV has it; its format in `text`."""

    meaning: str
    header: str = ""
    format: str = "text"


RESAMPLING = {
    "level": Column("confidence of the intervals"),
    "resamples": Column("resamples of the bootstrap"),
    "seed": Column("seed of the resamples"),
}


def present(
    table: pd.DataFrame, caption: str, note: str, columns: Mapping[str, Column], formulas: Iterable[str] = ()
) -> pd.DataFrame:
    """A table with its columns in order, empty where it lacks one, and with how it is printed attached."""
    table = table.reindex(columns=list(columns))
    headers = {name: column.header for name, column in columns.items() if column.header}
    formats = {name: columns[name].format for name in headers}
    table.attrs = {"caption": caption, "note": note, "headers": headers, "formats": formats}
    if formulas:
        table.attrs["formulas"] = tuple(formulas)
    return table


def save(table: pd.DataFrame, stem: str | Path) -> list[Path]:
    """Write `stem`.html, .csv with its digest beside it, .md and .tex, each atomically."""
    write_csv(f"{stem}.csv", table, "%.10g")
    for suffix, content in {"html": html(table), "md": markdown(table), "tex": latex(table)}.items():
        write_text(f"{stem}.{suffix}", content)
    return [Path(f"{stem}.{suffix}") for suffix in SUFFIXES]


def printed(table: pd.DataFrame) -> tuple[pd.DataFrame, list[bool]]:
    """The printed columns as text under their headers, and which hold numbers; all as they are if nothing says how."""
    headers = table.attrs.get("headers") or {name: name for name in table}
    formats = table.attrs.get("formats", {})
    kinds = {name: formats.get(name, "text") for name in headers}
    cells = {header: [text(value, kinds[name]) for value in table[name]] for name, header in headers.items()}
    return pd.DataFrame(cells, dtype=str), [kind != "text" for kind in kinds.values()]


def text(value: Any, kind: str) -> str:
    """One cell: `kind` is text, integer, percent (one decimal), share (two), count (two digits), giga, mega, p, or
    number (two decimals; three digits where these show nothing, or too much).

    >>> text(6.87e16, "count"), text(0.00002, "p"), text(41.04, "percent"), text(float("nan"), "percent")
    ('6.9e16', '< 0.001', '41.0', '–')
    >>> text(199_040_872, "giga"), text(2_684_792, "mega"), text(-0.2, "number"), text(5e-6, "number")
    ('0.199', '2.68', '-0.20', '5e-06')
    """
    if value is None or value != value:
        return NOTHING
    if kind == "integer":
        return f"{value:.0f}"
    if kind == "count":
        mantissa, exponent = f"{float(value):.1e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    if kind == "number":
        return text(value, "share") if value == 0 or 0.01 <= abs(value) < 1000 else f"{value:.3g}"
    if kind in ("giga", "mega"):
        return f"{value / 1e9:.3f}" if kind == "giga" else f"{value / 1e6:.2f}"
    if kind == "p":
        return "< 0.001" if value < 0.001 else f"{value:.3f}"
    if kind in ("percent", "share"):
        digits = 1 if kind == "percent" else 2
        return f"{round(float(value), digits) + 0.0:.{digits}f}"  # + 0.0: no -0.0
    return str(value)


def html(table: pd.DataFrame) -> str:
    """The table as a page of its own, for the report."""
    cells, numbers = printed(table)
    caption, note = (table.attrs.get(name, "") for name in ("caption", "note"))
    return page(caption, note, cells, cells.to_numpy().tolist(), numbers)


def markdown(table: pd.DataFrame) -> str:
    """The table as GitHub prints it, between its caption and its note."""
    cells, numbers = printed(table)
    rows = [[escaping.markdown(cell) for cell in row] for row in cells.to_numpy()]
    headers = [escaping.markdown(header) for header in cells]
    align = ["right" if number else "left" for number in numbers]
    grid = tabulate(rows, headers, tablefmt="github", disable_numparse=True, colalign=align if rows else None)
    caption, note = (escaping.markdown(table.attrs.get(name, "")) for name in ("caption", "note"))
    return "\n\n".join(part for part in (f"**{caption}**" if caption else "", grid, note) if part) + "\n"


def latex(table: pd.DataFrame) -> str:
    """The table as a LaTeX float (packages booktabs and graphicx), scaled down where it is wider than the page."""
    cells, numbers = printed(table)
    headers = table.attrs.get("headers", {})
    formulas = {headers[name] for name in table.attrs.get("formulas", ()) if name in headers}
    setters = [_mathematics if header in formulas else escaping.latex for header in cells]
    rows = [[setter(cell) for setter, cell in zip(setters, row, strict=True)] for row in cells.to_numpy()]
    head, *body = (" & ".join(row) + r" \\" for row in [[escaping.latex(header) for header in cells], *rows])
    alignment = "".join("r" if number else "l" for number in numbers)
    grid = [
        rf"\begin{{tabular}}{{{alignment}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    caption, note = (_typeset(escaping.latex(table.attrs.get(name, ""))) for name in ("caption", "note"))
    lines = [r"\begin{table}", r"\centering", rf"\caption{{{caption}}}"]
    lines += [r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%", _typeset("\n".join(grid)) + "}"]
    lines += [rf"\par\smallskip\footnotesize {note}"] if note else []
    return "\n".join([*lines, r"\end{table}", ""])


def _mathematics(formula: str) -> str:
    return formula if formula == NOTHING else "$" + formula.replace("·", r" \cdot ") + "$"


def _typeset(text: str) -> str:
    return "".join(LATEX.get(character, character) for character in text)

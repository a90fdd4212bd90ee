"""What the declared imports would become: the account of each file, and its first rows as they would be read."""

from collections.abc import Mapping

import pandas as pd

from netspaces.populations.account import account
from netspaces.populations.columns import IDENTITY, RESULTS
from netspaces.populations.imported import read_population

ROWS = 5  # shown of each file
SHOWN = ["status", "error", "error_min", "epochs", "seconds", "reason"]
WIDTH = 120


def check_imports(imported: Mapping[str, Mapping]) -> str:
    """A section per declared import, also of one that is refused: its account and first rows, or what is wrong."""
    if not imported:
        return "no population is declared under imported"
    return "\n\n".join(
        f"{name} ({declared['file']})\n{_section(name, declared)}" for name, declared in imported.items()
    )


def _section(name: str, declared: Mapping) -> str:
    try:
        table = read_population(name, declared)
    except (ValueError, OSError) as error:
        return f"refused: {error}"
    own = [column for column in table if column not in (*IDENTITY, *RESULTS, *SHOWN, "index", "metric")]
    known = [column for column in SHOWN if table[column].notna().any()]
    with pd.option_context("display.width", WIDTH, "display.max_columns", None, "display.max_colwidth", 24):
        rows = table[[*known, *own]].head(ROWS).to_string(index=False, na_rep="", line_width=WIDTH)
    return f"{account(table)}\n{rows}"

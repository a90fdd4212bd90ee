"""Claims of the paper on two kinds of images, side by side: which hold on both, which on one, which on neither.

    python -m netspaces.bundles.side_by_side PAGE NAME=PAPER_AGAINST_OURS.csv NAME=PAPER_AGAINST_OURS.csv

writes a page in Markdown from the tables of claims of two runs.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from netspaces.files.safe import DamagedFile, OneLineError, write_text
from netspaces.files.tables import read_csv

NEEDED = ("name", "claim", "published", "verdict", "likely", "estimate", "low", "high", "n")  # columns
MEASURED = ("confirmed", "contradicted", "undecided")
EXPLANATION = """Verdicts are the sure ones: all claims of a run together are wrong with a risk of at most 5 %. In
brackets the likely verdict where it is another: of those, 5 % are expected to be wrong. Intervals are those that
decide, n is the number of networks of the smallest population. Claims that neither run measured are left out.
"""


def side_by_side(tables: Mapping[str, pd.DataFrame]) -> str:
    """The page: how many claims have which two verdicts, then each claim that at least one run has measured.

    Parameters
    ----------
    tables : `paper_against_ours` of two runs by the name to call them; claims are those of the same name.
    """
    first, second = (table.set_index("name") for table in tables.values())
    claims = first.join(second, how="inner", lsuffix="_first", rsuffix="_second")
    claims = claims[claims["verdict_first"].isin(MEASURED) | claims["verdict_second"].isin(MEASURED)]
    rows = [
        [row["claim_first"], row["published_first"], _answer(row, "first"), _answer(row, "second")]
        for _, row in claims.iterrows()
    ]
    parts = [
        f"# The paper's claims: {' and '.join(tables)}\n",
        EXPLANATION,
        *_table([f"{next(iter(tables))}, down; {list(tables)[1]}, across", *_across(claims)], _counts(claims)),
        "",
        *_table(["claim", "the paper", *tables], rows),
    ]
    return "\n".join(parts) + "\n"


def _across(claims: pd.DataFrame) -> list[str]:
    """The verdicts of the second run, the measured ones first."""
    there = set(claims["verdict_second"])
    return [verdict for verdict in (*MEASURED, *sorted(there - set(MEASURED))) if verdict in there]


def _counts(claims: pd.DataFrame) -> list[Sequence[object]]:
    """How many claims have each pair of verdicts: a row per verdict of the first run."""
    table = pd.crosstab(claims["verdict_first"], claims["verdict_second"])
    order = [*MEASURED, *sorted(set(table.index) - set(MEASURED))]
    return [[verdict, *table.loc[verdict, _across(claims)]] for verdict in order if verdict in table.index]


def _answer(row: pd.Series, side: str) -> str:
    """Verdict, estimate, interval and number of networks of one run; the verdict alone if nothing was measured."""
    verdict, likely = row[f"verdict_{side}"], row[f"likely_{side}"]
    if verdict not in MEASURED:
        return verdict
    said = verdict if likely == verdict else f"{verdict} (likely {likely})"
    low, high = row[f"low_{side}"], row[f"high_{side}"]
    interval = "" if pd.isna(low) or low == high else f" [{low:.2g}, {high:.2g}]"
    n = row[f"n_{side}"]
    networks = "" if pd.isna(n) else f", n = {n if isinstance(n, str) else format(n, 'g')}"
    return f"{said}: {row[f'estimate_{side}']:.2g}{interval}{networks}"


def _table(head: list[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """The lines of a table in Markdown."""
    lines: list[Sequence[object]] = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines]


def main(arguments: list[str]) -> None:
    """Write the page of a command line."""
    named = dict(argument.partition("=")[::2] for argument in arguments[1:])
    if len(arguments) != 3 or len(named) != 2 or not all(named.values()):
        raise OneLineError("side_by_side: expected PAGE NAME=TABLE.csv NAME=TABLE.csv")
    page = arguments[0]
    tables = {name: read_csv(path, "a table of claims", NEEDED, digest_needed=False) for name, path in named.items()}
    write_text(Path(page), side_by_side(tables))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OneLineError, DamagedFile, OSError) as error:
        sys.exit(f"error: {error}")

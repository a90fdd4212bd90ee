"""What holds on natural images, what on digits: the claims of two presets of the gallery in one table.

python docs/side_by_side.py     # writes docs/gallery/side_by_side.md
"""

from pathlib import Path

import pandas as pd

GALLERY = Path(__file__).parent / "gallery"
PRESETS = {"cifar10_cpu": "natural images", "digits": "digits"}
VERDICTS = ["confirmed", "contradicted", "undecided", "not measured"]
HEAD = """# The paper's claims on natural images and on digits

Made by `python docs/side_by_side.py` from the tables of claims of both presets, [natural images](cifar10_cpu/paper_against_ours.csv)
(CIFAR-10 at 16 pixels) and [digits](digits_paper_against_ours.csv) (8 pixels). Each verdict is the sure one: all of a preset's
claims together are wrong with a risk of at most 5 %. A verdict in brackets is the likely one, where it differs: of those, 5 % are
expected to be wrong. Intervals are those that decide the verdict, and n is the number of networks in the smallest population.
"""


def both_presets(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per claim that each of `tables` (preset to its paper_against_ours) has, columns by preset."""
    first, second = (table.set_index("name") for table in tables.values())
    return first.join(second, how="inner", lsuffix="_first", rsuffix="_second")


def answer(row: pd.Series, side: str) -> str:
    """Verdict, estimate with interval and n of one preset, or the reason for which nothing was measured."""
    verdict, likely = row[f"verdict_{side}"], row[f"likely_{side}"]
    if verdict == "not measured":
        return verdict
    text = verdict if likely == verdict or pd.isna(likely) else f"{verdict} ({likely})"
    if pd.notna(row[f"estimate_{side}"]):
        text += f": {row[f'estimate_{side}']:.2g}"
    if pd.notna(row[f"low_{side}"]):
        text += f" [{row[f'low_{side}']:.2g}, {row[f'high_{side}']:.2g}]"
    return text + f", n {row[f'n_{side}']:.0f}"


def counts(claims: pd.DataFrame) -> list[str]:
    """How many claims have each pair of verdicts: rows natural images, columns digits."""
    table = pd.crosstab(claims["verdict_first"], claims["verdict_second"])
    table = table.reindex(index=VERDICTS, columns=VERDICTS, fill_value=0)
    first, second = PRESETS.values()
    lines = [f"| {first}, down; {second}, across | {' | '.join(VERDICTS)} |", "|---|" + "---|" * len(VERDICTS)]
    return lines + [f"| {verdict} | {' | '.join(str(n) for n in row)} |" for verdict, row in table.iterrows()]


def page(tables: dict[str, pd.DataFrame]) -> str:
    """The page in Markdown: counts by pair of verdicts, then every claim that at least one preset measured."""
    claims = both_presets(tables)
    measured = claims[(claims["verdict_first"] != "not measured") | (claims["verdict_second"] != "not measured")]
    lines = [HEAD, "## Counts", "", *counts(claims), "", "## Claims", ""]
    lines += [f"| claim | the paper | {' | '.join(PRESETS.values())} |", "|---|---|---|---|"]
    for _, row in measured.iterrows():
        cells = [row["claim_first"], str(row["published_first"]), answer(row, "first"), answer(row, "second")]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def read_tables() -> dict[str, pd.DataFrame]:
    """The committed tables of claims of both presets."""
    paths = {"cifar10_cpu": GALLERY / "cifar10_cpu/paper_against_ours.csv", "digits": GALLERY / "digits_paper_against_ours.csv"}
    return {preset: pd.read_csv(path) for preset, path in paths.items()}


if __name__ == "__main__":
    (GALLERY / "side_by_side.md").write_text(page(read_tables()), encoding="utf-8")

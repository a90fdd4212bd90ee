"""The page that sets the claims of two runs side by side."""

import pandas as pd
import pytest
from netspaces.bundles.side_by_side import main, side_by_side
from netspaces.files.safe import DamagedFile, OneLineError

MEASURED = {"estimate": 3.49, "low": 2.41, "high": 4.58, "n": "32"}
NOTHING = {"estimate": None, "low": None, "high": None, "n": None}


def table(**verdicts: tuple[str, str]) -> pd.DataFrame:
    """A table of claims: by name the sure and the likely verdict."""
    rows = [
        {"name": name, "claim": f"{name} | holds", "published": "8", "verdict": sure, "likely": likely}
        | (NOTHING if sure in ("no runs", "not measured") else MEASURED)
        for name, (sure, likely) in verdicts.items()
    ]
    return pd.DataFrame(rows)


FIRST = table(a=("confirmed", "confirmed"), b=("undecided", "confirmed"), c=("no runs", "no runs"), d=("no runs", ""))
SECOND = table(
    a=("confirmed", "confirmed"), b=("contradicted", "contradicted"), c=("not measured", ""), d=("undecided",) * 2
)


def test_each_claim_that_one_run_measured_has_both_verdicts_and_pairs_are_counted():
    lines = side_by_side({"natural": FIRST, "digits": SECOND}).splitlines()
    assert "| natural, down; digits, across | confirmed | contradicted | undecided |" in lines
    counts = ["| confirmed | 1 | 0 | 0 |", "| undecided | 0 | 1 | 0 |", "| no runs | 0 | 0 | 1 |"]
    assert [line for line in lines if line in counts] == counts
    assert "| a \\| holds | 8 | confirmed: 3.5 [2.4, 4.6], n = 32 | confirmed: 3.5 [2.4, 4.6], n = 32 |" in lines
    assert any("| undecided (likely confirmed): 3.5" in line for line in lines)
    assert lines[-1].startswith("| d ") and "| no runs | undecided: 3.5" in lines[-1]
    assert not any(line.startswith("| c ") for line in lines)


def test_exact_numbers_have_no_interval():
    exact = FIRST.assign(low=3.49, high=3.49)
    assert "confirmed: 3.5, n = 32 |" in side_by_side({"one": exact, "other": exact})


def test_the_command_writes_the_page_and_wants_two_tables(tmp_path):
    for name, claims in (("first", FIRST), ("second", SECOND)):
        claims.to_csv(tmp_path / f"{name}.csv", index=False)
    given = [f"{name}={tmp_path}/{name}.csv" for name in ("first", "second")]
    main([str(tmp_path / "page.md"), *given])
    page = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "first, down; second, across" in page and "n = 32 |" in page
    with pytest.raises(DamagedFile, match="it has no column published, expected a table of claims"):
        FIRST.drop(columns="published").to_csv(tmp_path / "other.csv", index=False)
        main([str(tmp_path / "page.md"), given[0], f"second={tmp_path}/other.csv"])
    for wrong in (given[:1], [*given, "third=x.csv"], ["first", given[1]]):
        with pytest.raises(OneLineError, match="expected PAGE NAME=TABLE.csv NAME=TABLE.csv"):
            main([str(tmp_path / "page.md"), *wrong])

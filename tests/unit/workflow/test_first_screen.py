"""The first screen of the report: claims by verdict with links, the strongest findings as a picture, what it cost."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from docutils.core import publish_parts
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.files.tables import write_csv, write_parquet
from netspaces.workflow.first_screen import first_screen
from netspaces.workflow.paths import Paths
from netspaces.workflow.strongest import picture, strongest
from netspaces.workflow.study_rules import StudyRule, study_rules

PRESENT = {"paper_against_ours.html", "claims_forest.svg", "explore.html"}
ROWS = [  # claim, estimate, low, high, range_low, range_high, verdict
    ("wide <b>", 5.0, 3.0, 8.0, 1.0, np.inf, "confirmed"),  # 2 lengths of its limit
    ("far", 9.0, 8.0, 10.0, 1.0, np.inf, "confirmed"),  # 8
    ("against", 9.0, 8.0, 10.0, 0.0, 4.0, "contradicted"),  # 5
    ("little", 2.0, 0.8, 3.2, 0.5, np.inf, "confirmed"),  # 1.25
    ("not known", 2.0, -9.0, 30.0, 1.0, np.inf, "undecided"),
    ("exact", 7.0, 7.0, 7.0, 6.0, np.inf, "confirmed"),
    ("none", np.nan, np.nan, np.nan, 0.0, 1.0, "no runs"),
]


def claims(rows=ROWS) -> pd.DataFrame:
    names = ["claim", "estimate", "low", "high", "range_low", "range_high", "verdict"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(range="≥ 1", likely_low=table["low"], likely_high=table["high"])


@pytest.fixture
def rules(tmp_path) -> dict[str, StudyRule]:
    """The rules of a run of one study, of which no file is there."""
    configuration = load({"run_studies": ["fig02_anynet_statistics"]}, CONFIG)
    return study_rules(configuration, Paths(str(tmp_path)), CONFIG.parent)


def page(text: str) -> str:
    """The page that the engine makes of the text."""
    links = "\n".join(f".. _{name}: javascript:app.showResultInfo('{name}')" for name in sorted(PRESENT))
    return publish_parts(f"{text}\n\n{links}", writer="html", settings_overrides={"halt_level": 2})["html_body"]


def test_it_says_what_was_run_found_and_paid(rules, tmp_path):
    write_csv(tmp_path / "tables" / "paper_against_ours.csv", claims())
    trained = {"status": ["finished", "diverged", "missing"], "error_min": [1.5, 90.0, None], "device": "a <cpu>"}
    table = pd.DataFrame(trained | {"seconds": [3600.0, 1800.0, None], "index": [0, 1, 2]})
    name = "AnyNetX_A-base-short"
    write_parquet(tmp_path / "populations" / f"{name}.parquet", table.assign(population=name))
    html = page(first_screen(rules, PRESENT))
    shown = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    assert "preset digits: 1 population, 2 of 3 networks trained" in shown and "8 x 8 pixels, 10 classes" in shown
    assert "4 confirmed , 1 contradicted , 1 undecided , 1 no runs , of 7" in shown
    assert f"number 0 of {name}, error 1.50 %" in shown
    assert "1.5 h of training on a &lt;cpu&gt;; 1 trainings diverged" in shown
    assert "The three strongest findings" in shown and html.count("<svg") == 3
    path = (tmp_path / "tables" / "paper_against_ours.html").as_posix()
    assert f"""href="javascript:app.showResultInfo('{path}','verdict=no%20runs')\"""" in html
    assert "'explore.html')" in html and "'claims_forest.svg')" in html


def test_what_is_not_there_is_a_plain_line(rules, tmp_path):
    html = page(first_screen(rules, PRESENT))
    assert "the table of claims is not part of this report" in html and "no network has a run yet" in html
    assert "<svg" not in html and "Cost" not in html
    assert "explore.html" not in page(first_screen(rules, ())).partition("See")[2]
    Path(tmp_path, "tables").mkdir()
    (tmp_path / "tables" / "paper_against_ours.csv").write_text("damaged\n1\n")
    assert "the table of claims is not part of this report" in first_screen(rules, PRESENT)


def test_the_strongest_findings_are_decided_and_far_from_the_end_of_their_range():
    assert strongest(claims())["claim"].tolist() == ["far", "against", "wide <b>"]
    assert strongest(claims(ROWS[4:])).empty


def test_the_picture_has_the_estimate_within_its_limits_and_the_range_where_it_is():
    html = picture(strongest(claims()))
    assert "wide &lt;b&gt;" in html and "<b>wide" not in html
    for drawing, finding in zip(html.split("<svg")[1:], strongest(claims()).itertuples(), strict=True):
        x, low, high = (float(re.search(rf'{name}="([\d.]+)"', drawing)[1]) for name in ("cx", "x1", "x2"))
        start = float(re.search(r'rect x="([\d.]+)"', drawing)[1])
        end = start + float(re.search(r'y="2" width="([\d.]+)"', drawing)[1])
        assert low < x < high
        assert (start <= x <= end) == (finding.verdict == "confirmed")

"""The story of a study of one's own in the report: its question, its figure, its tables, and what it cost."""

import base64
import re
from pathlib import Path

import pandas as pd
import pytest
from docutils.core import publish_parts
from helpers.configurations import CONFIG
from helpers.invented import study
from netspaces.configuration.loading import load
from netspaces.files.tables import write_parquet
from netspaces.tables.style import save
from netspaces.tables.summaries import comparisons, populations
from netspaces.workflow.paths import Paths
from netspaces.workflow.story import duration, own_story
from netspaces.workflow.study_rules import StudyRule, study_rules

MINE = {
    "title": "Is *it* <b>better</b>?",
    "description": "A question.. include:: /etc/hosts",
    "figure": "error_distributions",
    "panels": {"spaces": ["RegNetX", {"space": "AnyNetX_A", "label": "all `free`_"}]},
}
FILES = {"mine.svg", "mine_populations.html", "mine_comparisons.html"}


@pytest.fixture
def rules(tmp_path) -> dict[str, StudyRule]:
    """The rules of a preset with two studies of one's own; the files of one of them are there."""
    configuration = load({"studies": {"mine": MINE, "other": MINE | {"title": "Other"}}}, CONFIG)
    rules = study_rules(configuration, Paths(str(tmp_path)), CONFIG.parent)
    Path(tmp_path, "figures").mkdir()
    Path(tmp_path, "figures", "mine.png").write_bytes(bytes(range(256)) * 100)
    of = study("mine", {"spaces": ["RegNetX", "AnyNetX_A"]}, published=False, n=20)
    save(populations.make(of), tmp_path / "tables" / "mine_populations")
    save(comparisons.make(of), tmp_path / "tables" / "mine_comparisons")
    table = pd.DataFrame({"status": ["finished", "missing"], "error_min": [1.0, None], "seconds": [3600.0, None]})
    for population in rules["mine"].populations:
        write_parquet(tmp_path / "populations" / f"{population}.parquet", table.assign(population=population))
    return rules


def page(text: str) -> str:
    """The page that the engine makes of a story."""
    links = "\n".join(f".. _{name}: javascript:show()" for name in FILES)
    return publish_parts(f"{text}\n\n{links}", writer="html", settings_overrides={"halt_level": 2})["html_body"]


def test_the_story_holds_the_question_the_figure_the_tables_and_the_cost(rules):
    story = own_story(rules, FILES)
    html = page(story.text)
    assert own_story(rules, FILES | {"mine.html", "explore.html"}) == story  # the interactive pages of the same study
    assert story.alone and "<h1" in html and "Is *it* &lt;b&gt;better&lt;/b&gt;?</h1>" in html
    assert "A question.. include:: /etc/hosts" in html
    picture = re.search(r'src="data:image/png;base64,([^"]*)"', html)[1]
    assert base64.b64decode(picture, validate=True) == bytes(range(256)) * 100
    parts = ["A question", "<img", "Populations", "Comparisons", "mean a − mean b", "What it cost"]
    assert [html.index(part) for part in parts] == sorted(html.index(part) for part in parts)
    assert "4 networks, 2 of them without a run, 2.0 hours of training." in html


def test_a_report_of_other_studies_too_is_not_the_studys_alone(rules):
    story = own_story(rules, FILES | {"fig09_regnet.svg"})
    assert not story.alone and "What it cost" in story.text
    assert own_story(rules, {"fig09_regnet.svg"}) == own_story(rules, ()) and own_story(rules, ()).text == ""


def test_several_studies_are_sections_of_one_report(rules):
    story = own_story(rules, FILES | {"other.svg"})
    html = page(story.text)
    assert story.alone and html.index("Studies</h1>") < html.index("better") < html.index("Other</h1>")


@pytest.mark.parametrize("seconds, text", [(0, "0 seconds"), (5000, "83 minutes"), (36000, "10.0 hours")])
def test_durations(seconds, text):
    assert duration(seconds) == text

"""A study of one's own through the engine: it trains what it needs, and has its own tables, story and configuration."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml
from helpers.running import REPOSITORY, Workflow

TINY = yaml.safe_load((REPOSITORY / "tests" / "workflow" / "tiny.yaml").read_text())
OWN = {
    "models_per_job": 3,
    "design_spaces": {"RegNetX_wide_last": {"extends": "RegNetX", "constraints": ["width_4 >= 4 * width_1"]}},
    "studies": {
        "wide_last_stage": {
            "title": "Does a wide last stage help?",
            "description": "Channels are cheap where feature maps are small.",
            "figure": "error_distributions",
            "panels": {
                "spaces": [
                    {"space": "RegNetX", "label": "any widths"},
                    {"space": "RegNetX_wide_last", "label": "wide last stage"},
                ]
            },
        }
    },
    "claims": {
        "wide_is_better": {
            "claim": "A wide last stage lowers the mean error",
            "quantity": "mean_difference",
            "populations": ["RegNetX", "RegNetX_wide_last"],
            "range": [0, None],
        }
    },
}
STUDY = "wide_last_stage"


@pytest.fixture(scope="module")
def mine(tmp_path_factory) -> tuple[Workflow, Path]:
    """A finished run of the study, and its file."""
    folder = tmp_path_factory.mktemp("mine")
    file = folder / "my.yaml"
    file.write_text(yaml.safe_dump(TINY | OWN, sort_keys=False))
    workflow = Workflow(folder)
    plan = workflow.run("plan", "--config", f"run_studies=[{STUDY}]", config=file).stdout
    assert re.search(r"total +6 +0 +6", plan) and not list(folder.glob("results/digits/runs/*.json"))
    workflow.run(STUDY, config=file)
    return workflow, file


def test_only_the_networks_of_the_study_are_trained_and_its_tables_are_its_own(mine):
    workflow, _ = mine
    results = workflow.folder / "results" / "digits"
    assert len(list((results / "runs").glob("*.json"))) == 6
    assert {path.stem for path in (results / "figures").glob("[!.]*")} == {STUDY}
    assert {path.stem for path in (results / "tables").glob("*.csv")} == {
        f"{STUDY}_{table}" for table in ("populations", "comparisons", "claims")
    }
    comparisons = pd.read_csv(results / "tables" / f"{STUDY}_comparisons.csv")
    assert comparisons[["a", "b", "pairs"]].to_numpy().tolist() == [["any widths", "wide last stage", 1]]
    assert comparisons["p_mean"].equals(comparisons["p_mean_corrected"])
    claims = pd.read_csv(results / "tables" / f"{STUDY}_claims.csv")
    assert claims[["name", "claims"]].to_numpy().tolist() == [["wide_is_better", 1]]


def test_the_report_of_the_study_opens_with_its_story(mine):
    workflow, file = mine
    workflow.run(STUDY, "--report", "report.html", config=file)
    page = (workflow.folder / "report.html").read_text(encoding="utf-8")
    story = page[page.index('id="workflow-desc"') :]
    parts = ["Does a wide last stage help?", "Channels are cheap", "<img", "Comparisons", "Claims", "What it cost"]
    places = [story.replace(r"\u003c", "<").index(part) for part in parts]
    assert places == sorted(places) and "One skeleton" not in story and "6 networks" in story


def test_the_resolved_configuration_plans_nothing_again(mine):
    workflow, _ = mine
    resolved = workflow.folder / "results" / "digits" / "configuration.yaml"
    assert "Nothing to be done" in workflow.run("-n", STUDY, config=resolved).stdout


def test_a_study_without_its_file_is_not_known_and_one_that_is_misspelt_is_suggested(mine):
    workflow, file = mine
    said = workflow.run("-n", "wide_last_stag", config=file, check=False).stdout
    assert "error: wide_last_stag: no study, chapter or rule" in said and f"did you mean '{STUDY}'?" in said
    unknown = workflow.run("-n", STUDY, check=False).stdout
    assert "--configfile with the file that declares it" in unknown and "Missing" not in unknown + said

"""A population drawn in two phases through the engine: its networks are trained, and those of its pilot are not."""

import pandas as pd
import pytest
import yaml
from helpers.running import REPOSITORY, Workflow

TINY = yaml.safe_load((REPOSITORY / "tests" / "workflow" / "tiny.yaml").read_text())
STRATA = [{"from": 5, "free": 6, "indices": [9, 4]}, {"from": 50, "free": 2, "indices": [3, 6]}]


def test_the_networks_that_are_named_are_trained_once_and_weighed(tmp_path):
    file = tmp_path / "my.yaml"
    more = {"models_per_job": 4, "run_studies": ["fig17_resnet_comparison"]}
    file.write_text(yaml.safe_dump(TINY | more | {"two_phase": {"RegNetX-base-short": STRATA}}))
    workflow = Workflow(tmp_path)
    targets = ("two_phase", "two_phase_comparisons", "two_phase_claims", "two_phase_distributions")
    workflow.run(*targets, config=file)
    results = tmp_path / "results" / "digits"
    assert [path.stem for path in (results / "populations").glob("*.csv")] == ["RegNetX-base-short-two_phase"]
    table = pd.read_csv(results / "populations" / "RegNetX-base-short-two_phase.csv")
    assert table["index"].tolist() == [3, 4, 6, 9] and set(table["status"]) == {"finished"}
    assert len(list((results / "runs").glob("*.json"))) == 4
    means = table.groupby("stratum")["error_min"].mean()
    row = pd.read_csv(results / "tables" / "two_phase.csv").iloc[0]
    assert abs(row["mean"] - (0.75 * means[1] + 0.25 * means[2])) < 1e-6 and row["strata"] == "2 of 6, 2 of 2"
    assert "makes no pair" in (results / "tables" / "two_phase_comparisons.md").read_text()
    claims = pd.read_csv(results / "tables" / "two_phase_claims.csv").set_index("name")
    assert claims.loc["regnet_beats_a", ["populations", "n"]].tolist() == ["RegNetX-base-short-two_phase", "4, 0"]
    drawn = pd.read_csv(results / "figures" / "two_phase_distributions.csv").query("kind == 'summary'").iloc[0]
    assert drawn["mean"] == pytest.approx(row["mean"]) and drawn["n"] == 4
    assert workflow.jobs(*targets, config=file) == {}
    assert "\n4 of 4 runs" in workflow.run("failures", config=file).stdout
    workflow.run("plan", config=file)
    planned = pd.read_csv(results / "plan.csv").set_index("population").loc["RegNetX-base-short-two_phase"]
    assert planned[["networks", "trained", "to_train"]].tolist() == [4, 4, 0]

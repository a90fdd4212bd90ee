"""Drawing in two phases: from the predictions of a run to the file that names networks, and to the table."""

from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pandas as pd
import pytest
import yaml
from helpers.small_spaces import CONFIG, DIGITS
from helpers.with_untrained import TRAINED, UNTRAINED, small_study, true_mean
from netspaces.files.tables import write_parquet
from netspaces.populations.strata import with_strata
from netspaces.populations.table import write_population
from netspaces.spaces.sampling import sample
from netspaces.statistics.cross_fitting import cross_fit
from netspaces.studies import regression
from netspaces.studies.study import load_study
from netspaces.tables.style import save
from netspaces.tables.summaries import two_phase as table
from netspaces.workflow import two_phase as module
from netspaces.workflow.paths import Paths
from netspaces.workflow.study_rules import StudyRule
from netspaces.workflow.two_phase import main
from sklearn.linear_model import Ridge

TYPED = ["--configfile", "digits.yaml", "--populations", "RegNetX"]
PATHS = Paths("results/digits")


@cache
def predictions() -> pd.DataFrame:
    """Those of a small study, by a model that is quicker than trees."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regression, "cross_fit", partial(cross_fit, model=Ridge))
        return regression.predictions_of(small_study())


@pytest.fixture
def runs(tmp_path, monkeypatch) -> list[list[str]]:
    """The targets with which the engine was started; errors fall with depth, and no network is trained."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "load", lambda given, folder, files: DIGITS)
    started: list[list[str]] = []

    def run(files, profile, targets):
        started.append(targets)
        if targets == [PATHS.predictions("all-figures")]:
            write_parquet(targets[0], predictions())
            return
        strata = yaml.safe_load(Path(files[-1]).read_text())
        rule = StudyRule("two_phase", replace(DIGITS, settings=DIGITS.settings | strata), PATHS, CONFIG.parent)
        for name in rule.populations:
            of = rule.configuration.populations[name]
            drawn = pd.DataFrame(sample(of.definition, of.regime, of.seed, of.indices).columns())
            trained = drawn.assign(population=name, status="finished", error_min=40 / (1 + drawn["depth"]) ** 0.5)
            write_population(with_strata(trained, of.strata), *PATHS.populations([name], ("parquet", "csv")))
        tables = dict(zip(rule.populations, PATHS.populations(rule.populations), strict=True))
        save(table.make(load_study(rule.params, tables)), targets[0].removesuffix(".html"))

    monkeypatch.setattr(module, "run_engine", run)
    return started


def test_networks_are_chosen_by_predicted_error_trained_and_weighed(runs, capsys):
    main([*TYPED, "--networks", "24"])
    (strata,) = yaml.safe_load(Path("results/digits/two_phase/sample.yaml").read_text())["two_phase"].values()
    indices = [index for stratum in strata for index in stratum["indices"]]
    assert len(set(indices)) == 24 and TRAINED <= min(indices) <= max(indices) < TRAINED + UNTRAINED
    assert len(strata) == 3 and sum(stratum["free"] for stratum in strata) == UNTRAINED
    design = pd.read_csv("results/digits/two_phase/design.csv")
    assert design["networks"].tolist() == [len(stratum["indices"]) for stratum in strata]
    assert design["probability"].tolist() == pytest.approx((design["networks"] / design["free"]).tolist())
    row = pd.read_csv("results/digits/tables/two_phase.csv").iloc[0]
    assert row["population"] == "RegNetX-base-short-two_phase" and row["n"] == 24
    assert row["low"] < true_mean("RegNetX") < row["high"] and row["gain"] > 2
    made = PATHS.studies("table", ["two_phase", "two_phase_comparisons", "two_phase_claims"])
    made += PATHS.studies("figure", ["two_phase_distributions"])
    assert runs == [[PATHS.predictions("all-figures")], made]
    files = {path: path.read_bytes() for path in Path("results/digits/two_phase").iterdir()}
    main([*TYPED, "--networks", "24", "--only-design"])
    assert {path: path.read_bytes() for path in files} == files
    assert runs[2:] == [[PATHS.predictions("all-figures")]]  # a design trains nothing
    said = capsys.readouterr().out
    assert "24 to train" in said and "RegNetX-base-short-two_phase: mean error " in said


@pytest.mark.parametrize(
    "typed, expected",
    [
        (["--networks", "5"], "--networks: got 5 for 3 strata, expected 2 per stratum or more"),
        (["--networks", "201"], "--networks: got 201 for 3 strata, expected 2 per stratum to 200"),
        (
            ["--networks", "10", "--populations", "RegNetZ"],
            "--populations: got 'RegNetZ', expected a population of run",
        ),
        (["--networks", "10", "--populations", "RegNetV"], "--populations: nothing is predicted of RegNetV-base-short"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(runs, typed, expected):
    with pytest.raises(SystemExit) as refused:
        main([*TYPED, *typed])
    assert str(refused.value).startswith(f"error: {expected}") and "\n" not in str(refused.value)

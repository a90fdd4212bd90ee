"""Growing until decided: which populations grow, when it ends, and what is refused before anything is trained."""

from functools import partial
from pathlib import Path

import pytest
import yaml
from helpers.configurations import CONFIG
from helpers.with_untrained import curve, true_mean, untrained
from netspaces.configuration.loading import load
from netspaces.files.tables import write_parquet
from netspaces.populations.table import write_population
from netspaces.statistics.cross_fitting import cross_fit
from netspaces.statistics.sequential import pocock_level
from netspaces.studies import regression
from netspaces.studies.claims.claim import CONFIRMED, UNDECIDED
from netspaces.workflow import decide as module
from netspaces.workflow.decide import Growth, _look, _rule, _sentence, decide, main
from netspaces.workflow.paths import Paths
from sklearn.linear_model import Ridge

FILES = ("parquet", "csv")
DIGITS = str(Path(__file__).parents[3] / "config" / "presets" / "digits.yaml")
SPACES_OF = {"regnet_beats_e": ["AnyNetX_E", "RegNetX"], "equal_widths": ["AnyNetX_C_equal_widths", "AnyNetX_C"]}


@pytest.fixture
def runs(tmp_path, monkeypatch) -> list[dict]:
    """The sizes with which the engine was started; no network is trained."""
    monkeypatch.chdir(tmp_path)
    started: list[dict] = []

    def run(growth, overlay, targets):
        sizes = yaml.safe_load(overlay.read_text())["population_sizes"]
        tables, untrained = ([t for t in targets if f"/{kind}/" in t] for kind in ("populations", "untrained"))
        assert {Path(table).stem for table in tables} == set(sizes) and len(tables) + len(untrained) == len(targets)
        assert {f"{Path(path).stem}-short" for path in untrained} == set(sizes)
        started.append(sizes)

    monkeypatch.setattr(module, "_run_engine", run)
    monkeypatch.setattr(module, "_hours_left", lambda configuration, names, paths: 1.0)
    return started


def verdicts(monkeypatch, decided_at: dict[str, int]) -> list[float]:
    """Have claims decided from some look on; returns the levels at which it was looked."""
    levels: list[float] = []

    def look(rule, undecided, level):
        levels.append(level)
        size = max(rule.configuration.size_of(f"{SPACES_OF[claim][0]}-base-short") for claim in undecided)
        kinds = {claim: CONFIRMED if size >= decided_at[claim] else UNDECIDED for claim in undecided}
        found = {"estimate": 1.0, "low": 0.0, "high": 2.0, "decides": "plain"}
        return [{"claim": claim, **found, "verdict": kind} for claim, kind in kinds.items()]

    monkeypatch.setattr(module, "_look", look)
    return levels


def test_populations_of_undecided_claims_double_and_those_of_decided_ones_stay(runs, monkeypatch, capsys):
    levels = verdicts(monkeypatch, {"regnet_beats_e": 64, "equal_widths": 128})
    table = decide(Growth([DIGITS], list(SPACES_OF), hours=100))
    names = {claim: [f"{space}-base-short" for space in spaces] for claim, spaces in SPACES_OF.items()}
    for look, (e, c) in enumerate([(32, 32), (64, 64), (64, 128)]):
        expected = dict.fromkeys(names["regnet_beats_e"], e) | dict.fromkeys(names["equal_widths"], c)
        assert runs[look] == expected
    assert len(runs) == 3 and "all claims are decided; undecided: none" in capsys.readouterr().out
    assert set(levels) == {pocock_level([32, 64, 128, 256, 512])}
    assert table["claim"].tolist() == ["regnet_beats_e", "equal_widths"] * 2 + ["equal_widths"]
    assert Path("results/digits/decide/looks.csv").read_text().count("\n") == 6


def test_a_look_is_at_the_means_that_decide_elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(regression, "cross_fit", partial(cross_fit, model=Ridge))  # quicker than trees
    configuration = load({"run_studies": "all"}, CONFIG, [DIGITS])
    rule = _rule(configuration, ["regnet_beats_e"], Paths(str(tmp_path)))
    for space in SPACES_OF["regnet_beats_e"]:
        of = curve(space)
        write_population(of.table.assign(population=of.population), *rule.paths.populations([of.population], FILES))
        write_parquet(rule.untrained[of.population], untrained(space))
    (found,) = _look(rule, ["regnet_beats_e"], 0.99)
    assert found["decides"] == "regression"
    assert found["low"] < true_mean("AnyNetX_E") - true_mean("RegNetX") < found["high"]
    assert "] (regression estimate), " in _sentence(found)
    assert "], " in _sentence(found | {"decides": "plain"})


def test_it_ends_before_a_look_that_would_pass_the_budget_and_after_the_last_one(runs, monkeypatch, capsys):
    verdicts(monkeypatch, dict.fromkeys(SPACES_OF, 10_000))
    decide(Growth([DIGITS], ["regnet_beats_e"], hours=0.5))
    assert runs == [] and "look 1 would take about 1.00 hours" in capsys.readouterr().out
    decide(Growth([DIGITS], ["regnet_beats_e"], hours=5, looks=2))
    assert len(runs) == 2 and "all looks are used up; undecided: regnet_beats_e" in capsys.readouterr().out


@pytest.mark.parametrize(
    "claim, expected",
    [
        ("regnet_beats_f", "expected the name of a claim"),
        ("v2_resnet_101", "a claim that more networks decide: it speaks of no populations"),
    ],
)
def test_claims_that_no_network_decides_are_refused_in_one_line(runs, claim, expected):
    with pytest.raises(SystemExit, match=rf"^error: --until: got '{claim}', .*{expected}.*$"):
        main(["--configfile", DIGITS, "--until", claim, "--hours", "1"])
    assert runs == []


@pytest.mark.parametrize("wrong", [["--hours", "0"], ["--hours", "nan"], ["--hours", "1", "--looks", "0"]])
def test_numbers_that_are_not_above_0_are_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        main(["--configfile", DIGITS, "--until", "order", *wrong])
    assert "expected numbers above 0" in capsys.readouterr().err

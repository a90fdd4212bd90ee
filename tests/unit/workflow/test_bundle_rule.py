"""The rule of a bundle: it packs all that the default target makes, and knows what it was made with."""

import json
from pathlib import Path

import yaml
from helpers.configurations import CONFIG
from netspaces.configuration.loading import load
from netspaces.configuration.yaml_files import plain_yaml
from netspaces.workflow.bundle_rule import BundleRule
from netspaces.workflow.paths import Paths
from netspaces.workflow.study_rules import SUMMARIES, files_of, study_rules

ROOT = CONFIG.parent
IMPORTED = {
    "imported": {"Theirs": {"format": "bundle", "file": "theirs.zip", "population": "RegNetX-base-short"}},
    "studies": {
        "theirs": {
            "title": "Theirs",
            "figure": "error_distributions",
            "panels": {"spaces": ["RegNetX", {"imported": "Theirs"}]},
        }
    },
}


def rule_of(**settings) -> BundleRule:
    configuration = load(settings, CONFIG)
    paths = Paths("results/digits")
    return BundleRule(configuration, paths, ROOT, study_rules(configuration, paths, ROOT))


def test_it_packs_what_the_default_target_makes_and_what_that_rests_on():
    rule = rule_of()
    assert set(rule.files) == set(files_of([*rule.configuration.run_studies, *SUMMARIES], rule.rules))
    whole = rule_of(run_studies="all")
    measured = set(whole.files) - set(files_of([*whole.configuration.run_studies, *SUMMARIES], whole.rules))
    folders = {Path(file).relative_to("results/digits").parts[0] for file in measured}
    assert {"finals", "times", "times_by_setting", "limits.json"} <= folders
    assert len(whole.files) == len(set(whole.files))


def test_imported_populations_have_no_runs_of_ours():
    rule = rule_of(**IMPORTED, run_studies=["theirs"])
    assert rule.configuration.run_populations == ["RegNetX-base-short", "Theirs-imported-bundle"]
    assert rule.own == ["RegNetX-base-short"]


def test_it_is_told_all_settings_and_what_is_stated():
    rule = rule_of(bundle={"licence": "CC-BY-4.0", "published": "2026-11-30"})
    told = rule.told
    assert told["preset"] == "digits" and told["stated"] == {"licence": "CC-BY-4.0", "published": "2026-11-30"}
    assert told["titles"]["fig02_anynet_statistics"] == rule.rules["fig02_anynet_statistics"].title
    assert yaml.safe_load(plain_yaml(told["configuration"])) == json.loads(json.dumps(told["configuration"]))
    again = load(told["configuration"], CONFIG)
    assert again.populations == rule.configuration.populations


def test_the_files_of_the_repository_are_there():
    rule = rule_of()
    assert all(Path(file).is_file() for file in (*rule.environment, rule.dictionary))
    assert {Path(file).name for file in rule.environment} >= {"requirements.txt", "analysis.yaml", "train.yaml"}

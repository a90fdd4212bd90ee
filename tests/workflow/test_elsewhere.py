"""The workflow used from elsewhere: from another folder, and as a module of another workflow."""

import json
from pathlib import Path

from helpers.engine import run_engine
from helpers.running import REPOSITORY, Workflow

IMPORTING = f"""
configfile: "settings.yaml"

module netspaces:
    snakefile: "{REPOSITORY}/Snakefile"
    config: config
    prefix: "lab"

use rule * from netspaces as netspaces_*

rule all:
    default_target: True
    input: "lab/results/digits/populations/AnyNetX_A-base-short.csv"
"""


def snakemake(folder: Path, *arguments: str, forked: bool = True) -> str:
    """What the engine says in a folder, in a new process or in one that has imported the workflow's modules."""
    done = run_engine("--cores", "1", *arguments, folder=folder, forked=forked)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_another_workflow_imports_it_and_all_results_lie_below_its_prefix(tmp_path):
    (tmp_path / "Snakefile").write_text(IMPORTING)
    (tmp_path / "settings.yaml").write_text("{preset: digits, population_size: 2, recipes: {short: {epochs: 1}}}\n")
    said = snakemake(tmp_path, forked=False)
    assert "training jobs: 2 of 2 done" in said
    assert {path.name for path in tmp_path.iterdir()} == {"Snakefile", "settings.yaml", "lab", ".snakemake"}
    results = tmp_path / "lab" / "results" / "digits"
    records = [json.loads(path.read_text()) for path in (results / "runs").glob("*.json")]
    assert [record["status"] for record in records] == ["finished"] * 2
    assert "Nothing to be done" in snakemake(tmp_path, "-n")
    planned = snakemake(tmp_path, "-n", "netspaces_all")
    assert "netspaces_fig02_anynet_statistics" in planned


def test_it_runs_from_any_folder(tmp_path):
    tiny = ["--configfile", str(REPOSITORY / "tests" / "workflow" / "tiny.yaml")]
    snakefile = ["--snakefile", str(REPOSITORY / "Snakefile")]
    target = "results/digits/acceptance/AnyNetX_A-base-short.json"
    snakemake(tmp_path, target, *snakefile, *tiny, forked=False)
    assert (tmp_path / target).exists()
    there = tmp_path / "there"
    planned = snakemake(tmp_path, target, *snakefile, *tiny, "--directory", str(there), "-n")
    assert "measure_acceptance" in planned
    assert Workflow(tmp_path).jobs(target) == {}

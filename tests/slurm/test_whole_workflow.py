"""`snakemake --profile slurm` from sampling to figures: the same bytes as a local run, and what it asked of SLURM."""

import pytest
from helpers.driver import Driver
from netspaces.workflow.study_rules import SUMMARIES

STUDIES = ["fig06_good_and_bad_networks", "fig09_regnet", "table01_design_spaces"]


@pytest.fixture(scope="module")
def local(cluster, tmp_path_factory) -> Driver:
    """The same on this machine."""
    driver = Driver(tmp_path_factory.mktemp("local"), run_studies=STUDIES, models_per_job=3)
    driver.run(profile="profiles/local")
    return driver


@pytest.fixture(scope="module")
def remote(cluster, tmp_path_factory) -> Driver:
    """Everything through the cluster, asking for a GPU in its partition though the device is the CPU."""
    driver = Driver(tmp_path_factory.mktemp("remote"), run_studies=STUDIES, models_per_job=3)
    driver.run("--set-resources", "train:gpu=1", "train:slurm_partition=gpu", "train:mem_mb=1700", "train:runtime=7")
    return driver


def test_figures_and_tables_are_the_same_bytes(local, remote):
    here, there = local.files("figures", "tables"), remote.files("figures", "tables")
    tables = [*SUMMARIES, *(study for study in STUDIES if study.startswith("table"))]
    figures = len(STUDIES) + len(SUMMARIES) - len(tables)
    assert set(here) == set(there) and len(here) == 4 * figures + 5 * len(tables)  # with the digest of each CSV
    assert [name for name in here if here[name] != there[name]] == []


def test_records_are_the_same(local, remote):
    assert local.records() == remote.records()


def test_only_training_is_submitted_and_its_resources_arrive(remote):
    jobs = remote.jobs()
    assert len(jobs) == len(list((remote.results / "sampled").glob("*.csv")))
    for job in jobs:
        assert job["comment"].startswith("rule_train_")
        assert job["state"] == "COMPLETED" and job["partition"] == "gpu" and job["timelimit"] == "00:07:00"
        asked = dict(part.split("=") for part in job["reqtres"].split(","))
        assert (asked["cpu"], asked["mem"], asked["gres/gpu"]) == ("1", "1700M", "1")

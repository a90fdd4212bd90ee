"""A tiny preset through the workflow, on the GPU: on this machine, and on a cluster of this machine."""

import json

import pytest
from helpers.cluster import Cluster, ClusterError
from helpers.driver import Driver
from helpers.running import Workflow

SMALL = {"models_per_job": 3, "networks_at_once": 3}
CPUS = ("x86_64", "aarch64", "arm64", "AMD64")


def test_a_figure_is_drawn_from_networks_of_this_device(tmp_path, device):
    workflow = Workflow(tmp_path)
    settings = [f"{key}={value}" for key, value in {**SMALL, "device": device}.items()]
    workflow.run("fig09_regnet", "--config", *settings)
    records = [json.loads(content) for content in workflow.files("*/runs/*.json").values()]
    assert records and all(record["status"] in ("finished", "diverged") for record in records)
    assert {record["device"].startswith(CPUS) for record in records} == {device == "cpu"}
    assert workflow.files("*/figures/fig09_regnet*")


@pytest.mark.usefixtures("on_gpu")
def test_a_cluster_gives_its_jobs_the_gpu(tmp_path):
    cluster = Cluster()
    try:
        cluster.up()
    except ClusterError as error:
        pytest.skip(f"no SLURM here: {error}")
    try:
        driver = Driver(tmp_path, run_studies=["fig09_regnet"], device="cuda", **SMALL)
        driver.run("--jobs", "1")  # the cluster has fake GPUs beside the first
        assert driver.records()
    finally:
        cluster.down()

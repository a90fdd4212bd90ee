"""How much is submitted, what is missing afterwards and why, what is refused, and a cluster without accounting."""

import json
import shutil

import pytest
from helpers.cluster import Cluster
from helpers.driver import Driver

ONE = "AnyNetX_A-base-short"
TARGET = f"results/digits/populations/{ONE}.csv"
ONCE = ["--retries", "0"]


def test_25_networks_are_5_jobs_and_the_one_that_failed_is_trained_alone(cluster, tmp_path):
    Driver(tmp_path).run(TARGET, profile="profiles/local")  # three of the networks, to know their records
    driver = Driver(tmp_path, models_per_job=5, population_size=25, run_studies=["fig02_anynet_statistics"])
    runs, shards = driver.results / "runs", sorted((driver.results / "trained" / ONE).glob("*.json"))
    network = json.loads(shards[1].read_text())["networks"][0]
    damaged = runs / f"{network['record']['key']}.json"
    damaged.write_text("{")
    aside = damaged.with_name(f"{damaged.name}.damaged")
    (aside / "full").mkdir(parents=True)  # so that the damaged record cannot be set aside

    driver.run(TARGET, *ONCE, check=False)
    assert sorted(job["state"] for job in driver.jobs()) == ["COMPLETED"] * 4 + ["FAILED"]
    assert len(driver.records(but=damaged)) == 24

    said = driver.run("failures", "--nolock").splitlines()
    assert "24 of 25 runs are done; 1 missing" in said
    failed = next(line for line in said if line.startswith(f"{ONE} {network['index']}: "))
    assert damaged.name in failed and "not JSON" in failed
    logs = failed.partition("; see ")[2].split(", ")
    assert len(logs) == 2 and all((tmp_path / log).exists() for log in logs)

    damaged.unlink()
    shutil.rmtree(aside)
    before = {path: path.stat().st_mtime_ns for path in runs.glob("*.json")}
    driver.run(TARGET, *ONCE)
    assert len(driver.jobs()) == 1
    after = {path: path.stat().st_mtime_ns for path in runs.glob("*.json")}
    assert before.items() <= after.items() and set(after) - set(before) == {damaged}


@pytest.mark.parametrize(
    "resource, expected",
    [
        ("slurm_partition=nowhere", "invalid partition specified: nowhere"),
        ("slurm_account=nobody", "The given account nobody appears to be invalid"),
        ("gres=gpu:9", "Requested node configuration is not available"),
        ("constraint=nonsense", "Invalid feature specification"),
    ],
)
def test_a_refused_request_ends_the_run_and_says_why(cluster, tmp_path, resource, expected):
    driver = Driver(tmp_path, models_per_job=3)
    said = driver.run(TARGET, *ONCE, "--set-resources", f"train:{resource}", check=False)
    assert expected in said and f"FAILED: train {ONE}" in said
    assert all(job["state"] == "FAILED" for job in driver.jobs())  # some SLURM lists, none has run


def test_the_check_of_a_cluster_shows_what_a_training_job_will_find(cluster, tmp_path):
    driver = Driver(tmp_path)
    said = driver.run("check_cluster").splitlines()
    (job,) = driver.jobs()
    assert any(line.startswith("node") and f"SLURM job {job['jobid']}" in line for line in said)
    for topic in ("python", "torch", "GPU", "scratch", "results", "dataset"):
        assert any(line.startswith(topic) for line in said), topic


def test_the_check_asks_for_the_gpu_of_a_training_job_and_fails_where_torch_sees_none(cluster, tmp_path):
    driver = Driver(tmp_path, device="cuda")
    said = driver.run("check_cluster", check=False).splitlines()
    (job,) = driver.jobs()
    assert "gres/gpu=1" in job["reqtres"]
    assert any(line.startswith("GPU") and "CUDA_VISIBLE_DEVICES 0" in line for line in said)
    (error,) = [line for line in said if line.startswith("error: ")]
    assert error.startswith("error: device is cuda, but torch sees no GPU on node")


@pytest.fixture
def no_accounting(cluster):
    """The cluster without its accounting database."""
    Cluster(accounting=False).up()
    yield
    cluster.up()


def test_a_run_needs_no_accounting(no_accounting, tmp_path):
    driver = Driver(tmp_path, models_per_job=3)
    driver.run(TARGET)
    assert list(driver.queue().values()) == ["COMPLETED"]

"""GPUs of a machine through the engine, without one: nvidia-smi is a fake, and jobs write down which GPU they see."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers.fake_gpus import fake_program, listing, uuids
from helpers.running import REPOSITORY, Workflow

# The workflow with rules of one more kind. The first job of each run kills itself when it runs first.
SNAKEFILE = f"""
include: "{REPOSITORY}/Snakefile"

rule recorded:
    output: "recorded/{{number}}"
    log: "logs/{{number}}"
    resources: gpu=GPUS
    params: events=config["description"]
    script: "record.py"
"""

# Jobs go on when three have begun: fewer at the same time would wait for ever.
RECORD = """
import os
import signal
import time
from pathlib import Path

from netspaces.workflow.jobs import job
from netspaces.workflow.one_gpu import one_gpu

def say(what):
    with open(snakemake.params.events, "a") as file:
        file.write(f"{what} {os.getcwd()} {snakemake.wildcards.number} {os.environ['CUDA_VISIBLE_DEVICES']}\\n")

with job(snakemake), one_gpu("cuda"):
    say("begins")
    while Path(snakemake.params.events).read_text().count("begins") < 3:
        time.sleep(0.05)
    output, killed = Path(snakemake.output[0]), Path("killed")
    if snakemake.wildcards.number == "0" and not killed.exists():
        killed.touch()
        say("ends")
        os.kill(os.getpid(), signal.SIGKILL)
    say("ends")
    output.touch()
"""


@pytest.fixture
def box(tmp_path, monkeypatch) -> list[str]:
    """The three GPUs of a box of eight that the user leaves to jobs."""
    gpus = uuids(8)
    monkeypatch.setenv("PATH", f"{fake_program(tmp_path / 'bin', listing(gpus))}:{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", f"1,{gpus[4]},6")
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "record.py").write_text(RECORD)
    return [gpus[1], gpus[4], gpus[6]]


def record(tmp_path: Path, run: str, jobs: int, *arguments: str) -> subprocess.CompletedProcess:
    """Some jobs of a run with a folder of its own; what they do is written down in one file."""
    (tmp_path / run).mkdir()
    return Workflow(tmp_path / run).run(
        *(f"recorded/{number}" for number in range(jobs)),
        *("--snakefile", str(tmp_path / "Snakefile"), "--cores", "8", "--retries", "1", "--quiet", "host", *arguments),
        *("--config", "device=cuda", f"description={tmp_path / 'events'}"),
    )


def replay(tmp_path: Path) -> tuple[list[set[str]], list[int]]:
    """After each event, the GPUs that are in use, and how many jobs use them in each run."""
    held: dict[tuple[str, str], str] = {}
    seen, runs = [], []
    for line in (tmp_path / "events").read_text().splitlines():
        what, folder, number, gpu = line.split()
        if what == "begins":
            held[folder, number] = gpu
        else:
            assert held.pop((folder, number)) == gpu
        seen.append(set(held.values()))
        runs.append(sum(Path(folder).name == "limited" for folder, _ in held))
        assert len(seen[-1]) == len(held), "two jobs on one GPU"
    assert not held
    return seen, runs


def test_every_visible_gpu_has_one_job_and_a_killed_one_leaves_its_gpu(tmp_path, box):
    done = record(tmp_path, "alone", 4)
    seen, _ = replay(tmp_path)
    assert set(box) in seen and len(seen) == 2 * (4 + 1)
    assert re.search(r"Provided resources: gpu=\D*3", done.stdout) and "are held by other jobs" not in done.stdout
    logs = [(tmp_path / "alone" / "logs" / str(number)).read_text() for number in range(4)]
    assert all(log.startswith("GPU ") and log.split()[-1] in box for log in logs)


def test_two_runs_on_one_machine_share_its_gpus(tmp_path, box):
    with ThreadPoolExecutor(2) as both:
        limited = both.submit(record, tmp_path, "limited", 2, "--resources", "gpu=1")
        other = both.submit(record, tmp_path, "other", 3)
    assert not limited.exception() and not other.exception()
    seen, limited_at_once = replay(tmp_path)
    assert set(box) in seen and len(seen) == 2 * (2 + 1 + 3 + 1)
    assert max(limited_at_once) == 1


def test_the_plan_knows_their_number(tmp_path, box):
    said = Workflow(tmp_path).run("plan", "--config", "device=cuda").stdout
    assert "3 GPUs at the same time, one job on each: " in said


def test_training_jobs_ask_for_a_gpu_and_for_its_part_of_the_cores(tmp_path, box):
    asked = Workflow(tmp_path).run(
        *("results/digits/populations/RegNetX-base-short.csv", "-n", "--quiet", "host", "--cores", "7"),
        *("--config", "device=cuda", "threads_per_network=4"),
    )
    jobs = [job for job in asked.stdout.split("rule ") if job.startswith("train:")]
    assert len(jobs) == 3
    assert all("gpu=1" in job and "threads: 2" in job for job in jobs)

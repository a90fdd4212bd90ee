"""GPUs are dealt to jobs: what a job was dealt is what torch sees, though torch is imported before."""

import os
import subprocess
import sys

import pytest
from helpers.configurations import CONFIG
from netspaces.workflow.gpus import visible_gpus

# Prints the variable, how many devices torch sees and the UUID of the first; holds it until its input ends
JOB = """
import os, sys, torch
from netspaces.workflow.one_gpu import one_gpu

with one_gpu("cuda"):
    torch.zeros(1, device="cuda")
    seen = torch.cuda.get_device_properties(0)
    print("sees", os.environ["CUDA_VISIBLE_DEVICES"], torch.cuda.device_count(), seen.uuid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.usefixtures("on_gpu")
def test_as_many_jobs_as_there_are_gpus_see_one_each(monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)  # which would have assigned one
    gpus = [gpu.id for gpu in visible_gpus()]
    if not all(gpu.startswith("GPU-") for gpu in gpus):
        pytest.skip("nvidia-smi does not list whole GPUs here")
    command, variables = [sys.executable, "-c", JOB], os.environ | {"PYTHONPATH": str(CONFIG.parent / "scripts")}
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    jobs = [subprocess.Popen(command, env=variables, **pipes) for _ in gpus]
    seen = [next((line for line in job.stdout if line.startswith("sees")), "").split() for job in jobs]
    for job in jobs:
        job.communicate("")
    assert {variable for _, variable, _, _ in seen} == set(gpus)
    assert all(count == "1" and variable == f"GPU-{uuid}" for _, variable, count, uuid in seen)

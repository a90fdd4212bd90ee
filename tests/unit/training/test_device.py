"""The device that trains: how much of its memory is free."""

import math
import sys
from pathlib import Path

import pytest
import torch
from netspaces.training.device import fits, free_memory, set_up_device

CPU = torch.device("cpu")


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of the host is read from /proc")
def test_free_memory_is_that_of_the_host_or_less():
    total = 1024 * int(Path("/proc/meminfo").read_text().split()[1])
    assert 0 < free_memory(CPU) <= total


def test_what_fits_depends_on_the_share_of_free_memory():
    free = free_memory(CPU)
    assert fits([free, free], math.inf, CPU) and not fits([1], 0.0, CPU)


@pytest.mark.skipif(not torch.backends.mps.is_available(), reason="there is no GPU of Apple's (mps)")
def test_apples_gpus_lack_what_the_configuration_refuses_them_for():
    """If this fails, `device: mps` may be tried (config/schemas/config.schema.yaml)."""
    with pytest.raises(TypeError, match="float64"):
        torch.zeros((), dtype=torch.float64, device="mps")


@pytest.mark.parametrize("cuda, why", [("12.9", "finds no GPU here"), (None, "is built for CPUs")])
def test_why_there_is_no_gpu_is_said(monkeypatch, cuda, why):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.version, "hip", None)
    for variable in ("CUBLAS_WORKSPACE_CONFIG", "CUDA_DEVICE_MAX_CONNECTIONS"):  # which it sets, not for other tests
        monkeypatch.setenv(variable, "")
    with pytest.raises(ValueError, match=f"device is cuda, but torch \\S+ {why}; expected .*, or device: cpu$"):
        set_up_device("cuda")

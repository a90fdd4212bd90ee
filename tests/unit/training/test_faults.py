"""Faults of a device are told by what torch says of them."""

import pytest
import torch
from netspaces.training.faults import is_device_lost, is_out_of_memory

SHORT = [  # as torch and its libraries word them
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    RuntimeError("GET was unable to find an engine to execute this computation"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    torch.AcceleratorError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
]
LOST = [
    torch.AcceleratorError("CUDA error: an illegal memory access was encountered"),
    RuntimeError("CUDA error: device-side assert triggered"),
    RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
]
OTHER = [ValueError("out of memory"), RuntimeError("shape mismatch"), OSError(28, "No space left on device"), None]


def caused_by(error: Exception) -> Exception:
    try:
        raise ValueError("checkpoint") from error
    except ValueError as raised:
        return raised


@pytest.mark.parametrize("error", SHORT, ids=str)
def test_memory_that_is_short(error):
    assert is_out_of_memory(error) and is_out_of_memory(caused_by(error)) and not is_device_lost(error)


@pytest.mark.parametrize("error", LOST, ids=str)
def test_a_device_that_is_lost(error):
    assert is_device_lost(error) and is_device_lost(caused_by(error)) and not is_out_of_memory(error)


@pytest.mark.parametrize("error", OTHER, ids=str)
def test_anything_else_is_neither(error):
    assert not is_out_of_memory(error) and not is_device_lost(error)

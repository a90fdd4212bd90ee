"""Faults of a device, as torch reports them: memory that is short, and a context that is lost."""

import torch

from netspaces.files.safe import OneLineError

SHORT_OF_MEMORY = (
    "out of memory",  # of the allocator, of the driver when a context is made, and of a host that pins memory
    "unable to find an engine to execute this computation",  # cuDNN, when the workspace of no engine fits
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED",
)
LOST = ("CUDA error", "HIP error", "CUDNN_STATUS_EXECUTION_FAILED", "CUBLAS_STATUS_EXECUTION_FAILED")


class DoesNotFit(OneLineError):
    """A training that a device's memory did not hold beside others, and which is to be tried alone and later."""

    def __init__(self, key: str, error: Exception) -> None:
        super().__init__(f"run {key}: {f'{type(error).__name__}: {error}'.splitlines()[0]}")


def is_out_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, says that a device's memory did not hold something.

    torch has a type for its own allocator only: cuDNN and cuBLAS say it in the text of a RuntimeError.
    """
    while error is not None:
        if isinstance(error, torch.OutOfMemoryError):
            return True
        if isinstance(error, RuntimeError) and any(text in str(error) for text in SHORT_OF_MEMORY):
            return True
        error = error.__cause__
    return False


def is_device_lost(error: BaseException | None) -> bool:
    """Whether every later call of this process to the device will fail too, as after an access to foreign memory."""
    while error is not None:
        known = isinstance(error, torch.AcceleratorError)
        if (known or (isinstance(error, RuntimeError) and any(text in str(error) for text in LOST))) and not (
            is_out_of_memory(error)
        ):
            return True
        error = error.__cause__
    return False

"""Importing torchvision beside a torch that its compiled operators were not built for.

PyPI's torchvision is built for the CUDA build of torch. Beside a CPU build its library of operators cannot be loaded,
and then the import itself fails, because torchvision registers a second implementation for operators that were never
declared: "operator torchvision::nms does not exist". Declaring those two operators is enough for all that is pure
Python: models, transforms, readers of data sets. The compiled operators themselves (detection, `torchvision.io`'s image
codecs) stay absent.
"""

import importlib
import sys
from types import ModuleType

OPERATORS = ("nms", "qnms")
SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"

_library = None  # declarations last as long as the object that made them


def import_torchvision() -> ModuleType:
    """The torchvision package, with what its import misses declared only if the plain import fails for want of it."""
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if not any(f"operator torchvision::{name} does not exist" in str(error) for name in OPERATORS):
            raise
    _declare_operators()
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]  # the failed import leaves submodules behind, half initialised
    return importlib.import_module("torchvision")


def _declare_operators() -> None:
    global _library
    import torch

    _library = _library or torch.library.Library("torchvision", "FRAGMENT")
    for name in OPERATORS:
        if not hasattr(torch.ops.torchvision, name):
            _library.define(name + SCHEMA)

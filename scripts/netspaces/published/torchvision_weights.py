"""Torchvision's RegNets, ResNets and ResNeXts in our terms: their architectures, their weights under our module names.

The modules are the same, one for one, so that converting a state dict only renames its keys:

    network = build(torchvision_architecture("regnet_y_400mf"))
    network.load_state_dict(from_torchvision(torchvision.models.regnet_y_400mf(weights="DEFAULT").state_dict()))

Its EfficientNets are others than ours: stochastic depth, and batch norm with another epsilon in the larger ones.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from netspaces.files.suggestions import one_of
from netspaces.networks.architecture import Architecture
from netspaces.networks.widths import regnet

# name: (d, w_0, w_a, w_m, g, SE ratio); all but regnet_y_128gf are models of the paper's appendix tables
PARAMETERS = {
    "regnet_x_400mf": (22, 24, 24.48, 2.54, 16, 0.0),
    "regnet_x_800mf": (16, 56, 35.73, 2.28, 16, 0.0),
    "regnet_x_1_6gf": (18, 80, 34.01, 2.25, 24, 0.0),
    "regnet_x_3_2gf": (25, 88, 26.31, 2.25, 48, 0.0),
    "regnet_x_8gf": (23, 80, 49.56, 2.88, 120, 0.0),
    "regnet_x_16gf": (22, 216, 55.59, 2.1, 128, 0.0),
    "regnet_x_32gf": (23, 320, 69.86, 2.0, 168, 0.0),
    "regnet_y_400mf": (16, 48, 27.89, 2.09, 8, 0.25),
    "regnet_y_800mf": (14, 56, 38.84, 2.4, 16, 0.25),
    "regnet_y_1_6gf": (27, 48, 20.71, 2.65, 24, 0.25),
    "regnet_y_3_2gf": (21, 80, 42.63, 2.66, 24, 0.25),
    "regnet_y_8gf": (17, 192, 76.82, 2.19, 56, 0.25),
    "regnet_y_16gf": (18, 200, 106.23, 2.48, 112, 0.25),
    "regnet_y_32gf": (20, 232, 115.89, 2.53, 232, 0.25),
    "regnet_y_128gf": (27, 456, 160.83, 2.52, 264, 0.25),
}

SIZES = {
    "400MF": "400mf",
    "800MF": "800mf",
    "1.6GF": "1_6gf",
    "3.2GF": "3_2gf",
    "8.0GF": "8gf",
    "16GF": "16gf",
    "32GF": "32gf",
}
NAMES = {
    **{f"RegNet{x.upper()}-{size}": f"regnet_{x}_{name}" for x in "xy" for size, name in SIZES.items()},
    **{f"ResNet-{depth}": f"resnet{depth}" for depth in (50, 101, 152)},
    "ResNeXt-50": "resnext50_32x4d",
    **{f"EfficientNet-B{i}": f"efficientnet_b{i}" for i in range(6)},
}
"""Torchvision's function for each published model of which it has weights. Its deeper ResNeXts are other networks."""

WIDER = ("RegNetX-400MF", "RegNetY-800MF", "RegNetY-8.0GF")
"""The models that torchvision makes a little wider than the paper's (`torchvision_architecture`)."""

IMAGE_SETS = ("imagenet", "imagenetv2")
"""The sets of images on which weights may be evaluated: keys of the configuration's `evaluation`."""

REGNET_BLOCK = re.compile(r"trunk_output\.block(\d+)\.block\1-(\d+)\.(proj|f\.a|f\.b|f\.c|f\.se\.fc1|f\.se\.fc2)\.(.+)")
REGNET_PARTS = {
    "proj": "projection",
    "f.a": "reduce",
    "f.b": "conv",
    "f.c": "expand",
    "f.se.fc1": "se.squeeze",
    "f.se.fc2": "se.excite",
}
RESNET_BLOCK = re.compile(r"layer(\d)\.(\d+)\.(conv1|bn1|conv2|bn2|conv3|bn3|downsample\.0|downsample\.1)\.(.+)")
RESNET_PARTS = {
    "conv1": "reduce.0",
    "bn1": "reduce.1",
    "conv2": "conv.0",
    "bn2": "conv.1",
    "conv3": "expand.0",
    "bn3": "expand.1",
    "downsample.0": "projection.0",
    "downsample.1": "projection.1",
}
RESNET_STEM = {"conv1": "stem.0", "bn1": "stem.1"}
Value = TypeVar("Value")


def torchvision_architecture(name: str) -> Architecture:
    """The architecture of a torchvision RegNet, by its function's name; raises ValueError if there is none.

    Torchvision makes widths and groups compatible in its own way, half up and never more than a tenth down, so that
    three of its models are wider than those of the paper: regnet_x_400mf, regnet_y_800mf and regnet_y_8gf.
    """
    if name not in PARAMETERS:
        raise ValueError(f"torchvision: no RegNet is called {name!r}, expected {one_of(name, PARAMETERS)}")
    depth, w_0, w_a, w_m, group_width, se_ratio = PARAMETERS[name]
    linear = regnet(depth, w_0, w_a, w_m, group_width=1, se_ratio=se_ratio)  # one channel a group: nothing to adjust
    group_widths = tuple(min(group_width, width) for width in linear.widths)
    widths = tuple(_nearest_multiple(width, g) for width, g in zip(linear.widths, group_widths, strict=True))
    return replace(linear, widths=widths, group_widths=group_widths)


def recipe_of(model: str, version: str) -> str:
    """How torchvision trained the weights of a published model, in words: its first ones had several recipes."""
    if version != "IMAGENET1K_V1":
        return "torchvision's new recipe"
    if model.startswith("RegNet"):
        return "100 epochs, cosine"
    return "90 epochs, steps" if model.startswith("ResNe") else "torchvision's port of others' weights"


def _nearest_multiple(width: int, group_width: int) -> int:
    nearest = (width + group_width // 2) // group_width * group_width
    return nearest if nearest >= 0.9 * width else nearest + group_width


def from_torchvision(state_dict: Mapping[str, Value]) -> dict[str, Value]:
    """The same values under our names; raises ValueError naming the keys that none of the converted networks has."""
    renamed = {key: _rename(key) for key in state_dict}
    if unexpected := [key for key, ours in renamed.items() if ours is None]:
        raise ValueError(f"torchvision: state dict has keys that no RegNet or ResNet has: {', '.join(unexpected)}")
    return {ours: state_dict[key] for key, ours in renamed.items() if ours is not None}


def _rename(key: str) -> str | None:
    """Our name for a key of torchvision's RegNets, ResNets and ResNeXts, None if it is none of them."""
    for pattern, parts in ((REGNET_BLOCK, REGNET_PARTS), (RESNET_BLOCK, RESNET_PARTS)):
        if match := pattern.fullmatch(key):
            stage, block, part, rest = match.groups()
            return f"stages.{int(stage) - 1}.{block}.{parts[part]}.{rest}"
    module, _, rest = key.partition(".")
    if module in RESNET_STEM:
        return f"{RESNET_STEM[module]}.{rest}"
    if module == "fc":
        return f"head.{rest}"
    return key if module == "stem" else None

"""Names of the authors' code (pycls) for blocks and stems, in our terms.

Both the published models and imported populations come with these names, so that this is the only place that
translates them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class AuthorsBlock:
    """One block of the authors: it equals `count` of our blocks `block` in a row; `block` is None if none is like it.

    Where `count` is more than one, the first of our blocks carries the stride.
    """

    block: str | None
    count: int = 1


AUTHORS_BLOCKS = {
    "res_bottleneck_block": AuthorsBlock("x"),
    "vanilla_block": AuthorsBlock("v", count=2),  # two 3x3 convolutions, each with batch norm and activation
    "mbconv": AuthorsBlock("mb"),
    "res_basic_block": AuthorsBlock(None),  # two 3x3 convolutions around one shortcut
    "res_bottleneck_linear_block": AuthorsBlock(None),  # a bottleneck without projection and last activation
}

AUTHORS_STEMS = {
    "simple_stem_in": "simple",
    "effnet_stem_in": "simple",
    "res_stem_in": "resnet",
    "res_stem_cifar": "cifar",
}

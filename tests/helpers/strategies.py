"""Architectures to test with: random ones, and the published ones with their exact complexity."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from netspaces.networks.architecture import Architecture
from netspaces.networks.blocks import BLOCKS
from netspaces.networks.compatibility import make_compatible
from netspaces.networks.layers import ACTIVATIONS
from netspaces.networks.stems import STEMS
from netspaces.published.models import Published, published_models

PUBLISHED = Path(__file__).parents[2] / "config" / "published" / "models.csv"


@st.composite
def architectures(draw, blocks=tuple(BLOCKS), stems=tuple(STEMS), max_stages=5, max_depth=3) -> Architecture:
    """Random compatible architectures, small enough to build and run in milliseconds."""
    block = draw(st.sampled_from(blocks))
    stages = draw(st.integers(1, max_stages))

    def per_stage(values) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=stages, max_size=stages)))

    widths, bottlenecks, group_widths = make_compatible(
        per_stage(st.integers(1, 24)),
        per_stage(st.sampled_from([1 / 6, 0.25, 1.0] if block == "mb" else [0.25, 0.5, 1.0, 2.0, 4.0])),
        per_stage(st.integers(1, 16)),
        block,
    )
    return Architecture(
        block=block,
        stem=draw(st.sampled_from(stems)),
        stem_width=draw(st.integers(1, 16)),
        resolution=draw(st.integers(5, 33)),
        se_ratio=0.0 if block in ("v", "vr") else draw(st.sampled_from([0.0, 0.25, 0.5])),
        depths=tuple(per_stage(st.integers(1, max_depth)).tolist()),
        widths=tuple(widths.tolist()),
        bottlenecks=tuple(bottlenecks.tolist()),
        group_widths=tuple(group_widths.tolist()),
        strides=tuple(per_stage(st.sampled_from([1, 2])).tolist()),
        kernels=tuple(per_stage(st.sampled_from([3, 3, 5])).tolist()),
        activation=draw(st.sampled_from(tuple(ACTIVATIONS))),
        head_width=draw(st.sampled_from([0, 0, 12])),
    )


def published() -> dict[str, Published]:
    """The published models that our blocks can express, by name."""
    return published_models(PUBLISHED)

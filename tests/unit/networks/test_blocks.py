"""Blocks: one file each says what they have, and which values of it they take."""

import subprocess
import sys

import pytest
from netspaces.networks.blocks import BLOCKS


def test_the_library_has_the_blocks_of_the_paper():
    assert list(BLOCKS) == ["mb", "r", "v", "vr", "x"]
    assert all(BLOCKS[name].name == name and BLOCKS[name].description for name in BLOCKS)


def test_what_a_block_lacks_follows_from_what_it_has():
    lacks = {name: BLOCKS[name].lacks for name in BLOCKS}
    plain = ("bottleneck", "group_width")
    assert lacks == {"mb": ("group_width",), "r": ("group_width",), "v": plain, "vr": plain, "x": ()}


RATIOS = "whole numbers or one over a whole number"


@pytest.mark.parametrize(
    ("block", "parameter", "values", "whole", "is_range", "expected"),
    [
        ("x", "bottleneck", (0.25, 1, 4), False, False, ""),
        ("x", "bottleneck", (1.5, 1), False, False, RATIOS),
        ("x", "bottleneck", (0, 1), True, False, RATIOS),
        ("x", "bottleneck", (1, 4), True, True, ""),
        ("x", "bottleneck", (0.5, 4), False, True, "whole numbers above 0"),
        ("r", "bottleneck", (0.3,), False, False, RATIOS),
        ("mb", "bottleneck", (1, 0.166667), False, False, ""),
        ("mb", "bottleneck", (2,), True, False, "1 or one over a whole number in block mb"),
        ("mb", "bottleneck", (1, 1), True, True, "1 or one over a whole number in block mb"),
        ("x", "se_ratio", (0, 0.25), False, False, ""),
        ("mb", "se_ratio", (-1, 0.25), False, False, "at least 0"),
        ("v", "se_ratio", (0,), True, False, ""),
        ("vr", "se_ratio", (0, 0.25), False, False, "0, block vr has no squeeze-and-excitation"),
    ],
)
def test_a_block_says_which_values_it_takes(block, parameter, values, whole, is_range, expected):
    assert BLOCKS[block].check_values(parameter, values, whole, is_range) == expected


def test_blocks_and_complexity_are_imported_without_torch():
    code = (
        "import sys; from netspaces.networks.blocks import BLOCKS; import netspaces.networks.complexity; "
        "[BLOCKS[name] for name in BLOCKS]; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "scripts"}).returncode == 0

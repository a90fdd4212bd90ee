"""What another seed changes stands in a band, or at a place of its own where several spaces have other seeds."""

import pytest
from helpers.invented import STUDIES, study
from matplotlib.figure import Figure
from netspaces.figures.general import settings


def last_panel(name: str, panels: dict):
    drawing = settings.draw(study(name, panels))
    assert isinstance(drawing.figure, Figure)
    ax = drawing.figure.axes[-1]
    return [tick.get_text() for tick in ax.get_xticklabels()], [text.get_text() for text in ax.get_legend().get_texts()]


def test_seeds_of_one_space_are_a_band():
    ticks, key = last_panel("labels_and_recipe", STUDIES["labels_and_recipe"]["panels"])
    assert ticks == ["rotation", "other"]
    assert sum(entry.startswith("another seed, ") for entry in key) == 1


@pytest.mark.parametrize("spaces", [("RegNetV", "RegNetX"), ("RegNetV", "RegNetR", "RegNetX")])
def test_seeds_of_several_spaces_have_a_place_of_their_own(spaces):
    panels = STUDIES["block_types_longer"]["panels"]
    ticks, key = last_panel(
        "block_types_longer", panels | {"seed_1": [{"space": space, "repeat": 1} for space in spaces]}
    )
    assert ticks == ["budget 5", "another seed"]
    for space in spaces:
        (of_seed,) = [i for i, entry in enumerate(key) if entry.startswith(f"another seed, {space}: ")]
        assert key[of_seed - 1] == space
        assert key[of_seed + 1].startswith("budget 5, without seed noise: ")

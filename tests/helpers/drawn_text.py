"""The text of a drawn figure: what it says, and whether it can be read."""

import numpy as np
import pytest
from matplotlib.text import Text
from netspaces.figures.drawing import Drawing
from netspaces.figures.style import house_style


def texts(drawing: Drawing) -> list[Text]:
    """Every text that the figure puts on paper."""
    found, original = [], Text.draw

    def spy(self, renderer, *args, **kwargs):
        if self.get_text().strip():
            found.append(self)
        return original(self, renderer, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch, house_style():
        patch.setattr(Text, "draw", spy)
        drawing.figure.draw_without_rendering()
    return found


def overlaps(drawing: Drawing, shown: list[Text]) -> list[str]:
    """What of the texts leaves the page or covers another."""
    page = drawing.figure.bbox
    boxes = np.array([text.get_window_extent().extents for text in shown]).reshape(-1, 4)  # x0, y0, x1, y1
    inside = (boxes > -1).all(axis=1) & (boxes[:, 2] < page.x1 + 1) & (boxes[:, 3] < page.y1 + 1)
    wrong = [f"{shown[place].get_text()!r} leaves the page" for place in np.flatnonzero(~inside)]
    shared = np.minimum(boxes[:, None, 2:], boxes[:, 2:]) - np.maximum(boxes[:, None, :2], boxes[:, :2])
    pairs = np.argwhere(np.triu(shared.min(axis=2) >= 1.5, k=1))
    return wrong + [f"{shown[one].get_text()!r} overlaps {shown[other].get_text()!r}" for one, other in pairs]


def words(shown: list[Text]) -> str:
    """What the texts say, in one line."""
    return "\n".join(text.get_text() for text in shown).replace("\n", " ")

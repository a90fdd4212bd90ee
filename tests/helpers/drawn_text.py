"""The text of a drawn figure: what it says, and whether it can be read."""

from itertools import combinations

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
    page, boxes = drawing.figure.bbox, {text: text.get_window_extent() for text in shown}
    wrong = [
        f"{text.get_text()!r} leaves the page"
        for text, box in boxes.items()
        if box.x0 <= -1 or box.y0 <= -1 or box.x1 >= page.x1 + 1 or box.y1 >= page.y1 + 1
    ]
    for (one, a), (other, b) in combinations(boxes.items(), 2):
        width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        if min(width, height) >= 1.5:
            wrong.append(f"{one.get_text()!r} overlaps {other.get_text()!r}")
    return wrong


def words(shown: list[Text]) -> str:
    """What the texts say, in one line."""
    return "\n".join(text.get_text() for text in shown).replace("\n", " ")

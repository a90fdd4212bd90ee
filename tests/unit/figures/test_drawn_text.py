"""The check that texts can be read finds those that cannot."""

import pandas as pd
from helpers.drawn_text import overlaps, texts
from matplotlib.figure import Figure
from netspaces.figures.drawing import Drawing


def test_texts_that_cover_each_other_or_leave_the_page_are_found():
    figure = Figure((3, 2))
    for x, y, text in ((0.1, 0.9, "alone"), (0.5, 0.5, "hello"), (0.52, 0.5, "world"), (0.99, 0.1, "over the edge")):
        figure.text(x, y, text)
    drawing = Drawing(figure, pd.DataFrame())
    shown = texts(drawing)
    assert overlaps(drawing, shown) == ["'over the edge' leaves the page", "'hello' overlaps 'world'"]
    assert overlaps(drawing, shown[:2]) == overlaps(drawing, []) == []

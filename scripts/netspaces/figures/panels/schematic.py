"""Diagrams of boxes and arrows, in inches, which record everything that they draw."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Circle, FancyBboxPatch

from netspaces.figures.notes import wrap_note
from netspaces.figures.style import BLACK, GREY, NORMAL, SMALL, SMALLEST, Look

KINDS = {
    "box": "a box with text",
    "circle": "a circle around a sign",
    "frame": "a frame around parts",
    "text": "text beside an arrow, or a heading",
    "line": "part of an arrow without its head: x and y where it begins",
    "arrow": "last part of an arrow",
}
COLUMNS = {
    "width": "width of a box, circle or frame, inches",
    "height": "its height, inches",
    "text": "what is written there",
    "x_end": "where an arrow or line ends, inches",
    "y_end": "where an arrow or line ends, inches",
}
TINTS = {"plain": "#FFFFFF", "conv": "#CFE3F1", "group": "#F9D9C4", "other": "#D5EDE4", "shortcut": "#EFEFEF"}
LINE = 0.9  # points
BOX = 0.4  # inches: height of the boxes of a stack


class Schematic:
    """A diagram that fills a figure or a part of one, of some width and height in inches.

    Positions are inches from its lower left corner, of the centres of boxes.
    """

    def __init__(self, figure: Figure | SubFigure, width: float, height: float) -> None:
        self.ax: Axes = figure.add_axes((0, 0, 1, 1))
        self.ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
        self.ax.set_axis_off()
        self.panel = ""
        self.rows: list[dict] = []

    def _record(self, kind: str, name: str, x: float, y: float, **more: object) -> None:
        self.rows.append({"panel": self.panel, "series": name, "kind": kind, "x": x, "y": y, **more})

    def box(
        self, name: str, x: float, y: float, width: float, height: float, text: str, tint: str = "plain", **look
    ) -> None:
        """A rounded box with text in it."""
        corner = (x - width / 2, y - height / 2)
        style = "round,pad=0,rounding_size=0.06"
        outline: Look = {"facecolor": TINTS[tint], "edgecolor": BLACK, "linewidth": LINE, "zorder": 2, **look}
        self.ax.add_patch(FancyBboxPatch(corner, width, height, boxstyle=style, **outline))
        self.ax.text(x, y, text, ha="center", va="center", fontsize=SMALL, linespacing=1.3, zorder=3)
        self._record("box", name, x, y, width=width, height=height, text=text)

    def circle(self, name: str, x: float, y: float, radius: float, text: str) -> None:
        """A circle around a sign."""
        self.ax.add_patch(Circle((x, y), radius, facecolor="white", edgecolor=BLACK, linewidth=LINE, zorder=2))
        self.ax.text(x, y, text, ha="center", va="center_baseline", fontsize=NORMAL, zorder=3)
        self._record("circle", name, x, y, width=2 * radius, height=2 * radius, text=text)

    def arrow(self, name: str, points: Sequence[tuple[float, float]], head: bool = True, **look: Any) -> None:
        """A line through points, with an arrow's head at its end."""
        look = {"color": BLACK, "linewidth": LINE} | look
        for start, end in zip(points[:-1], points[1:], strict=True):
            last = head and end == points[-1]
            style = {"arrowstyle": "-|>" if last else "-", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7, **look}
            self.ax.annotate("", end, start, arrowprops=style, zorder=1)
            self._record("arrow" if last else "line", name, *start, x_end=end[0], y_end=end[1])

    def text(self, name: str, x: float, y: float, text: str, **look: Any) -> None:
        """Text beside an arrow, or a heading."""
        letters: Look = {"ha": "center", "va": "center", "fontsize": SMALL, "color": GREY, **look}
        self.ax.text(x, y, text, linespacing=1.3, **letters)
        self._record("text", name, x, y, text=text)

    def stack(
        self, x: float, width: float, span: tuple[float, float], boxes: Sequence[tuple], maps: Sequence[str]
    ) -> list[float]:
        """Boxes (name, text, tint) from the top of a span to its bottom, arrows between them with the maps they carry.

        Returns the centres' heights; `maps` has one text per arrow: before, between and after the boxes.
        """
        bottom, top = span
        gap = (top - bottom - len(boxes) * BOX) / (len(boxes) + 1)
        centres = [top - gap - BOX / 2 - i * (gap + BOX) for i in range(len(boxes))]
        for y, (name, text, tint) in zip(centres, boxes, strict=True):
            self.box(name, x, y, width, BOX, text, tint)
        for i, text in enumerate(maps):
            start = top - i * (gap + BOX)
            self.arrow("map", [(x, start), (x, start - gap)])
            clear = {"facecolor": "white", "edgecolor": "none", "pad": 1}
            self.text("map", x + 0.07, start - gap / 2, text, ha="left", bbox=clear)
        return centres

    def zoom(self, source: tuple[float, float, float], target: tuple[float, float, float, float]) -> None:
        """Dashed lines from a box (right edge, centre, height) to the frame (left, bottom, width, height) of parts."""
        edge, centre, height = source
        left, bottom, width, full = target
        look: Look = {
            "facecolor": "none",
            "edgecolor": "#B5B5B5",
            "linewidth": 0.8,
            "linestyle": (0, (3, 2)),
            "zorder": 0,
        }
        self.ax.add_patch(
            FancyBboxPatch((left, bottom), width, full, boxstyle="round,pad=0,rounding_size=0.08", **look)
        )
        self._record("frame", "zoom", left + width / 2, bottom + full / 2, width=width, height=full)
        for start, end in ((centre + height / 2, bottom + full), (centre - height / 2, bottom)):
            self.arrow("zoom", [(edge, start), (left, end)], head=False, color="#B5B5B5", linestyle=(0, (3, 2)))

    def note(self, text: str) -> None:
        """A note in the lower left corner."""
        self.text("note", 0.08, 0.08, wrap_note(self.ax.get_xlim()[1], text), ha="left", va="bottom", fontsize=SMALLEST)

    def data(self) -> pd.DataFrame:
        """Everything that was drawn."""
        return pd.DataFrame(self.rows)


def shape(channels: object, resolution: object) -> str:
    """Channels and pixels of a map, as diagrams write them."""
    return f"{channels} × {resolution} × {resolution}"

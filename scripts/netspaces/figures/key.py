"""Keys: the legends of panels, below them, with the paper's numbers in a column of their own."""

from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.legend_handler import HandlerBase
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation

from netspaces.figures.style import BAND_ALPHA, GREY

Handle = Artist | tuple[Artist, ...]  # a tuple is drawn one above the other


def line(**look: Any) -> Line2D:
    """The handle of a line, of points, or of both."""
    return Line2D([], [], **look)


def band(colour: str, alpha: float = BAND_ALPHA, **look: Any) -> Patch:
    """The handle of a translucent band."""
    return Patch(facecolor=(colour, alpha), **look)


class Key:
    """The key of one panel, entry by entry; it lies below the panel, where it hides no data.

    Parameters
    ----------
    head, paper_head : grey headings of the column of labels and of that of the paper's numbers; empty for none.
    """

    def __init__(self, head: str = "", paper_head: str = "") -> None:
        self.head, self.paper_head = head, paper_head
        self.handles: list[Handle] = []
        self.labels: list[str] = []
        self.papers: list[str] = []

    def add(self, handle: Handle | None, label: str, paper: str = "") -> None:
        """Add an entry: its handle, None for a text alone; its label; the paper's number, empty where there is none."""
        self.handles.append(line(linestyle="none") if handle is None else handle)
        self.labels.append(label)
        self.papers.append(paper)

    def draw(self, ax: Axes) -> None:
        """Draw the key below a panel; the paper's column is left out where no entry has a number of the paper."""
        # matplotlib fills a legend column by column
        handles, texts = list(self.handles), list(self.labels)
        paper = any(self.papers)
        headed = bool(self.head or (paper and self.paper_head))
        if headed:
            handles.insert(0, line(linestyle="none"))
            texts.insert(0, self.head)
        first_column = len(texts)
        if paper:
            numbers = [self.paper_head] * headed + self.papers
            handles += [_Nothing([], [], linestyle="none") for _ in numbers]
            texts += numbers
        legend = _below(ax, handles, texts, columns=1 + paper)
        for i, text in enumerate(legend.get_texts()):
            if i >= first_column or (headed and i == 0):
                text.set_color(GREY)


class _Nothing(Line2D):
    """The handle of the paper's number, which has none."""


class _NothingHandler(HandlerBase):
    """Takes no room for `_Nothing`."""

    def legend_artist(self, legend, orig_handle, fontsize, handlebox):
        handlebox.width = 0
        return orig_handle


def _below(ax: Axes, handles: list[Handle], texts: list[str], columns: int) -> Legend:
    """A legend whose upper left corner lies below the lower left corner of the axes."""
    shift = ScaledTranslation(-30 / 72, -33 / 72, ax.figure.dpi_scale_trans)
    return ax.legend(
        handles,
        texts,
        ncols=columns,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=ax.transAxes + shift,
        handler_map={_Nothing: _NothingHandler()},
        borderpad=0,
        borderaxespad=0,
        columnspacing=0.4,
        handlelength=2.0,
        handletextpad=0.5,
        labelspacing=0.3,
    )

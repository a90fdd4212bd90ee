"""Keys: entries in order, the paper's numbers in a column of their own, headings in grey."""

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from netspaces.figures.key import Key, band, line
from netspaces.figures.style import GREY


def drawn(key: Key) -> list[tuple[str, bool]]:
    """The texts of a key in matplotlib's order, and which are grey."""
    ax = Figure().subplots()
    key.draw(ax)
    return [(text.get_text(), to_hex(text.get_color()) == GREY.lower()) for text in ax.get_legend().get_texts()]


def filled(papers: tuple[str, str], *heads: str) -> Key:
    key = Key(*heads)
    key.add(line(color="red"), "one", papers[0])
    key.add(None, "two", papers[1])
    return key


@pytest.mark.parametrize(
    ("papers", "heads", "expected"),
    [
        (("", ""), (), [("one", False), ("two", False)]),
        (("", ""), ("ours", "paper"), [("ours", True), ("one", False), ("two", False)]),
        (("", "2"), (), [("one", False), ("two", False), ("", True), ("2", True)]),
        (
            ("1", ""),
            ("ours", "paper"),
            [("ours", True), ("one", False), ("two", False), ("paper", True), ("1", True), ("", True)],
        ),
    ],
)
def test_columns_and_headings(papers, heads, expected):
    assert drawn(filled(papers, *heads)) == expected


def test_a_text_alone_has_no_handle_and_a_handle_may_be_of_two_artists():
    key = filled(("", ""))
    key.add((band("blue"), line(color="blue")), "both")
    key.draw(ax := Figure().subplots())
    lines = ax.get_legend().get_lines()
    assert [one.get_linestyle() for one in lines[:2]] == ["-", "None"]
    assert len(ax.get_legend().legend_handles) == 3


def test_a_key_can_be_drawn_twice():
    key = filled(("1", ""), "ours", "paper")
    assert drawn(key) == drawn(key)

"""The page of a table in a real browser: it sorts, filters and scrolls, and texts in it are texts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.browser import Tab, needs_browser, opened
from netspaces.tables.page import page

HEADERS = ["name", "here", "p", "verdict"]
ROWS = [
    ["net 10", "-3.5", "0.020", "confirmed"],
    ["net 9", "6.9e16", "< 0.001", "undecided"],
    ["</script><b>x", "12", "0.001", "confirmed"],
    ["net 2 " + "wide " * 60, "–", "–", "not confirmed"],
]


@pytest.fixture(scope="module")
def written() -> str:
    return page("A table & its <caption>", "A note.", HEADERS, ROWS, [False, True, True, False])


def test_it_asks_for_nothing_and_texts_are_texts(written):
    assert "http" not in written and "src=" not in written
    assert '<h1 id="caption">A table &amp; its &lt;caption&gt;</h1>' in written and "<b>x" not in written


@pytest.fixture(scope="module")
def tab(written, tmp_path_factory) -> Iterator[Tab]:
    folder = tmp_path_factory.mktemp("table")
    file = Path(folder, "table.html")
    file.write_text(written, encoding="utf-8")
    with opened(folder / "browser") as browser:
        table = Tab(browser, 800, 600)
        table.open(f"{file.as_uri()}#verdict=confirmed", "document.querySelector('output')?.value")
        yield table
        assert table.complaints == []


def shown(tab: Tab) -> list[str]:
    names = tab.value(
        "[...document.querySelectorAll('tbody tr')].filter((r) => !r.hidden).map((r) => r.cells[0].innerText)"
    )
    return [name[:6].strip() for name in names]


def filtered(tab: Tab, text: str) -> list[str]:
    tab.value(f"field.value = {text!r}; field.dispatchEvent(new Event('input'))")
    return shown(tab)


def clicked(tab: Tab, column: int) -> list[str]:
    tab.value(f"document.querySelectorAll('th button')[{column}].click()")
    return shown(tab)


@needs_browser
def test_a_link_may_filter_one_column(tab):
    tab.wait("shown.value === '2 of 4 rows'")
    assert shown(tab) == ["net 10", "</scri"]


@needs_browser
def test_words_filter_all_columns(tab):
    assert filtered(tab, "NET confirmed") == ["net 10", "net 2"]
    assert filtered(tab, "wide") == ["net 2"] and filtered(tab, "nothing") == []
    assert len(filtered(tab, "")) == 4


@needs_browser
def test_a_click_sorts_numbers_as_numbers_up_down_and_as_they_were(tab):
    filtered(tab, "")
    assert clicked(tab, 1) == ["net 10", "</scri", "net 9", "net 2"]
    assert clicked(tab, 1) == ["net 9", "</scri", "net 10", "net 2"]  # what has no number stays last
    assert clicked(tab, 1) == ["net 10", "net 9", "</scri", "net 2"]
    assert clicked(tab, 2) == ["net 9", "</scri", "net 10", "net 2"]  # "< 0.001" before 0.001
    assert clicked(tab, 0)[1:] == ["net 2", "net 9", "net 10"]


@needs_browser
def test_a_wide_table_scrolls_inside(tab):
    assert tab.value("document.documentElement.scrollWidth") <= 800
    wide = tab.value("[...document.querySelectorAll('tbody td')].map((cell) => cell.getBoundingClientRect().width)")
    assert max(wide) < 600

"""Text in is text shown, in every format: each test reads what was written with that format's own reader."""

import io
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pandas as pd
import pytest
from docutils.core import publish_parts
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from matplotlib.cbook import is_math_text
from matplotlib.mathtext import MathTextParser
from netspaces.figures.style import pretty, words
from netspaces.files import escaping
from netspaces.files.escaping import one_line
from netspaces.files.safe import write_text
from netspaces.files.tables import read_csv, write_csv
from pandas._libs.parsers import STR_NA_VALUES

HOSTILE = [
    *("</script><script>alert(1)</script>", "<!--", "<b>", "&lt;", "&amp", '"><img src=x onerror=alert(1)>'),
    *(".. raw:: html\n\n   <b>", ".. include:: /etc/hosts", "|substitution|", "`code`_", "name_", "_`target`", "::"),
    *("{{ 7 * 7 }}", "{% raw %}", "{study}", "1. one", "12) two", "- item", "+ item", "* item", "# head", "> quote"),
    *("[a](javascript:alert(1))", "![a](b)", "[a][b]", "[a]: b", "**bold**", "~~gone~~", "a|b", "---", "===", "\\|"),
    *(r"\input{/etc/hosts}", "50 % & more_ #1 ~ ^ {x}", "[3pt]", "*", "``quotes''", "--", "<<", r"\\", "\\"),
    *("=HYPERLINK(1)", "+1+cmd|' /C calc'!A0", "-1 to 0", "@SUM(1)", "\t=1", "\r=1", "'=1", "'", "-5", " =1", "＝1"),
    *(
        "$x$",
        "$",
        r"\$",
        r"\frac{",
        "$$",
        "a_b",
        "w_m",
        r"\w_m",
        "a\x00b",
        "\x1b[31m",
        "\ud800",
        "ü 网络",
        "é\u202e",
        "",
    ),
]
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from([*HOSTILE, " ", "a", "_", "*", "`", "<", "\n", "$", "\\"]), max_size=5).map("".join),
    st.text(max_size=20),
)
laws = settings(deadline=None, derandomize=True, max_examples=150)


@given(TEXTS)
@laws
def test_one_line_keeps_what_can_be_shown(text):
    line = one_line(text)
    line.encode()
    ElementTree.fromstring(f"<a>{escaping.html(text)}</a>")  # XML holds the fewest characters
    pairs = zip("".join(line.split()), "".join(text.split()), strict=True)
    assert all(shown in (given, "�") and (shown == given or not given.isprintable()) for shown, given in pairs)


class Page(HTMLParser):
    """The tags of a page and what lies between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.words = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_comment(self, data):
        self.tags.append("comment")

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self) -> str:
        return one_line("".join(self.words))


@given(TEXTS)
@laws
def test_html(text):
    page = Page(f"<td>{escaping.html(text)}</td>")
    assert (page.tags, page.text) == (["td"], one_line(text))


@given(TEXTS, TEXTS)
@laws
def test_markdown(text, other):
    cells = " | ".join(map(escaping.markdown, (text, other)))
    table = f"| a | b |\n|---|---|\n| {cells} |\n"
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(table)
    assert [_plain(token) for token in tokens if token.type == "inline"] == ["a", "b", one_line(text), one_line(other)]


@given(TEXTS)
@laws
def test_markdown_in_a_paragraph(text):
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(f"A.\n\n{escaping.markdown(text)}\n")
    paragraphs = [_plain(token) for token in tokens if token.type == "inline"]
    assert paragraphs == (["A.", one_line(text)] if one_line(text) else ["A."])
    assert {token.type for token in tokens} == {"paragraph_open", "inline", "paragraph_close"}


def _plain(inline) -> str:
    """The words of a part of a page that has no markup."""
    assert {token.type for token in inline.children or ()} <= {"text", "text_special"}
    return "".join(token.content for token in inline.children or ())


@given(TEXTS)
@laws
def test_latex(text):
    written = escaping.latex(text)
    assert not re.match(r"[\[*]", written) and not re.search("--|''|<<|>>|,,", written)
    names = {"textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textasciigrave": "`"}
    read = ""
    for name, escaped, empty, other in re.findall(r"\\([a-z]+)\{\}|\\([&%$#_{}])|(\{\})|(.)", written):
        assert other not in set("\\{}&%$#_^~`") or not other
        read += names[name] if name else escaped or other
        assert empty in ("", "{}")
    assert read == one_line(text)


@given(TEXTS)
@laws
def test_restructured_text(text):
    source = f"**{escaping.restructured_text(text)}.** Then {escaping.restructured_text(text)}\n\nAnother."
    body = publish_parts(source, writer="html", settings_overrides={"halt_level": 1, "report_level": 1})["body"]
    page = Page(body)
    assert page.tags == ["p", "strong", "p"]
    assert page.text == one_line(f"{one_line(text)}. Then {one_line(text)} Another.")


@given(TEXTS)
@laws
def test_restructured_text_at_the_beginning_of_a_paragraph(text):
    body = publish_parts(f"{escaping.restructured_text(text)}\n\nAnother.", writer="html")["body"]
    page = Page(body)
    assert set(page.tags) == {"p"} and page.text == one_line(f"{one_line(text)} Another.")


@given(TEXTS)
@laws
def test_json_in_html(text):
    written = escaping.json_in_html({text: [text]})
    assert "<" not in written and json.loads(written) == {text: [text]}


@given(TEXTS)
@laws
def test_mathtext(text):
    assert not is_math_text(escaping.mathtext(text)) and not is_math_text(words(text))
    assert escaping.mathtext(text).replace(r"\$", "$") == one_line(text)


@given(TEXTS)
@laws
def test_labels_are_no_formulas_but_for_the_subscripts_of_names(text):
    MathTextParser("path").parse(pretty(text) or "a")
    shown = pretty(text).replace(r"\$", "\0")
    assert shown.count("$") % 2 == 0
    plain = re.sub(r"\$_\\mathrm\{(.)\}\$(, )?", r"_\1 ", shown)
    assert re.sub(r"[_ ]", "", plain.replace("$", "").replace("\0", "$")) == re.sub(r"[_ ]", "", one_line(text))


# ---- CSV -------------------------------------------------------------------------------------------------------------

CELLS = TEXTS.filter(lambda text: text and not re.search("[\ud800-\udfff]", text))  # pandas holds those


@given(st.lists(CELLS, min_size=1, max_size=4), CELLS)
@laws
def test_csv(texts, name):
    name = f"{name}n"
    table = pd.DataFrame({"text": [f"{text}." for text in texts], name: range(len(texts)), "other": texts})
    written = escaping.to_csv(table)
    read = escaping.from_csv(pd.read_csv(io.BytesIO(written.encode()), dtype={"other": str}, keep_default_na=False))
    expected = table.map(_encodable).rename(columns=_encodable)
    assert read.to_dict("list") == expected.to_dict("list") and list(read) == list(expected)
    for cell in pd.read_csv(io.BytesIO(written.encode()), dtype=str, keep_default_na=False)["text"]:
        assert cell[0] not in "=+-@\t\r" or re.fullmatch(r"[-+][\d.]*( to \d)?\.?", cell)


NO_TEXTS = ("inf", "-Infinity", "TRUE", "False", "'NA", "''nan")


def _encodable(value: object) -> object:
    return value.replace("\0", "�") if isinstance(value, str) else value


def test_numbers_and_what_is_made_of_numbers_stay_as_they_are():
    table = pd.DataFrame({"a": [-1.5, 2.0], "b": [-3, 4], "c": ["-1 to 0", "+1.0 [-1.0, +3.0]"], "d": ["-5", "+1e3"]})
    assert escaping.to_csv(table) == table.to_csv(index=False)
    mixed = pd.DataFrame({"m": ["=1", 2, None, -2.5, True]}, dtype=object)
    assert escaping.to_csv(mixed) == 'm\n\'=1\n2\n""\n-2.5\nTrue\n'


@pytest.mark.parametrize("text", ["=1+1", "@a", "a\rb", "x\ny", "'=2", *sorted(STR_NA_VALUES - {""}), *NO_TEXTS])
def test_files_of_the_workflow_read_back_equal(tmp_path, text):
    table = pd.DataFrame({"name": [text, "b"], "names": [text, text], text: [-1.0, None]})
    write_csv(tmp_path / "table.csv", table)
    pd.testing.assert_frame_equal(read_csv(tmp_path / "table.csv", "a table"), table)


def test_a_text_that_no_file_can_hold_is_marked(tmp_path):
    write_text(tmp_path / "page.html", escaping.html("a\ud800b"))
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == "a�b"

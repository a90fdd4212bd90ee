r"""Text is text in every format: what configuration and foreign files bring is shown, never understood as markup.

One function per format, used wherever a text of a user's goes into a file of that format.

CSV knows no escape for what spreadsheets take for a formula, or readers for a missing value. The usual defence stands
here: an apostrophe in front of a text that begins like a formula (https://owasp.org/www-community/attacks/CSV_Injection)
or is a word such as NA. `from_csv` takes it off again.
"""

import html as standard
import io
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
UNSHOWN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")  # not even XML may hold them
MARKDOWN = re.compile(
    r"""[\\`*~$|]                   # escapes, code, emphasis, mathematics, cells
    | (?<![^\W_])_ | _(?![^\W_])    # emphasis, which an underscore within a word is not
    | <(?=[A-Za-z/!?])              # tags and comments
    | &(?=\#?\w+;)                  # entities
    | !(?=\[) | \](?=[\[(:])        # images and links
    | ^(?:[#>]|[+=-](?![\d.]))      # headings, quotes, lists and rules
    | (?<=^\d)[.)](?=\s|$) | (?<=^\d\d)[.)](?=\s|$) | (?<=^\d{3})[.)](?=\s|$) | (?<=^\d{4})[.)](?=\s|$)""",
    re.VERBOSE,
)
LATEX = {character: rf"\{character}" for character in "&%$#_{}"} | {
    "\0": "{}",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
}
LIGATURES = re.compile(r"([-'<>,])(?=\1)|^(?=[\[*])")  # the last: an option of the end of the row before
NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
NUMBERS = re.compile(rf"{NUMBER}( to {NUMBER}| \[{NUMBER}, {NUMBER}\])?")  # ranges and intervals are no formulas
WORDS = (
    *("#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA"),
    *("NULL", "NaN", "None", "n/a", "nan", "null", "inf", "infinity", "true", "false"),
)
"""Words that readers take for no text: for a missing value, as pandas does, for an infinity or for a truth value."""
NO_TEXT = "|".join(re.escape(word) for word in WORDS)
FORMULA = re.compile(rf"'*([\t\r\n].|\s*[=+\-@＝＋－＠].|(?i:{NO_TEXT})\Z)", re.DOTALL)


def one_line(text: str) -> str:
    r"""A text with single spaces for all white space, and a mark for each character that no format can hold.

    >>> print(one_line(" two\n lines\x00"))
    two lines�
    """
    return " ".join(UNSHOWN.sub(REPLACEMENT, text).split())


def html(text: str) -> str:
    """A text in HTML, also in an attribute with quotes.

    >>> html("a < b & c")
    'a &lt; b &amp; c'
    """
    return standard.escape(one_line(text))


def markdown(text: str) -> str:
    r"""A text in Markdown, in a paragraph or in a cell of a table.

    >>> print(markdown("[a](b) | *c* RegNetX_A <script>"))
    [a\](b) \| \*c\* RegNetX_A \<script>
    """
    return MARKDOWN.sub(lambda found: "\\" + found[0], one_line(text))


def latex(text: str) -> str:
    r"""A text in LaTeX, in a paragraph or in a cell of a table.

    >>> print(latex(r"50 % of \input{x}"))
    50 \% of \textbackslash{}input\{x\}
    """
    apart = LIGATURES.sub(lambda found: f"{found[0]}\0", one_line(text))
    return "".join(LATEX.get(character, character) for character in apart)


def mathtext(text: str) -> str:
    r"""A text that matplotlib draws: a dollar would begin a formula.

    >>> print(mathtext("5 $ or 6 $"))
    5 \$ or 6 \$
    """
    return one_line(text).replace("$", r"\$")


def restructured_text(text: object) -> str:
    r"""A text in reStructuredText, within a paragraph: what is no letter, digit or space has a backslash.

    >>> print(restructured_text(".. include:: file"))
    \.\. include\:\: file
    """
    escaped = re.sub(r"([^\w\s]|_)", r"\\\1", one_line(str(text)))
    return r"\ " + escaped if escaped.startswith(r"\\") else escaped  # a line of backslashes would be a rule


def json_in_html(contents: Any, **options: Any) -> str:
    r"""JSON inside of a script of a page, which would end at `</script>` within a text.

    >>> print(json_in_html("</script>"))
    "\u003c/script>"
    """
    return json.dumps(contents, **options).replace("<", r"\u003c")


# ---- CSV -------------------------------------------------------------------------------------------------------------


def csv_text(text: str) -> str:
    """A cell that is text, with an apostrophe in front if it would be taken for a formula or a missing value.

    >>> csv_text("=HYPERLINK(1)"), csv_text("-1 to 0"), csv_text("'"), csv_text("'=1"), csv_text("NA")
    ("'=HYPERLINK(1)", '-1 to 0', "'", "''=1", "'NA")
    """
    return f"'{text}" if FORMULA.match(text) and not NUMBERS.fullmatch(text) else text


def text_of_csv(cell: str) -> str:
    """The text that `csv_text` made a cell of."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def to_csv(table: "pd.DataFrame", float_format: str | None = None) -> str:
    """A table as CSV, without its index: texts by `csv_text`, numbers as they are."""
    lines = _Lines(newline="")
    escaped = _with_texts(table, lambda text: csv_text(text.replace("\0", REPLACEMENT)))
    escaped.to_csv(lines, index=False, float_format=float_format, lineterminator="\r\n")
    return lines.getvalue()


def from_csv(table: "pd.DataFrame") -> "pd.DataFrame":
    """A table that was read from a CSV file of `to_csv`, its texts as they were."""
    return _with_texts(table, text_of_csv)


def _with_texts(table: "pd.DataFrame", change: Callable[[str], str]) -> "pd.DataFrame":
    """A table with its texts changed, also those of its columns' names; all other values stay as they are."""

    def changed(value: object) -> object:
        return change(value) if isinstance(value, str) else value

    result = table.rename(columns=changed)
    for i, kind in enumerate(table.dtypes):
        column = table.iloc[:, i]
        if kind.kind == "O" and any(changed(value) is not value for value in column):
            result.isetitem(i, column.map(changed))
    return result


class _Lines(io.StringIO):
    """Rows that end in a line feed. Their writer is told another end, so that it puts a lone `\\r` into quotes too."""

    def write(self, row: str) -> int:
        return super().write(row.removesuffix("\r\n") + "\n")

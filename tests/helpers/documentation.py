"""What the pages of documentation name."""

import re
from pathlib import Path

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
DICTIONARY = REFERENCE / "data_dictionary.md"


def prose(page: Path) -> str:
    """A page without its code blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def named(page: Path, section: str = "") -> set[str]:
    """What a page, or one of its sections, sets in backticks."""
    text = prose(page)
    if section:
        level = re.search(rf"^(#+) {section}$", text, re.MULTILINE)[1]
        text = re.split(rf"^{level} {section}$", text, flags=re.MULTILINE)[1]
        text = re.split(rf"^#{{2,{len(level)}}} ", text, flags=re.MULTILINE)[0]
    return set(re.findall(r"`([^`\n]+)`", text))


def named_of_figure(module: str) -> set[str]:
    """The kinds of rows and the columns that the reference names for a figure module, its own and the common ones."""
    page = REFERENCE / "figures.md"
    headings = re.findall(r"^## (.+)$", prose(page), re.MULTILINE)
    own = next(heading for heading in headings if module in heading.split(", "))
    return named(page, own) | named(page, "Several figures") | named(page, "Columns of all figures")

"""What the pages of documentation name."""

import re
from pathlib import Path

DICTIONARY = Path(__file__).parents[2] / "docs" / "reference" / "data_dictionary.md"


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

"""What the columns of populations mean, with their units: what the data dictionary says, for cards too."""

import re
from collections.abc import Iterable
from pathlib import Path

SECTIONS = ("Populations", "Sampled networks")
PER_STAGE = re.compile(r"^(depth|width|bottleneck|group_width|stride|kernel)_\d+$")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def meanings(dictionary: str | Path) -> dict[str, str]:
    """By column the line of docs/reference/data_dictionary.md on it, without links; per stage that of the first."""
    text = Path(dictionary).read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for section in SECTIONS:
        lines = re.split(rf"^## {section}$", text, flags=re.MULTILINE)[1].split("\n## ")[0]
        for names, meaning in re.findall(r"^- (`.*?): (.*)$", lines, re.MULTILINE):
            found |= dict.fromkeys(re.findall(r"`([^`]+)`", names), LINK.sub(r"\1", meaning))
    return found


def described(columns: Iterable[str], known: dict[str, str]) -> list[str]:
    """A line of Markdown per column, stages together; a column that the dictionary lacks is one of an imported file."""
    first = dict.fromkeys(PER_STAGE.sub(r"\1_1", column) for column in columns)
    lines = []
    for name in first:
        shown = f"`{name}`, `{name[:-1]}2`, ..." if PER_STAGE.match(name) else f"`{name}`"
        lines.append(f"- {shown}: {known.get(name, 'as in the imported file')}")
    return lines

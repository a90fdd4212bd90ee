"""The notebook of the documentation: its cells run, and say what is written below them."""

import json
import re
from pathlib import Path

from helpers.notebooks import executed, text_of

NOTEBOOK = Path(__file__).parents[3] / "docs" / "explore.ipynb"


def test_its_outputs_are_those_of_its_cells(one_thread):
    committed = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    said = text_of(committed)
    assert said.count("image/png") == 2 and any("the run of the table: True" in text for text in said)
    assert text_of(executed(NOTEBOOK)) == said, "python -m helpers.notebooks docs/explore.ipynb"


def test_its_links_lead_somewhere():
    text = NOTEBOOK.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    assert len(targets) > 3 and all((NOTEBOOK.parent / target).exists() for target in targets)

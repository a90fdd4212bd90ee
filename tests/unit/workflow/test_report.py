"""Texts of users in the report: what a title says is shown, and nothing else happens."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils.core import publish_parts
from jinja2 import Environment, StrictUndefined, nodes
from netspaces.workflow.report import label, mend_report
from snakemake.io import apply_wildcards
from snakemake.report.html_reporter import data

REPORT = Path(__file__).parents[3] / "report"
HOSTILE = [
    *("</script><script>alert(1)</script>", ".. raw:: html\n\n   <b>x</b>", ".. include:: /etc/hosts", "{{ 7 * 7 }}"),
    *("|substitution|", "`code`_", "name_", "*a", "{study}", "\\\\", ":field: x", "a::", "<!--<script>"),
]
HARMLESS = ("format", "join", "unique", "rst")  # filters of numbers, and that of texts
STORY = [nodes.Getattr(nodes.Name("own", "load"), part, "load") for part in ("first", "text")]
NUMERIC = ("resolution", "channels", "classes", "stem_width", "population_size", "seed", "resamples")


@pytest.fixture
def engine() -> Environment:
    mend_report(lambda text: None)
    return Environment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_and_a_description_are_text(engine, text):
    study = {
        "title": text,
        "module": "error_distributions",
        "definitions": {"RegNetX": {"description": text}},
        "planned": {"RegNetX-base-short": 4},
        "statistics": {"level": 0.95},
        "preset": {"preset": "digits_"},
    }
    template = engine.from_string((REPORT / "study.rst").read_text(encoding="utf-8"))
    source = template.render(snakemake=SimpleNamespace(params=SimpleNamespace(study=study)))
    body = publish_parts(source, writer="html", settings_overrides={"halt_level": 2})["body"]
    assert set(re.findall(r"<(\w+)", body)) <= {"p", "strong", "ul", "li"}
    shown = " ".join(re.sub(r"</?(p|strong|ul|li)( class=\"[\w -]*\")?>", "", body).split())
    expected = " ".join(text.split())
    for character, entity in {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.items():
        expected = expected.replace(character, entity)
    assert shown.startswith(f"{expected}. The error") and f"RegNetX: {expected} Networks" in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_is_shown_as_it_is_and_ends_no_script(engine, text):
    shown = apply_wildcards(label(text), {})
    assert shown.replace("\N{WORD JOINER}", "") == " ".join(text.split())
    result = {"path": "a.svg", "name": "a", "filename": "a.svg", "labels": {"shows": shown}, "size": 1, "caption": text}
    result |= {"mime": "image/svg+xml", "wildcards": "", "params": text, "id": "a"}
    result["job"] = SimpleNamespace(rule=SimpleNamespace(name="a"))
    page = data.render_results({"Figures": {"": [SimpleNamespace(**result)]}}, mode_embedded=False)
    assert "<" not in page
    assert json.loads(page)["a.svg"]["labels"] == {"shows": shown}


@pytest.mark.parametrize("path", sorted(REPORT.glob("*.rst")), ids=lambda path: path.stem)
def test_captions_escape_every_text_of_the_configuration(engine, path):
    """What a caption puts in is ours (a name set in it, a call of its macros), a number, or escaped."""
    tree = engine.parse(path.read_text(encoding="utf-8"))
    for output in tree.find_all(nodes.Output):
        for node in output.nodes:
            if isinstance(node, nodes.Filter):
                assert node.name in HARMLESS, f"{path.name}: {node.name} is no |rst"
            elif isinstance(node, nodes.Name):
                assert re.fullmatch(r"(figure|table)_\d+|words|target", node.name), (
                    f"{path.name}: {node.name} needs |rst"
                )
            elif isinstance(node, nodes.Getattr):
                is_story = node in STORY  # which escape what they are made of: test_story.py, test_first_screen.py
                assert is_story or node.attr in NUMERIC, f"{path.name}: {node.attr} needs |rst"

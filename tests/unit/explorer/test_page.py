"""The page as a file: the same bytes, small, texts as texts, nothing from elsewhere."""

import base64
import gzip
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.explored import library, write_page
from netspaces.explorer.charts import distributions, histogram, scatter
from netspaces.explorer.page import SCRIPTS, assets_digest

SCRIPTS_FOLDER = Path(__file__).parents[3] / "scripts"


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    return write_page(tmp_path_factory.mktemp("page")).read_text()


def unpacked(page: str, name: str) -> dict:
    (text,) = re.findall(rf'id="{name}">([^<]*)<', page)
    return json.loads(gzip.decompress(base64.b64decode(text)))


def test_the_same_inputs_give_the_same_bytes(page, tmp_path):
    assert write_page(tmp_path).read_text() == page


def test_charts_are_the_same_in_another_process():
    command = "import json, sys; from netspaces.explorer.charts import compiled; json.dump(compiled(), sys.stdout)"
    other = subprocess.run([sys.executable, "-c", command], cwd=SCRIPTS_FOLDER, capture_output=True, check=True)
    assert json.loads(other.stdout) == library()


def test_it_is_small_and_holds_all_that_it_needs(page):
    assert len(page) < 1_500_000
    assert not re.findall(r"""(?:src|href)=["'](?!data:)""", page)
    assert set(unpacked(page, "library")) == {"script", "charts"} and unpacked(page, "content")["n"] == 68


def test_texts_of_users_are_texts(page):
    assert "<h1>Explore &lt;invented&gt; populations</h1>" in page and "<invented>" not in page


def test_a_mark_says_that_a_page_is_a_preview(tmp_path):
    assert '<p id="mark">PREVIEW: 1 of 2 runs</p>' in write_page(tmp_path, mark="PREVIEW: 1 of 2 runs").read_text()


def test_an_edit_of_a_script_of_the_page_is_another_digest(monkeypatch):
    before = assets_digest()
    monkeypatch.setattr("netspaces.explorer.page._asset", lambda name: name)
    assert assets_digest() != before and len(SCRIPTS) > 2


@pytest.mark.parametrize("chart", [distributions, scatter, histogram])
def test_charts_hold_no_data_of_their_own(chart):
    made = chart().to_dict()
    assert "datasets" not in made and all(set(layer["data"]) == {"name"} for layer in made["layer"])

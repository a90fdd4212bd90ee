"""Text is UTF-8 wherever the project reads or writes it, whatever the locale says."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "scripts").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")])
OPENERS = ("open", "fdopen", "read_text", "write_text")
OTHERS = ("Image", "os", "tarfile", "zipfile")  # whose `open` reads no text


def without_encoding(source: str) -> list[int]:
    """The lines whose calls read or write text in the encoding of the locale."""
    return [call.lineno for call in ast.walk(ast.parse(source)) if isinstance(call, ast.Call) and _of_locale(call)]


def _of_locale(call: ast.Call) -> bool:
    given = {word.arg: word.value for word in call.keywords}
    if any(getattr(given.get(word), "value", False) is True for word in ("text", "universal_newlines")):  # a process
        return "encoding" not in given
    name, owner = getattr(call.func, "attr", getattr(call.func, "id", "")), getattr(call.func, "value", None)
    if name not in OPENERS or "encoding" in given or getattr(owner, "id", "") in OTHERS:
        return False
    if name.endswith("_text") and owner is None:  # of this project
        return False
    modes = [given["mode"]] if "mode" in given else call.args[:2]
    return not any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in modes)


def test_the_check_finds_what_it_looks_for():
    wrong = "open(p)\nopen(p, 'w')\nx.read_text()\nx.read_text(errors='replace')\nPath(p).open()\nrun(c, text=True)"
    right = "open(p, 'rb')\nopen(p, mode='wb')\nx.read_text(encoding='utf-8')\nwrite_text(p, t)\nImage.open(p)"
    assert without_encoding(wrong) == [1, 2, 3, 4, 5, 6]
    assert without_encoding(right) == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_of_text_is_opened_with_an_encoding(path):
    assert without_encoding(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("utf8", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0"}], ids=["UTF-8", "ASCII"])
def test_a_job_reads_prints_and_writes_whatever_the_locale(tmp_path, utf8):
    script = f"""
import sys
sys.path.insert(0, {str(ROOT / "scripts")!r})
from types import SimpleNamespace
from pathlib import Path
from netspaces.configuration.yaml_files import read_yaml
from netspaces.tables.style import save
from netspaces.workflow.jobs import job
from netspaces.workflow.progress import say
import pandas as pd

with job(SimpleNamespace(log=["job.log"], config={{}})):
    title = read_yaml(Path("title.yaml"))["title"]
    save(pd.DataFrame({{"title": [title]}}), "table")
    print("log", title, chr(0xDC80))
print("terminal", title, chr(0xDC80))
say(title)
"""
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    (tmp_path / "title.yaml").write_text("title: 5 × 5 ≤ ü 网络\n", encoding="utf-8")
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | utf8, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"terminal 5 ")
    title = "5 × 5 ≤ ü 网络"
    assert (tmp_path / "job.log").read_text(encoding="utf-8") == f"log {title} \\udc80\n"
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == f"title\n{title}\n"

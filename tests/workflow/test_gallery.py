"""The gallery of natural images is drawn again from the runs that it keeps: no image, no training, the same numbers."""

import re
import shutil
import sys

import pytest
from helpers.running import REPOSITORY, Workflow

GALLERY = REPOSITORY / "docs" / "gallery" / "cifar10_cpu"
PRESET = REPOSITORY / "config" / "presets" / "cifar10_cpu.yaml"


@pytest.mark.slow
def test_the_gallery_is_drawn_again_from_its_runs(tmp_path):
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    settings = re.search(r"^GALLERY := .* --config (.*)$", makefile, re.MULTILINE)[1].split()
    workflow, results = Workflow(tmp_path), tmp_path / "results" / "cifar10_cpu"
    results.mkdir(parents=True)
    shutil.copy(GALLERY / "runs.parquet", results)
    workflow.run("restore_runs", "--config", *settings, config=PRESET)
    runs = workflow.files("cifar10_cpu/runs/*")
    workflow.run("--config", *settings, config=PRESET)
    assert workflow.files("cifar10_cpu/runs/*") == runs and not list(results.glob("dataset/*.npy"))
    kinds = {"csv", "png"} if sys.platform == "linux" else {"csv"}  # others have other fonts
    kept = {path.name: path.read_bytes() for kind in kinds for path in GALLERY.glob(f"*.{kind}")}
    files = [path for folder in ("figures", "tables") for path in results.glob(f"{folder}/*") if path.is_file()]
    made = {path.name: path.read_bytes() for path in files}
    assert len(kept) >= 10 and {name for name in kept if kept[name] != made.get(name)} == set()

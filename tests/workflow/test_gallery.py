"""`make gallery` draws natural images again from what it keeps: no training, no measurement, the same bytes."""

import shlex
import subprocess
import sys

import pytest
from helpers.makes import run_make
from helpers.running import REPOSITORY, Workflow

GALLERY = REPOSITORY / "docs" / "gallery" / "cifar10_cpu"


@pytest.mark.slow
def test_the_gallery_is_drawn_again_from_what_it_keeps(tmp_path):
    workflow, results = Workflow(tmp_path), tmp_path / "results" / "gallery"
    (tmp_path / "docs").symlink_to(REPOSITORY / "docs")
    planned = run_make("--dry-run", "--assume-old=.venv/ready", "gallery")
    assert planned.returncode == 0, planned.stderr
    for command in planned.stdout.splitlines():
        program, *arguments = shlex.split(command)
        if program == ".venv/bin/snakemake":
            workflow.run(*arguments)
        else:
            subprocess.run([program, *arguments], cwd=tmp_path, check=True)
        if "restore_runs" in arguments:
            restored = workflow.files("gallery/runs/*")
    assert workflow.files("gallery/runs/*") == restored and not list(results.glob("dataset/*.npy"))
    kinds = {"csv", "png"} if sys.platform == "linux" else {"csv"}  # others have other fonts
    kept = {path.name: path.read_bytes() for kind in kinds for path in GALLERY.glob(f"*.{kind}")}
    files = [path for folder in ("figures", "tables") for path in results.glob(f"{folder}/*") if path.is_file()]
    made = {path.name: path.read_bytes() for path in files}
    assert len(kept) >= 10 and {name for name in kept if kept[name] != made.get(name)} == set()
    measured = [path.relative_to(GALLERY / "measured") for path in GALLERY.glob("measured/*/*.csv")]
    assert measured and all(
        (results / path).read_bytes() == (GALLERY / "measured" / path).read_bytes() for path in measured
    )

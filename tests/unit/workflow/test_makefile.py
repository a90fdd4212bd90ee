"""What `make` says and sets before it starts the engine."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SAID = "the home folder cannot be written: the engine keeps its caches in .snakemake/caches\n"


@pytest.mark.parametrize("writable", [True, False])
def test_caches_have_another_place_where_the_home_folder_cannot_be_written(tmp_path, writable):
    (tmp_path / "file").touch()  # no folder can be made in it, not even by root
    home = tmp_path if writable else tmp_path / "file"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    done = subprocess.run(["make", "-pn", "plan"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.stdout.startswith(SAID) != writable
    assert (f"XDG_CACHE_HOME := {ROOT}/.snakemake/caches" in done.stdout) != writable

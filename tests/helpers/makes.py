"""Runs of `make` as a user types it, also where the tests themselves were begun by `make`."""

import os
import subprocess
from pathlib import Path

from helpers.engine import REPOSITORY


def run_make(*arguments: str, folder: Path = REPOSITORY) -> subprocess.CompletedProcess:
    """`make` with these arguments in a folder; a make inside another would also say which folder it enters."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(["make", *arguments], cwd=folder, env=variables, capture_output=True, text=True)

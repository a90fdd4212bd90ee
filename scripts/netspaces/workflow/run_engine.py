"""A run of the engine from a command that needs several of them, one after the other."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[3]
LOCAL = str(ROOT / "profiles" / "local")


def run_engine(files: Sequence[str | Path], profile: str, targets: Sequence[str]) -> None:
    """Make some targets with some files of configuration; raises SystemExit with the engine's exit code if it fails."""
    engine = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--profile", profile]
    ended = subprocess.run([*engine, "--configfile", *map(str, files), "--", *targets])
    if ended.returncode:
        raise SystemExit(ended.returncode)

"""Runs of the whole workflow in a scratch folder, on the tiny preset."""

import subprocess
import sys
from pathlib import Path

import yaml

from helpers.patience import PATIENCE

REPOSITORY = Path(__file__).parents[2]
ONE_POPULATION = "results/digits/populations/AnyNetX_A-base-short.csv"


class Workflow:
    """The workflow in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(
        self,
        *arguments: str,
        check: bool = True,
        config: Path | None = None,
        profile: tuple[str, ...] = ("profiles/local", "--cores", "2"),
    ) -> subprocess.CompletedProcess:
        """`snakemake --profile profiles/local` on the tiny preset with more arguments; output in stdout."""
        command = [
            *(sys.executable, "-m", "snakemake", "--profile", *profile),
            *("--configfile", str(config or REPOSITORY / "tests" / "workflow" / "tiny.yaml")),
            *("--directory", str(self.folder)),
            *arguments,
        ]
        done = subprocess.run(
            command, cwd=REPOSITORY, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE
        )
        assert not check or done.returncode == 0, done.stdout
        return done

    def jobs(self, *arguments: str, config: Path | None = None) -> dict[str, int]:
        """How many jobs of each rule a dry run announces."""
        lines = self.run("-n", *arguments, config=config).stdout.splitlines()
        counts = [line.split() for line in lines if len(line.split()) == 2 and line.split()[1].isdigit()]
        return {rule: int(count) for rule, count in counts}

    def files(self, pattern: str) -> dict[str, bytes]:
        """The contents of the result files that match a pattern."""
        results = self.folder / "results"
        return {
            str(path.relative_to(results)): path.read_bytes()
            for path in sorted(results.glob(pattern))
            if path.is_file()
        }


def overlay(folder: Path, **settings) -> Path:
    """A configuration file: the tiny preset with other settings."""
    tiny = yaml.safe_load((REPOSITORY / "tests" / "workflow" / "tiny.yaml").read_text())
    path = folder / "overlay.yaml"
    path.write_text(yaml.safe_dump(tiny | settings))
    return path

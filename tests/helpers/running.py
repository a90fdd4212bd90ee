"""Runs of the whole workflow in a scratch folder, on the tiny preset."""

import subprocess
from pathlib import Path

import yaml

from helpers.engine import REPOSITORY, run_engine

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
        forked: bool = True,
    ) -> subprocess.CompletedProcess:
        """`snakemake --profile profiles/local` on the tiny preset with more arguments; output in stdout.

        `forked` is False for a new process in place of one that has imported the engine already.
        """
        done = run_engine(
            *("--profile", *profile),
            *("--configfile", str(config or REPOSITORY / "tests" / "workflow" / "tiny.yaml")),
            *("--directory", str(self.folder)),
            *arguments,
            forked=forked,
        )
        assert not check or done.returncode == 0, done.stdout
        return done

    def jobs(self, *arguments: str, config: Path | None = None, forked: bool = True) -> dict[str, int]:
        """How many jobs of each rule a dry run announces."""
        lines = self.run("-n", *arguments, config=config, forked=forked).stdout.splitlines()
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

"""The workflow under `snakemake --profile slurm`, in a folder of its own, and what SLURM says of its jobs."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from helpers.cluster import output
from helpers.patience import PATIENCE

REPOSITORY = Path(__file__).parents[2]
SNAKEMAKE = str(Path(sys.executable).with_name("snakemake"))
QUICK = ["--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "10"]
TINY = yaml.safe_load((REPOSITORY / "tests" / "workflow" / "tiny.yaml").read_text())
TIMING = ("seconds", "images_per_second", "peak_memory_mb", "digest")  # which the digest is of, too
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "SNAKEMAKE_PROFILE"}


class Driver:
    """Snakemake in a folder of its own, with the tiny preset and settings on top of it."""

    def __init__(self, folder: Path, **settings) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.results = folder / "results" / "digits"
        self.config = folder / "settings.yaml"
        self.config.write_text(yaml.safe_dump(TINY | settings))
        self.process: subprocess.Popen | None = None

    def start(self, *arguments: str, profile: str = "slurm") -> subprocess.Popen:
        """`snakemake --profile slurm` at the root of the repository, in the background; its words go to a file."""
        command = [SNAKEMAKE, "--profile", profile, *(QUICK if profile == "slurm" else ["--cores", "2"])]
        command += ["--configfile", str(self.config), "--directory", str(self.folder), *arguments]
        with open(self.folder / "driver.log", "w") as log:
            self.process = subprocess.Popen(
                command, cwd=REPOSITORY, env=ENVIRONMENT, stdout=log, stderr=log, start_new_session=True
            )
        return self.process

    def finish(self, seconds: float = PATIENCE) -> int:
        """Wait for its end; returns the exit code. One that takes too long is interrupted, which cancels its jobs."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(f"not done after {seconds} s:\n{self.said}") from None

    def stop(self) -> None:
        """Interrupt it, then kill it; nothing if it has ended."""
        for number, seconds in ((signal.SIGINT, 60), (signal.SIGKILL, 10)):
            if self.process is not None and self.process.poll() is None:
                os.killpg(self.process.pid, number)
                try:
                    self.process.wait(seconds)
                except subprocess.TimeoutExpired:
                    continue

    def run(self, *arguments: str, profile: str = "slurm", check: bool = True, seconds: float = PATIENCE) -> str:
        """Start and finish; returns what it said. With `check`, fails unless it succeeded."""
        self.start(*arguments, profile=profile)
        code = self.finish(seconds)
        assert (code == 0) == check, self.said
        return self.said

    @property
    def said(self) -> str:
        """What the last start has said so far."""
        return (self.folder / "driver.log").read_text()

    @property
    def run_id(self) -> str:
        """The name of its SLURM jobs."""
        return re.search(r"SLURM run ID: (\S+)", self.said)[1]

    def jobs(self) -> list[dict[str, str]]:
        """Its jobs in the accounting database, each run of a requeued one, oldest first."""
        names = ["jobid", "state", "partition", "reqtres", "timelimit", "nodelist", "comment", "submit"]
        listed = output(
            "sacct", "-X", "-D", "-n", "-P", "-S", "now-2hours", "--name", self.run_id, "-o", ",".join(names)
        )
        return [dict(zip(names, line.split("|"), strict=True)) for line in listed.splitlines()]

    def queue(self) -> dict[str, str]:
        """State of its jobs by id, of those that the controller still knows."""
        listed = output("squeue", "-h", "--states=all", "--name", self.run_id, "-o", "%i|%T")
        return dict(line.split("|") for line in listed.splitlines())

    def records(self, but: Path | None = None) -> dict[str, dict]:
        """The run records by key, timings aside, but one."""
        paths = [path for path in (self.results / "runs").glob("*.json") if path != but]
        found = {path.stem: json.loads(path.read_text()) for path in paths}
        return {key: {n: v for n, v in record.items() if n not in TIMING} for key, record in found.items()}

    def files(self, *folders: str) -> dict[str, bytes]:
        """The files of some folders of the results."""
        paths = [path for name in folders for path in sorted((self.results / name).glob("*"))]
        return {str(path.relative_to(self.results)): path.read_bytes() for path in paths if path.is_file()}

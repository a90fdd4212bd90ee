"""What the engine itself costs in a long run: CPU seconds per job of a workflow of many short jobs.

    python benchmarks/driver.py [--jobs 600] [--seconds 0.3]

The baseline in the same run is the engine as it is; the other has netspaces.workflow.scheduling.look_again_once, as
this workflow has. Threads are the most that the engine had. docs/explanation/performance.md has what was seen.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SCRIPTS = Path(__file__).parents[1] / "scripts"
WORKFLOW = """
rule all:
    input: expand("out/{{i}}", i=range({jobs}))
rule wait:
    output: "out/{{i}}"
    shell: "sleep {seconds}; touch {{output}}"
"""
PATCH = """
import sys
sys.path.insert(0, {scripts!r})
from netspaces.workflow.scheduling import look_again_once
look_again_once()
"""


def measure(workflow: str) -> tuple[float, float, int]:
    """CPU and wall seconds of the engine alone, without its jobs, and the most threads that it had."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Snakefile").write_text(workflow, encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--cores", "2", "--scheduler", "greedy", "--quiet", "all"]
        begun = time.perf_counter()
        engine = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cpu, threads = 0.0, 0
        while engine.poll() is None:
            try:
                fields = Path(f"/proc/{engine.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                threads = max(threads, int(fields[17]))
            except (OSError, IndexError):
                break
            time.sleep(0.2)
        if engine.wait():
            raise SystemExit("the workflow failed")
        return cpu, time.perf_counter() - begun, threads


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=0.3, help="that a job takes")
    arguments = parser.parse_args()
    plain = WORKFLOW.format(jobs=arguments.jobs, seconds=arguments.seconds)
    print(f"{arguments.jobs} jobs\n                    CPU s/job   wall s   threads")
    for name, workflow in (("engine", plain), ("look_again_once", PATCH.format(scripts=str(SCRIPTS)) + plain)):
        cpu, wall, threads = measure(workflow)
        print(f"{name:16s} {cpu / arguments.jobs:12.3f} {wall:8.1f} {threads:9d}", flush=True)


if __name__ == "__main__":
    main()

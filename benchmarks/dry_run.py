"""What the engine needs to plan 15,000 training jobs: `snakemake -n`, CPU time, wall time and peak memory.

    python benchmarks/dry_run.py
    python benchmarks/dry_run.py --networks 1000

The baseline in the same run is a workflow with as many jobs and nothing else: one rule, one output each.

Seen on two shared virtual cores:

                       CPU s   wall s   peak MB
    bare workflow       12.4     12.4       351
    this workflow       22.6     22.5       442
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
BARE = """
rule all:
    input: expand("out/{{i}}.json", i=range({networks}))
rule train:
    output: "out/{{i}}.json"
    shell: "touch {{output}}"
"""


def measure(command: list[str], folder: str) -> tuple[float, float, float]:
    """CPU seconds, wall seconds and peak MB of a command, its output thrown away."""
    probe = (
        "import resource, subprocess, sys, time; t = time.perf_counter();"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(u.ru_utime + u.ru_stime, time.perf_counter() - t, u.ru_maxrss / 1024)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, *command],
        cwd=folder,
        check=True,
        text=True,
        encoding="utf-8",
        stdout=subprocess.PIPE,
    )
    cpu, wall, memory = map(float, done.stdout.split())
    return cpu, wall, memory


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", type=int, default=15_000)
    networks = parser.parse_args().networks
    snakemake = [sys.executable, "-m", "snakemake", "-n", "--cores", "2"]
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "Snakefile"
        bare.write_text(BARE.format(networks=networks), encoding="utf-8")
        overlay = Path(folder) / "large.yaml"
        overlay.write_text(f"population_size: {-(-networks // 16)}\n", encoding="utf-8")
        ours = [*snakemake, "--directory", folder, "--configfile", str(overlay)]
        rows = {
            "bare workflow": measure([*snakemake, "--snakefile", str(bare), "--directory", folder], folder),
            "this workflow": measure(ours, str(REPOSITORY)),
        }
    print(f"snakemake -n for {networks:,} training jobs")
    print("                   CPU s   wall s   peak MB")
    for name, (cpu, wall, memory) in rows.items():
        print(f"{name:16s} {cpu:7.1f} {wall:8.1f} {memory:9.0f}")
    print(f"ratio            {rows['this workflow'][0] / rows['bare workflow'][0]:7.2f}")


if __name__ == "__main__":
    main()

"""Wall time of a preset from nothing to all figures, and the share of it that is not training.

    python benchmarks/preset.py                          # the default preset, one network per job, then eight
    python benchmarks/preset.py --models-per-job 8
    python benchmarks/preset.py --configfile tests/workflow/tiny.yaml

Every run starts in an empty folder. Training is the time that records say was spent in the training loop; what is left
of cores x wall time is interpreter start, imports, the engine, sampling, tables, figures, and idle cores.

Seen on two shared virtual cores (AVX512, AMX), preset digits, 512 networks:

    models per job   wall s   training s   outside training
                 1      758          927             38.9 %
                 8      604         1057             12.5 %
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def measure(models_per_job: int, cores: int, configfile: str | None) -> dict:
    """Run the workflow once; seconds and shares."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "snakemake", "--profile", "profiles/local", "--cores", str(cores)]
        command += ["--directory", folder, "--config", f"models_per_job={models_per_job}"]
        command += ["--configfile", configfile] if configfile else []
        before, started = os.times(), time.perf_counter()
        subprocess.run(command, cwd=REPOSITORY, check=True)
        wall, after = time.perf_counter() - started, os.times()
        cpu = sum(after[2:4]) - sum(before[2:4])
        records = [json.loads(path.read_text(encoding="utf-8")) for path in Path(folder).glob("results/*/runs/*.json")]
    training = sum(record["seconds"] for record in records)
    return {
        "models per job": models_per_job,
        "networks": len(records),
        "wall": wall,
        "cpu": cpu,
        "training": training,
        "outside": 1 - training / (wall * cores),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models-per-job", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument("--configfile")
    arguments = parser.parse_args()
    rows = [measure(k, arguments.cores, arguments.configfile) for k in arguments.models_per_job]
    print(f"\n{arguments.cores} cores")
    print("models per job   networks   wall s    CPU s   training s   outside training")
    for row in rows:
        print(
            f"{row['models per job']:14d} {row['networks']:10d} {row['wall']:8.0f} {row['cpu']:8.0f}"
            f" {row['training']:12.0f} {100 * row['outside']:17.1f} %"
        )


if __name__ == "__main__":
    main()

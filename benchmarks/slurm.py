"""What SLURM costs per network: `snakemake --profile slurm` on trivial trainings, for different numbers per job.

    python tests/helpers/cluster.py up
    python benchmarks/slurm.py --networks 200 --per-job 1 20
    python tests/helpers/cluster.py down

The baseline is in the same run: the seconds that the records themselves say were spent in training. docs/how-to/
cluster.md has what was seen. The last line is the dry run, `snakemake -n --profile slurm`, of many networks.
"""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dry_run import REPOSITORY, measure

SNAKEMAKE = [str(Path(sys.executable).with_name("snakemake")), "--profile", "slurm"]
POPULATION = "AnyNetX_A-base-short"
TRIVIAL = """
recipes: {short: {epochs: 1}}
run_studies: [fig06_good_and_bad_networks]
"""


def cpu_seconds(text: str) -> float:
    """Seconds of SLURM's [days-][hours:]minutes:seconds."""
    days, _, clock = text.rpartition("-")
    seconds = 0.0
    for part in clock.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds + 86400 * int(days or 0)


def run(networks: int, per_job: int, folder: Path) -> dict[str, float]:
    """Train so many networks; CPU seconds of driver and jobs, wall seconds, seconds of training itself, jobs."""
    settings = folder / "settings.yaml"
    settings.write_text(f"population_size: {networks}\nmodels_per_job: {per_job}\n{TRIVIAL}", encoding="utf-8")
    target = f"results/digits/populations/{POPULATION}.csv"
    command = [*SNAKEMAKE, target, "--configfile", str(settings), "--directory", str(folder)]
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=REPOSITORY, text=True, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout)
    name = re.search(r"SLURM run ID: (\S+)", done.stdout)[1]
    time.sleep(2)  # until the accounting database has the last job
    # With -X, jobs have no CPU time of their own; without, theirs is the sum of their steps, which follow as ID.STEP
    query = ["sacct", "-n", "-P", "-S", "now-1days", "--name", name, "-o", "jobid,totalcpu"]
    rows = subprocess.run(query, check=True, text=True, encoding="utf-8", stdout=subprocess.PIPE).stdout.split()
    used = [spent for job, spent in (row.split("|") for row in rows) if "." not in job]
    records = [
        json.loads(path.read_text(encoding="utf-8")) for path in (folder / "results" / "digits" / "runs").glob("*.json")
    ]
    return {
        "jobs": len(used),
        "driver": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "nodes": sum(map(cpu_seconds, used)),
        "training": sum(record["seconds"] for record in records),
        "wall": wall,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=200)
    parser.add_argument("--per-job", type=int, nargs="+", default=[1, 20])
    parser.add_argument("--plan", type=int, default=15_000, help="networks of the dry run; 0: none")
    arguments = parser.parse_args()
    n = arguments.networks
    print(f"{n} networks; seconds per network\nper job  jobs  CPU driver  CPU nodes  of which training  wall")
    for per_job in arguments.per_job:
        with tempfile.TemporaryDirectory() as folder:
            seen = run(n, per_job, Path(folder))
        print(
            f"{per_job:7d} {seen['jobs']:5d} {seen['driver'] / n:11.2f} {seen['nodes'] / n:10.2f}"
            f" {seen['training'] / n:18.2f} {seen['wall'] / n:5.2f}",
            flush=True,
        )
    if arguments.plan:
        with tempfile.TemporaryDirectory() as folder:
            settings = Path(folder) / "settings.yaml"
            settings.write_text(f"population_size: {-(-arguments.plan // 16)}\n", encoding="utf-8")
            dry = [*SNAKEMAKE, "-n", "--configfile", str(settings), "--directory", folder]
            cpu, wall, memory = measure(dry, str(REPOSITORY))
        print(f"dry run of {arguments.plan:,} networks: {cpu:.1f} CPU s, {wall:.1f} s, {memory:.0f} MB")


if __name__ == "__main__":
    main()

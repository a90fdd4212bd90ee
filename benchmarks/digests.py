"""CPU time of reading files of results with and without the check of their digest.

    PYTHONPATH=scripts python benchmarks/digests.py

The median of 50 readings of each, in milliseconds. Plain CSV is pandas' reader as it comes, which rounds the last digit
of some numbers; exact CSV is the same reader with `float_precision="round_trip"`, as the workflow reads it.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from netspaces.configuration.loading import load
from netspaces.files.safe import read_json, write_json
from netspaces.files.tables import read_csv, read_parquet, write_csv, write_parquet
from netspaces.spaces.sampling import sample

REPOSITORY = Path(__file__).parents[1]
TIMES, NETWORKS, EPOCHS = 50, 500, 100


def milliseconds(read: Callable[[], object]) -> float:
    """Median CPU time of a reading."""
    times = []
    for _ in range(TIMES):
        start = time.process_time()
        read()
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


def record() -> Mapping:
    """What a run of 100 epochs writes, by its size."""
    numbers = np.random.default_rng(0).random((EPOCHS, 6))
    names = ("train_loss", "train_error", "test_error", "validation_error", "learning_rate", "seconds")
    return {"status": "finished", "epochs": [dict(zip(names, row, strict=True)) for row in numbers.tolist()]}


def main() -> None:
    """Write the files, read them, print a line for each way."""
    population = load({"preset": "imagenet"}, REPOSITORY / "config").populations["AnyNetX_A-base-short"]
    networks = sample(population.definition, population.regime, population.seed, range(NETWORKS))
    table = pd.DataFrame(networks.columns())
    with tempfile.TemporaryDirectory() as folder:
        json_file, csv, parquet = (Path(folder, name) for name in ("run.json", "sampled.csv", "table.parquet"))
        write_json(json_file, record())
        write_csv(csv, table)
        write_parquet(parquet, table)
        sizes = {path.suffix: f"{path.stat().st_size / 1000:.0f} kB" for path in (json_file, csv, parquet)}
        ways: dict[str, Callable[[], object]] = {
            f"record, {sizes['.json']}, without": lambda: json.loads(json_file.read_text(encoding="utf-8")),
            "record, with": lambda: read_json(json_file, "a record"),
            f"parquet, {sizes['.parquet']}, without": lambda: pd.read_parquet(parquet),
            "parquet, with": lambda: read_parquet(parquet, "a table"),
            f"CSV, {sizes['.csv']}, plain, without": lambda: pd.read_csv(csv),
            "CSV, exact, without": lambda: pd.read_csv(csv, float_precision="round_trip"),
            "CSV, exact, with": lambda: read_csv(csv, "a table"),
        }
        for name, read in ways.items():
            print(f"{milliseconds(read):6.2f} ms  {name}")


if __name__ == "__main__":
    main()

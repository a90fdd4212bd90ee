"""CPU time and size of a comparison of two large populations of other people: import, figure and tables.

    PYTHONPATH=scripts python benchmarks/large_imports.py [networks]

A study of one's own compares two generated CSV files of 100,000 networks each. Prints CPU seconds of every step, as the
workflow's jobs take them without starting Python, and the size of the figure's files.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from netspaces.configuration.loading import load
from netspaces.figures import FIGURES, drawing
from netspaces.populations.imported import read_population
from netspaces.populations.table import write_population
from netspaces.studies.study import load_study
from netspaces.tables import TABLES, style
from netspaces.workflow.paths import Paths
from netspaces.workflow.study_rules import StudyRule, study_rules

REPOSITORY = Path(__file__).parents[1]
NETWORKS = 100_000
STUDY = {
    "title": "Two large populations",
    "figure": "error_distributions",
    "panels": {"spaces": [{"imported": "Narrow"}, {"imported": "Wide"}]},
}


def write_networks(path: Path, networks: int, best: float, seed: int) -> None:
    """A table of networks of four stages, whose errors are skewed and differ in nearly every digit."""
    rng = np.random.default_rng(seed)
    structure = {f"depth_{i + 1}": rng.integers(1, 17, networks) for i in range(4)}
    structure |= {f"width_{i + 1}": 8 * rng.integers(1, 129, networks) for i in range(4)}
    complexity = {"flops": rng.lognormal(20, 0.3, networks).round(), "params": rng.lognormal(15, 0.3, networks).round()}
    table = pd.DataFrame(structure | complexity)
    table["error"] = (best + rng.gamma(2.0, 3.0, networks)).clip(0, 90).round(6)
    table.to_csv(path, index=False)


def drawn(rule: StudyRule, tables: dict[str, str]) -> None:
    """Make a figure or a table as its script does."""
    study = load_study(rule.params, tables, rule.published)
    stem = rule.files[0].rpartition(".")[0]
    if rule.kind == "figure":
        drawing.save(FIGURES[rule.module](study), stem)
    else:
        style.save(TABLES[rule.module](study), stem)


def main() -> None:
    """Write the files, make everything, print a line for each step."""
    networks = int(sys.argv[1]) if len(sys.argv) > 1 else NETWORKS
    with tempfile.TemporaryDirectory() as folder:
        imported = {}
        for seed, (name, best) in enumerate({"Narrow": 6.0, "Wide": 5.9}.items()):
            write_networks(Path(folder, f"{name}.csv"), networks, best, seed)
            imported[name] = {"format": "csv", "file": str(Path(folder, f"{name}.csv")), "metric": "error"}
        configuration = load({"imported": imported, "studies": {"large": STUDY}}, REPOSITORY / "config")
        paths = Paths(folder)
        rules = study_rules(configuration, paths, REPOSITORY)
        total, tables = 0.0, {}
        for population, declared in configuration.imported_populations.items():
            start = time.process_time()
            parquet, csv = paths.populations([population], ("parquet", "csv"))
            write_population(read_population(population, declared), parquet, csv)
            tables[population] = parquet
            total += said(f"import of {population}", start)
        for rule in (rule for name, rule in rules.items() if name.startswith("large")):
            start = time.process_time()
            drawn(rule, tables)
            total += said(rule.name, start)
        sizes = [f"{path.suffix[1:]} {path.stat().st_size / 1e6:.2f} MB" for path in Path(folder, "figures").iterdir()]
    print(f"{total:6.1f} s in all; the figure: {', '.join(sorted(sizes))}")


def said(what: str, start: float) -> float:
    """Print and return the CPU seconds since a start."""
    seconds = time.process_time() - start
    print(f"{seconds:6.1f} s {what}", flush=True)
    return seconds


if __name__ == "__main__":
    main()

"""Names of the workflow's files, all of them below the folder of results of one preset."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

POPULATION_PATTERN = r"[A-Za-z0-9_]+-(?!imported-)[A-Za-z0-9_]+-[A-Za-z0-9_]+(-r\d+)?(-two_phase)?"
JOB_PATTERN = r"\d{5}(-\d{5}_\d+of\d+)?"
BUNDLE = ".bundle.zip"
FORMATS = {"figure": ("svg", "pdf", "png", "csv"), "table": ("html", "csv", "md", "tex")}
"""The formats of a figure and of a table; the report shows the first."""


@dataclass(frozen=True)
class Paths:
    """The files of one preset, as every rule names them.

    Parameters
    ----------
    results : the folder, `results/digits`.
    """

    results: str

    def populations(self, names: Iterable[str], formats: Iterable[str] = ("parquet",)) -> list[str]:
        """The tables of populations."""
        return [f"{self.results}/populations/{name}.{format}" for name in names for format in formats]

    def studies(self, kind: str, names: Iterable[str]) -> list[str]:
        """The figures or the tables (kind "figure" or "table") of studies, in every format."""
        return [f"{self.results}/{kind}s/{name}.{format}" for name in names for format in FORMATS[kind]]

    def page(self, study: str = "") -> str:
        """The interactive page of a study, or of all of the run."""
        return f"{self.results}/explore/{study}.html" if study else f"{self.results}/explore.html"

    def untrained(self, space: str, regime: str) -> str:
        """The networks of a design space in a regime that are sampled and never trained."""
        return f"{self.results}/untrained/{space}-{regime}.parquet"

    def predictions(self, name: str) -> str:
        """Predicted errors that several figures and tables read."""
        return f"{self.results}/predictions/{name}.parquet"

    def trained(self, population: str, jobs: Iterable[str]) -> list[str]:
        """What the training jobs of a population write."""
        return [f"{self.results}/trained/{population}/{job}.json" for job in jobs]

    def meta(self, key: str) -> str:
        """What is known of a prepared dataset: written last."""
        return f"{self.results}/{key}/meta.json"

    @property
    def bundle(self) -> str:
        """The finished preset in one file, named after its folder of results."""
        return f"{self.results}/{os.path.basename(self.results)}{BUNDLE}"

    @property
    def limits(self) -> str:
        """The limits on complexity, which figure 12 derives."""
        return f"{self.results}/limits.json"

    @property
    def limits_if_there(self) -> str | None:
        """The file of limits on complexity once it has been made: what is predicted before does without."""
        return self.limits if os.path.exists(self.limits) else None


def is_fetched_or_small(dataset: Mapping) -> bool:
    """Whether a dataset is prepared where snakemake runs: nodes of a cluster may not reach the internet."""
    return dataset.get("download", False) or "folder" not in dataset

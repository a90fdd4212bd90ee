"""The data card of a bundle, `README.md`: what it is, how it was made, who may use it, and what its columns mean."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from netspaces.bundles.columns import described, meanings
from netspaces.bundles.crate import WHAT, authors_of, title_of
from netspaces.files.archive import SUMS

CARD = "README.md"
NO_LICENCE = "No licence is stated. Ask those who made this before you use it."
OF_RUNS = (
    "`runs.parquet` has columns of the same names, `file` (of the record), `text` (the record as it is, in JSON), "
    "`test_errors` (after each epoch, %), `seed` and `dataset` (the checksum of the images)."
)
USE = f"""\
Checksums: `sha256sum --check --quiet {SUMS}`. In Python: `pandas.read_parquet("populations/NAME.parquet")`.

In netspaces, the software that made this, a population stands in figures and claims beside others:

```yaml
imported:
  Theirs: {{format: bundle, file: BUNDLE.zip, population: NAME}}
```

`runs.parquet`, copied to `results/PRESET/`, and `snakemake restore_runs` give its store of runs back, so that the same
configuration trains nothing again. Images, weights and logs are not in the bundle."""


def card(
    tables: Mapping[str, pd.DataFrame], records: pd.DataFrame, told: Mapping, dictionary: Path, names: Sequence[str]
) -> str:
    """The data card.

    Parameters
    ----------
    tables : of populations, by name.
    records : the table of runs and datasets.
    told : as for `netspaces.bundles.contents.write_bundle`, with `imported`, the populations of other people.
    dictionary : the page that says what columns mean.
    names : of the files in the bundle.
    """
    stated, configuration = told["stated"], told["configuration"]
    columns = list(dict.fromkeys(column for table in tables.values() for column in table))
    networks = sum(map(len, tables.values()))
    authors = f" By {', '.join(authors_of(stated))}." if authors_of(stated) else ""
    parts = [
        f"# {title_of(told)}",
        f"{networks:,} networks of {len(tables)} populations, each drawn from a design space and trained.{authors}",
        "## What",
        "\n".join(_what(records, configuration)),
        _populations(tables, configuration["statistics"]["error"]),
        "## How",
        "\n".join(_how(records, told)),
        "## Licence",
        _licence(stated.get("licence"), told["imported"]),
        "## Files",
        "\n".join(_files(names)),
        "## Use",
        USE.replace("PRESET", told["preset"]),
        "## Columns of populations",
        "Errors are top-1 errors on the test images, in percent. An empty cell says that there is no such value.",
        "\n".join(described(columns, meanings(dictionary))),
        *[OF_RUNS] * bool(len(records)),
    ]
    return "\n\n".join(parts) + "\n"


def _licence(identifier: str | None, imported: Sequence[str]) -> str:
    """Who may use what, in a sentence or two."""
    ours = f"{identifier}, see https://spdx.org/licenses/{identifier}." if identifier else NO_LICENCE
    theirs = f" These populations are other people's, and so are their licences: {', '.join(imported)}."
    return ours + theirs * bool(imported)


def _what(records: pd.DataFrame, configuration: Mapping) -> list[str]:
    """The images and the preset, in items."""
    lines = [f"- Preset: {configuration['preset']}. {configuration.get('description', '')}".rstrip()]
    for text in records.loc[records["key"].isna(), "text"]:
        meta = json.loads(text)
        counts = ", ".join(f"{meta[split]:,} {split}" for split in ("train", "validation", "test") if meta[split])
        size = f"{meta['resolution']}x{meta['resolution']}"
        images = f"{meta['name']}, {size}, {meta['classes']} classes; {counts}; checksum {meta['checksum']}"
        lines.append(f"- Images: {images}")
    return lines


def _populations(tables: Mapping[str, pd.DataFrame], error: str) -> str:
    """A row per population: what became of its networks, and its errors."""
    lines = [
        f"| population | networks | finished | diverged | missing | smallest {error} (%) | median (%) |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name, table in sorted(tables.items()):
        counts = [str(int((table["status"] == status).sum())) for status in ("finished", "diverged", "missing")]
        errors = table[error].dropna()
        ends = [f"{errors.min():.2f}", f"{errors.median():.2f}"] if len(errors) else ["", ""]
        lines.append(f"| {' | '.join([name, str(len(table)), *counts, *ends])} |")
    return "\n".join(lines)


def _how(records: pd.DataFrame, told: Mapping) -> list[str]:
    """How networks were drawn and trained, in items."""
    configuration, stated = told["configuration"], told["stated"]
    error, level = (configuration["statistics"][key] for key in ("error", "level"))
    runs = [json.loads(text) for text in records.loc[records["key"].notna(), "text"]]
    epochs = {run["recipe"]["epochs"] for run in runs}
    versions = {" ".join(f"{name} {version}" for name, version in run.get("versions", {}).items()) for run in runs}
    hours = sum(run["seconds"] for run in runs) / 3600
    trained = [
        f"- {len(runs):,} runs of {_listed(map(str, sorted(epochs)))} epochs, together {hours:.2f} hours, on "
        f"{_listed({run['device'] for run in runs})}, with {_listed(versions)}."
    ]
    return [
        f"- Made with netspaces {told['version']}. `configuration.yaml` holds all settings: design spaces, regimes, "
        "recipes, studies, claims.",
        f"- Networks are named `SPACE-REGIME-RECIPE`, drawn with the seed {configuration['seed']}.",
        *trained * bool(runs),
        f"- Statistics are of `{error}`, at the confidence level {level}.",
        f"- Published {stated['published']}.",
    ]


def _listed(names: Iterable[str]) -> str:
    """Names in a sentence, each once, those of a set by alphabet."""
    listed = sorted(names) if isinstance(names, set) else names
    return "; ".join(filter(None, listed)) or "nothing that is known"


def _files(names: Sequence[str]) -> list[str]:
    """An item per folder, and per file at the top."""
    first = dict.fromkeys(PurePosixPath(name).parts[0] for name in [*names, CARD, SUMS])
    counts = {part: sum(name.startswith(f"{part}/") for name in names) for part in first}
    return [
        f"- `{part}{f'/` ({counts[part]} files)' if counts[part] else '`'}: {WHAT.get(part, 'A part of the results.')}"
        for part in first
    ]

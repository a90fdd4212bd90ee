"""The metadata of a bundle for programs: `ro-crate-metadata.json`, by the specification RO-Crate 1.1.

A list of entities, each with `@id` and `@type`: the descriptor of the file itself, the root (the bundle: name,
description, date, licence, its files under `hasPart`), a `File` for each of these, and what they refer to.
https://w3id.org/ro/crate/1.1
"""

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from netspaces.files.archive import SUMS

METADATA = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
TYPES = {
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}
WHAT = {
    "populations": "The networks of a population, a row each.",
    "figures": "A figure, or as CSV the numbers drawn in it.",
    "tables": "A table.",
    "times": "Measured times.",
    "times_by_setting": "Measured times in several settings.",
    "proxies": "Zero-cost proxies of untrained networks.",
    "evaluation": "Errors of published weights.",
    "finals": "Final trainings of the best network of a population.",
    "environment": "What was or is to be installed, in exact versions.",
    "explore": "An interactive page.",
    "runs.parquet": "The record of every run, as text in JSON, with what one wants to know of it as columns.",
    "configuration.yaml": "All settings.",
    "explore.html": "An interactive page of all populations.",
    "limits.json": "Limits on complexity.",
    "README.md": "What this is, how it was made, and what its columns mean.",
    SUMS: "The SHA-256 of every file.",
}
"""What the files of a folder are, or a file at the top."""


def crate(contents: Mapping[str, bytes | Path], told: Mapping) -> str:
    """The metadata of a bundle as JSON; parameters are those of `netspaces.bundles.contents.write_bundle`."""
    stated = told["stated"]
    files = [_file(name, content, told["titles"]) for name, content in sorted(contents.items())]
    files.append(
        {"@id": SUMS, "@type": "File", "name": SUMS, "description": WHAT[SUMS], "encodingFormat": "text/plain"}
    )
    licence = _licence(stated.get("licence"))
    authors = [{"@id": f"#author-{i}", "@type": "Person", "name": name} for i, name in enumerate(authors_of(stated), 1)]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": title_of(told),
        "description": f"Populations of trained networks. {told['configuration'].get('description', '')}".strip(),
        "datePublished": stated["published"],
        "license": {"@id": licence["@id"]},
        "hasPart": [{"@id": file["@id"]} for file in files],
    } | ({"author": [{"@id": author["@id"]} for author in authors]} if authors else {})
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": SPECIFICATION},
        "about": {"@id": "./"},
    }
    software = {"@id": "#netspaces", "@type": "SoftwareApplication", "name": "netspaces", "version": told["version"]}
    made = {
        "@id": "#made",
        "@type": "CreateAction",
        "name": "Sampling, training and comparison of the networks",
        "instrument": {"@id": software["@id"]},
        "result": {"@id": "./"},
    }
    graph = [descriptor, root, *files, licence, *authors, software, made]
    return json.dumps({"@context": f"{SPECIFICATION}/context", "@graph": graph}, indent=1, ensure_ascii=False) + "\n"


def title_of(told: Mapping) -> str:
    """What a bundle is called: as stated, or after its preset."""
    return str(told["stated"].get("title") or f"Populations of the preset {told['preset']}")


def authors_of(stated: Mapping) -> list[str]:
    """The names of the authors that are stated."""
    return list(stated.get("authors", ()))


def _licence(identifier: str | None) -> dict:
    """The entity of a licence, by its SPDX identifier, or of none."""
    if not identifier:
        said = "Nobody has said under which licence others may use this. Ask those who made it."
        return {"@id": "#no-licence", "@type": "CreativeWork", "name": "No licence is stated", "description": said}
    address = f"https://spdx.org/licenses/{identifier}"
    return {"@id": address, "@type": "CreativeWork", "name": identifier, "description": f"The licence {identifier}"}


def _file(name: str, content: bytes | Path, titles: Mapping[str, str]) -> dict:
    path = PurePosixPath(name)
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    return {
        "@id": quote(name),
        "@type": "File",
        "name": titles.get(path.stem, path.name),
        "description": WHAT.get(path.parts[0], "A part of the results."),
        "contentSize": str(size),
        "encodingFormat": TYPES.get(path.suffix, "application/octet-stream"),
    }

"""The formats of other people's populations, one per file: `nds.py` reads what `format: nds` says.

A file holds an `IMPORTER`: a function of a path and of the declared `columns` (our names: theirs) that returns a row
per job of the file, whatever became of it. A row holds the columns `status`, `error`, `error_min`, `architecture` (the
identity of the structure) and `key` (that of the run), more results of `populations.table.RESULTS` where the file has
them, and what describes the network. It raises ImportFileError. docs/how-to/import.md says which columns come from
where.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from netspaces.plugins.registry import Registry

Importer = Callable[[Path, Mapping[str, str]], list[dict]]

IMPORTERS: Registry[Importer] = Registry("import format", "IMPORTER", "netspaces.populations.importers")

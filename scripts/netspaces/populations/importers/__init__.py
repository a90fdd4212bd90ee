"""The formats of other people's populations, one per file: `nds.py` reads what `format: nds` says.

A file holds an `IMPORTER`: a function of a path and of the declared `columns` (our names: theirs) that returns a row
per job of the file, whatever became of it, as dicts or as a table. Other keys that a declaration may have (`classes`,
`metric`, ...) are its keyword parameters. A row holds the columns `status`, `error`, `error_min` (percent),
`architecture` (the identity of the structure) and `key` (that of the run), more results of
`populations.columns.RESULTS` where the file has them, `metric` (what the errors were made of), `reason` (why there is
no result), `duplicate_of` where the file knows which networks are equal, and what describes the network. It raises
ImportFileError. docs/how-to/import.md says which columns come from where.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from netspaces.plugins.registry import Registry

if TYPE_CHECKING:
    import pandas as pd  # names of formats are known without it

Importer = Callable[..., "pd.DataFrame | list[dict]"]

IMPORTERS: Registry[Importer] = Registry("import format", "IMPORTER", "netspaces.populations.importers")

"""Tables, one module each: `make(study)` turns population tables into the rows of a table."""

from collections.abc import Callable

from netspaces.plugins.registry import Registry

TABLES: Registry[Callable] = Registry(
    "table", "make", "netspaces.tables.paper", "netspaces.tables.critics", "netspaces.tables.summaries"
)

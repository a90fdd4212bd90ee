"""Registries list their entries without importing them, and import an entry when it is asked for."""

import pytest
from netspaces.figures import FIGURES
from netspaces.tables import TABLES


@pytest.mark.parametrize("registry", [FIGURES, TABLES], ids=["figures", "tables"])
def test_a_registry_counts_and_knows_its_entries(registry):
    names = list(registry)
    assert names and len(registry) == len(names) == len(set(names))
    assert all(name in registry for name in names)
    assert "no_such_entry" not in registry and None not in registry
    with pytest.raises(KeyError):
        registry["no_such_entry"]


def test_an_entry_is_what_its_module_holds():
    assert TABLES["populations"].__module__ == "netspaces.tables.summaries.populations"

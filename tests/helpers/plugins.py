"""Entries of registries that a test brings, as a user's file would."""

from pathlib import Path
from types import ModuleType

import pytest
from netspaces.plugins import loading
from netspaces.plugins.loading import Plugin


def bring(monkeypatch: pytest.MonkeyPatch, name: str, **entries: object) -> None:
    """Register entries (`READER=...`) under a name for the rest of a test."""
    module = ModuleType(name)
    vars(module).update(entries)
    plugin = Plugin(name, Path(f"{name}.py"), module, "0" * 16)
    monkeypatch.setitem(loading._plugins, plugin.path, plugin)

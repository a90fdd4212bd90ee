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
    plugin = Plugin(name=name, path=Path(f"{name}.py"), file=Path(f"{name}.py"), module=module, digest="0" * 16)
    monkeypatch.setitem(loading._plugins, plugin.path, plugin)

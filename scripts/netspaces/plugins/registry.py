"""Registries: the entries of one kind, each a file of the library or a file that a user brings.

A registry belongs to one or more packages that hold nothing but entries. The file `x.py` there is the entry `x`, and
holds it under the name that the registry asks for (`BLOCK`, `READER`, ...). Names are known without importing a file,
so that a schema or a message can list them at no cost; a file is imported when its entry is asked for. Files of users
(`netspaces.plugins.loading`) come after those of the library and may not take their names.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, TypeVar

from netspaces.plugins.loading import Plugin, PluginError, loaded_plugins

Entry = TypeVar("Entry")
LIBRARY = Path(__file__).parents[1]


class Registry(Mapping[str, Entry], Generic[Entry]):
    """The entries of one kind by name, in the order of their names.

    Parameters
    ----------
    kind : what an entry is, for messages: "block".
    attribute : the name under which a file holds its entry: "BLOCK".
    packages : dotted names of the packages of the library whose files are entries.
    entry_type : the class, by its dotted name, of which an entry of a user's file must be an instance; "" for any.
    """

    def __init__(self, kind: str, attribute: str, *packages: str, entry_type: str = "") -> None:
        self.kind, self.attribute, self.packages, self.entry_type = kind, attribute, packages, entry_type

    @cached_property
    def modules(self) -> dict[str, str]:
        """The library's modules by the name of their entry; folders are read once."""
        modules: dict[str, str] = {}
        for package in self.packages:
            folder = LIBRARY.joinpath(*package.split(".")[1:])
            for path in folder.glob("*.py"):
                if path.stem != "__init__":
                    modules[path.stem] = f"{package}.{path.stem}"
        return dict(sorted(modules.items()))

    @property
    def plugins(self) -> dict[str, Plugin]:
        """The loaded files of users that bring an entry, by name.

        Raises PluginError for a name of the library's, an entry of another type, or one that names itself otherwise.
        """
        plugins = {plugin.name: plugin for plugin in loaded_plugins() if hasattr(plugin.module, self.attribute)}
        for name, plugin in plugins.items():
            if name in self.modules:
                taken = f"{name!r} is a {self.kind} of the library"
                raise PluginError(f"plugins: {plugin.path}: {taken}, expected a file of another name")
            self._check(plugin)
        return plugins

    def _check(self, plugin: Plugin) -> None:
        """Raise PluginError for an entry of another type than the registry's, or with another name than its file."""
        entry = getattr(plugin.module, self.attribute)
        if self.entry_type:
            module, _, name = self.entry_type.rpartition(".")
            if not isinstance(entry, getattr(import_module(module), name)):
                expected = f"got {entry!r}, expected an instance of {self.entry_type}"
                raise PluginError(f"plugins: {plugin.path}: {self.attribute}: {expected}")
        if getattr(entry, "name", plugin.name) != plugin.name:
            expected = f"got {entry.name!r}, expected the file's name {plugin.name!r}"
            raise PluginError(f"plugins: {plugin.path}: {self.attribute}.name: {expected}")

    def __getitem__(self, name: str) -> Entry:
        plugins = self.plugins
        if name in plugins:
            return getattr(plugins[name].module, self.attribute)
        if name not in self.modules:
            raise KeyError(name)
        return getattr(import_module(self.modules[name]), self.attribute)

    def literal(self, name: str, constant: str) -> Any:
        """A constant of the entry's file, read without importing a file of the library; None if it has none."""
        if name in self.plugins:
            return getattr(self.plugins[name].module, constant, None)
        path = LIBRARY.joinpath(*self.modules[name].split(".")[1:]).with_suffix(".py")
        source = path.read_text(encoding="utf-8")
        for node in ast.parse(source).body if constant in source else ():  # most files need no parsing
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if any(isinstance(target, ast.Name) and target.id == constant for target in targets):
                return ast.literal_eval(node.value)  # type: ignore[attr-defined]
        return None

    def __contains__(self, name: object) -> bool:
        return name in self.modules or name in self.plugins

    def __iter__(self) -> Iterator[str]:
        yield from self.modules
        yield from self.plugins

    def __len__(self) -> int:
        return len(self.modules) + len(self.plugins)

    def plugin_digests(self, names: Iterable[str]) -> dict[str, str]:
        """The digests of the plug-in files that bring those of some names that are not the library's, by name."""
        plugins = self.plugins
        return {name: plugins[name].digest for name in names if name in plugins}

"""Registries: the entries of one kind, each a file of the library or a file that a user brings.

A registry belongs to one or more packages that hold nothing but entries. The file `x.py` there is the entry `x`, and
holds it under the name that the registry asks for (`BLOCK`, `READER`, ...). Names are known without importing a file,
so that a schema or a message can list them at no cost; a file is imported when its entry is asked for. Files of users
(`netspaces.plugins.loading`) come after those of the library and may not take their names.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Generic, TypeVar

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
    """

    def __init__(self, kind: str, attribute: str, *packages: str) -> None:
        self.kind, self.attribute, self.packages = kind, attribute, packages

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
        """The loaded files of users that bring an entry, by name; raises PluginError for a name of the library's."""
        plugins = {plugin.name: plugin for plugin in loaded_plugins() if hasattr(plugin.module, self.attribute)}
        for name, plugin in plugins.items():
            if name in self.modules:
                taken = f"{name!r} is a {self.kind} of the library"
                raise PluginError(f"plugins: {plugin.path}: {taken}, expected a file of another name")
        return plugins

    def __getitem__(self, name: str) -> Entry:
        plugins = self.plugins
        if name in plugins:
            return getattr(plugins[name].module, self.attribute)
        if name not in self.modules:
            raise KeyError(name)
        return getattr(import_module(self.modules[name]), self.attribute)

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

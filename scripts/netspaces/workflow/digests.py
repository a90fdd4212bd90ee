"""Digests: a short hash of the code that a rule's result rests on, which the rule carries as a param.

The engine runs a job again when its script has changed, but does not see the modules that the script imports. A digest
stands for them: for the script and all that it imports from the library, followed through every module on the way, and
for the registries' entries that the job uses, which no import names. Editing one of these makes the digest another.

What counts is the meaning of a source: its syntax tree without docstrings, so that comments, docstrings and formatting
change nothing. Renaming a local variable does change a digest, and that is accepted: it costs new figures and tables.
Nothing is trained again for a digest, since the keys of runs hold none (`netspaces.training.store`).
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from netspaces import PUBLIC
from netspaces.plugins.loading import Plugin, loaded_plugins
from netspaces.plugins.meaning import files_behind, meaning_of

SCRIPTS = Path(__file__).parents[2]
EXCLUDED = {  # modules that decide no result, and why
    "netspaces": "names for notebooks; every import of the library passes here, and no job takes anything from it",
    "netspaces.files": "a docstring",
    "netspaces.files.safe": "how a file is written safely, whatever its content",
    "netspaces.plugins": "a docstring",
    "netspaces.plugins.loading": "how entries are found; what they do stands in their own files, which count",
    "netspaces.plugins.meaning": "as for loading",
    "netspaces.plugins.registry": "as for loading",
    "netspaces.workflow": "a docstring",
    "netspaces.workflow.gpus": "which GPUs there are",
    "netspaces.workflow.jobs": "logs, and errors in one line",
    "netspaces.workflow.kept": "a second name for results that are there",
    "netspaces.workflow.one_gpu": "which of several GPUs a job computes on",
    "netspaces.workflow.repeated": "messages that many jobs would print alike",
}


@dataclass(frozen=True)
class RegistryCall:
    """A registry as its source creates it: what an entry is, the name it has in a file, and the packages of entries."""

    kind: str
    attribute: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """What counts of one file: the hash of its meaning, names that it imports, and the registries that it creates."""

    digest: str
    imports: tuple[str, ...]
    registries: tuple[RegistryCall, ...]


class Sources:
    """The code below a folder, each file of which is read once, when the first digest needs it.

    Parameters
    ----------
    scripts : the folder that holds the scripts of rules and the package `netspaces`.
    """

    def __init__(self, scripts: str | Path = SCRIPTS) -> None:
        self.scripts = Path(scripts)
        self.source = cache(read_source)
        self.entries = cache(self._entries)
        self.path = cache(self._path)

    def digest_of(self, entry: str, used: Mapping[str, Iterable[str]] | None = None) -> str:
        """The digest of all that a script rests on, 16 hexadecimal digits.

        Parameters
        ----------
        entry : file name of the script, `collect.py`, or a module, `netspaces.spaces.sampling`.
        used : by kind of registry ("block", "reader"), the names of the entries that the job uses. Of a registry that
            the script reaches and `used` does not name, all entries count.
        """
        content = hashlib.sha256()
        for name, path in sorted(self.closure(entry, used).items()):
            content.update(f"{name} {self.source(path).digest}\n".encode())
        return content.hexdigest()[:16]

    def closure(self, entry: str, used: Mapping[str, Iterable[str]] | None = None) -> dict[str, Path]:
        """The files behind a script and the script itself, by the names of modules; parameters as in `digest_of`."""
        chosen = {kind: set(names) for kind, names in (used or {}).items()}
        files: dict[str, Path] = {}
        waiting = {entry: self.scripts / entry} if entry.endswith(".py") else self._modules([entry])
        while waiting:
            name, path = waiting.popitem()
            files[name] = path
            source = self.source(path)
            reached = self._modules(source.imports)
            for registry in source.registries:
                entries = self.entries(registry)
                for entry in chosen.get(registry.kind, set(entries)) & set(entries):
                    reached |= entries[entry]
            waiting |= {module: file for module, file in reached.items() if module not in files}
        return files

    def _modules(self, names: Iterable[str]) -> dict[str, Path]:
        """The files of those names that are modules of the library, and of the packages on the way to them."""
        modules: dict[str, Path] = {}
        for name in names:
            parts = name.split(".")
            for count in range(1, len(parts) + 1):
                module = ".".join(parts[:count])
                if (path := self.path(module)) is not None:
                    modules[module] = path
        return modules

    def _path(self, module: str) -> Path | None:
        if module.split(".")[0] != "netspaces" or module in EXCLUDED:
            return None
        stem = self.scripts.joinpath(*module.split("."))
        files = (stem.with_name(f"{stem.name}.py"), stem / "__init__.py")
        return next((file for file in files if file.is_file()), None)

    def _entries(self, registry: RegistryCall) -> dict[str, dict[str, Path]]:
        """By the names of a registry's entries, what a job that uses one imports: modules, or a file of a user's."""
        entries = {}
        for package in registry.packages:
            for file in self.scripts.joinpath(*package.split(".")).glob("*.py"):
                if file.stem != "__init__":
                    entries[file.stem] = self._modules([f"{package}.{file.stem}"])
        for plugin in loaded_plugins():
            if hasattr(plugin.module, registry.attribute):
                entries[plugin.name] = _files_of(plugin)
        return entries


def _files_of(plugin: Plugin) -> dict[str, Path]:
    """The file of a plug-in and those in its folder that it imports, by names that no other plug-in's files have."""
    own, folder = f"plug-in {plugin.name}", plugin.file.parent
    behind = files_behind(plugin.file, plugin.file.read_bytes())
    beside = {f"{own}: {file.relative_to(folder).as_posix()}": file for file in behind if file != plugin.file}
    return {own: plugin.file, **beside}


def read_source(path: Path) -> Source:
    """Read one file. Raises SyntaxError if it is not Python."""
    return _parsed(path.read_bytes(), path)


@lru_cache(maxsize=1024)
def _parsed(content: bytes, path: Path) -> Source:
    """What counts of a file's content; the same is parsed once in a process."""
    words, nodes = meaning_of(ast.parse(content, path))
    digest = hashlib.sha256(words.encode()).hexdigest()
    return Source(digest, tuple(_imports(nodes)), tuple(_registries(nodes)))


def _imports(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Dotted names that are modules or in modules; imports inside functions count too.

    A file that imports the public API rests on the modules behind it: on all of them if it imports `netspaces` itself.
    """
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
                yield from PUBLIC.values() if alias.name == "netspaces" else ()
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
                yield from (PUBLIC[alias.name],) if node.module == "netspaces" and alias.name in PUBLIC else ()


def _registries(nodes: Iterable[ast.AST]) -> Iterator[RegistryCall]:
    for node in nodes:
        match node:
            case ast.Call(func=ast.Name("Registry"), args=[ast.Constant(), ast.Constant(), *_] as arguments):
                kind, attribute, *packages = map(ast.literal_eval, arguments)
                yield RegistryCall(kind, attribute, tuple(packages))

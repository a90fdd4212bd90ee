"""Plug-ins: files of users that bring a block, a family, a reader or another entry of a registry.

The configuration names them (`plugins: [my/ghost.py]`). The entry of `my/ghost.py` is called `ghost`. Every process of
the workflow loads them at its start; a file is loaded once.
"""

import os
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from netspaces.files.safe import OneLineError
from netspaces.plugins.meaning import digest_of_file

OF_MEMORY = ("MemoryError", "OutOfMemoryError")  # no fault of the line that happened to ask for it


class PluginError(OneLineError):
    """A plug-in that cannot be loaded or used; the message names the file, where known the line, and the cause."""


@dataclass(frozen=True)
class Plugin:
    """A loaded file of a user's."""

    name: str
    path: Path
    """As the configuration names it, for messages."""

    file: Path
    """Where it lies."""

    module: ModuleType
    digest: str


_plugins: dict[Path, Plugin] = {}


def loaded_plugins() -> list[Plugin]:
    """The plug-ins of this process, in the order in which they were loaded."""
    return list(_plugins.values())


def load_plugins(paths: Iterable[str | Path]) -> list[Plugin]:
    """Load files once each, so that registries have their entries.

    Raises
    ------
    PluginError : for a file that is missing or fails, or whose name another one has.

    Examples
    --------
    >>> import netspaces
    >>> import tempfile
    >>> path = tempfile.mkdtemp() + "/nothing.py"
    >>> with open(path, "w") as file:
    ...     _ = file.write("LAYERS = 3")
    >>> [plugin.name for plugin in netspaces.load_plugins([path])]
    ['nothing']
    """
    return [_load(Path(path)) for path in paths]


@contextmanager
def naming_plugins() -> Iterator[None]:
    """Raise PluginError, with file and line, in place of an exception that passed through the file of a plug-in.

    What a plug-in's function raises comes out as one line wherever the library calls it. Others pass as they are.
    """
    try:
        yield
    except OneLineError:
        raise
    except Exception as error:
        if type(error).__name__ in OF_MEMORY:
            raise
        for plugin in loaded_plugins():
            if line := _line_of(error, plugin.file):
                raise PluginError(f"plugins: {plugin.path}{line}: {_cause(error)}") from error
        raise


def forget_plugins() -> None:
    """Forget all plug-ins; for tests."""
    for plugin in loaded_plugins():
        sys.modules.pop(plugin.module.__name__, None)
    _plugins.clear()


def _load(path: Path) -> Plugin:
    resolved = path.expanduser().resolve()
    if resolved in _plugins:
        return _plugins[resolved]
    if (
        not os.path.isfile(resolved) or resolved.suffix != ".py"
    ):  # pathlib's raises OSError for a name of 300 characters
        raise PluginError(f"plugins: {path}: no such file, expected a file of Python, NAME.py")
    if not resolved.stem.isidentifier():
        raise PluginError(f"plugins: {path}: got the name {resolved.stem!r}, expected letters, digits and _")
    for other in loaded_plugins():
        if other.name == resolved.stem:
            raise PluginError(f"plugins: {path}: {other.path} has the same name, expected another one")
    module = ModuleType(f"netspaces_plugin_{resolved.stem}")
    module.__file__ = str(resolved)
    sys.modules[module.__name__] = module
    try:
        source = resolved.read_bytes()  # once: what runs is what the digest is of, and no compiled file of another day
        with redirect_stdout(sys.stderr):  # stdout is for what the workflow's own commands answer
            exec(compile(source, resolved, "exec"), module.__dict__)
        digest = digest_of_file(resolved, source)
    except (Exception, SystemExit) as error:  # whatever a user's file raises
        del sys.modules[module.__name__]
        raise PluginError(f"plugins: {path}{_line_of(error, resolved)}: {_cause(error)}") from error
    plugin = Plugin(name=resolved.stem, path=path, file=resolved, module=module, digest=digest)
    _plugins[resolved] = plugin
    return plugin


def _line_of(error: BaseException, path: Path) -> str:
    """The last line of the file that an exception passed through, as part of a message."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f": line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f": line {lines[-1]}" if lines else ""


def _cause(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ").splitlines()[0]

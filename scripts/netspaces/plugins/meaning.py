"""The meaning of a source: its syntax tree without what changes nothing, as text that can be hashed.

Comments, docstrings, positions and formatting are not part of it. Names of local variables are.
"""

import ast
import hashlib
from pathlib import Path


def meaning_of(tree: ast.AST) -> tuple[str, list[ast.AST]]:
    """A syntax tree as words, one per line, and its imports and calls as nodes.

    The words hold no positions, no docstrings and no empty fields. What only type checkers see is left out.
    """
    words: list[str] = []
    nodes: list[ast.AST] = []
    _visit(tree, words, nodes)
    return "\n".join(words), nodes


def digest_of_source(source: bytes, path: str = "<source>") -> str:
    """The hash of a source's meaning, 16 hexadecimal digits. Raises SyntaxError if it is not Python."""
    words, _ = meaning_of(ast.parse(source, path))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def digest_of_file(path: Path, source: bytes) -> str:
    """The hash of a user's file and of those that `files_behind` it, 16 hexadecimal digits.

    A file that imports none of its folder has the digest of its source. Raises SyntaxError if one is not Python.
    """
    digests = {file: digest_of_source(content, str(file)) for file, content in files_behind(path, source).items()}
    if len(digests) == 1:
        return digests[path]
    lines = sorted(f"{file.relative_to(path.parent).as_posix()} {digest}\n" for file, digest in digests.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:16]


def files_behind(path: Path, source: bytes) -> dict[Path, bytes]:
    """A file and the files in its folder that it imports, directly or through one another, with their contents."""
    sources = {path: source}
    waiting = [path]
    while waiting:
        importing = waiting.pop()
        for beside in _imported_beside(importing, sources[importing], path.parent):
            if beside not in sources:
                sources[beside] = beside.read_bytes()
                waiting.append(beside)
    return sources


def _imported_beside(path: Path, source: bytes, folder: Path) -> list[Path]:
    """The files of a folder, and those of its packages, that a source imports."""
    _, nodes = meaning_of(ast.parse(source, path))
    names: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module or ""] if not node.level else []
    files: list[Path] = []
    for name in dict.fromkeys(name.split(".")[0] for name in names):
        package = folder / name
        files += [file for file in [folder / f"{name}.py"] if file.is_file()]
        files += sorted(package.rglob("*.py")) if name and (package / "__init__.py").is_file() else []
    return files


def _visit(node: ast.AST, words: list[str], nodes: list[ast.AST]) -> None:
    words.append(type(node).__name__)
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Call)):
        nodes.append(node)
    for field in node._fields:
        value = getattr(node, field, None)
        for part in value if isinstance(value, list) else (value,):
            if isinstance(part, ast.AST):
                if not (field == "ctx" or _is_docstring(part) or _is_for_type_checkers(part)):
                    words.append(field)
                    _visit(part, words, nodes)
            elif part is not None or isinstance(value, list):
                words.append(f"{field} {part!r}")
    words.append("end")


def _is_docstring(node: ast.AST) -> bool:
    """Whether a statement is only a text: it says something and does nothing."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_for_type_checkers(node: ast.AST) -> bool:
    if not isinstance(node, ast.If) or node.orelse:
        return False
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"

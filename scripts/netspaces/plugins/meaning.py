"""The meaning of a source: its syntax tree without what changes nothing, as text that can be hashed.

Comments, docstrings, positions and formatting are not part of it. Names of local variables are.
"""

import ast
import hashlib


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

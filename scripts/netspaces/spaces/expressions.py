"""Arithmetic on named columns, and comparisons of it, written as text in configuration files.

`depth_1 + depth_2` is an expression; `params <= 3.0e6 + 5.5e-3 * flops`, `width_4 >= 2 * width_1` and `2 <= w_m <= 3`
are constraints. Names, numbers, + - * / ** and sqrt() are accepted, in a constraint compared with each other, and
nothing else, so a configuration file cannot run code. What it costs is bounded: length, parts and powers are, and what
has no names in it is computed at once and must be a finite number. Everything is computed in floating point, where
squares of large counts do not overflow.
"""

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

import numpy as np

from netspaces.files.suggestions import one_of

LONGEST = 1000  # characters
MOST_PARTS = 200  # names, numbers and operations
LARGEST_POWER = 100

OPERATORS: dict[type, Callable] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class _Formula:
    """A text of the language above, read once; raises ValueError, in one line, if it is not of the expected form."""

    text: str

    kind: ClassVar[str]
    expected: ClassVar[str]
    compares: ClassVar[bool]

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST:
            raise self._error(f"cannot be computed, expected at most {LONGEST:,} characters")
        if sum(isinstance(node, ast.expr) for node in ast.walk(self._tree)) > MOST_PARTS:
            raise self._error(f"cannot be computed, expected at most {MOST_PARTS} names, numbers and operations")
        sides = _parts(self._tree) if self.compares and isinstance(self._tree, ast.Compare) else [self._tree]
        compares = isinstance(self._tree, ast.Compare) and _has_known_operators(self._tree)
        if compares != self.compares or not all(map(_is_arithmetic, sides)) or not self.names:
            raise self._error(f"expected {self.expected}")
        for side in sides:
            self._check_numbers(side)

    def _check_numbers(self, node: ast.expr) -> None:
        """Raise ValueError for a power that is too large or no number, and for parts without names that are none."""
        for part in _parts(node):
            self._check_numbers(part)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            if any(_names(node.right)) or not abs(_value(node.right, {})) <= LARGEST_POWER:
                raise self._error(f"cannot be computed, expected powers to a number of at most {LARGEST_POWER}")
        if not any(_names(node)) and not _is_finite(node):
            raise self._error(f"cannot be computed, {ast.unparse(node)[:60]} is no finite number")

    def _error(self, reason: str) -> ValueError:
        shown = self.text if len(self.text) <= LONGEST else f"{self.text[:60]} ..."
        return ValueError(f"{self.kind} {shown!r}: {reason}")

    @cached_property
    def _tree(self) -> ast.expr:
        try:
            return ast.parse(str(self.text).strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deeply
            raise self._error("not a valid expression") from None

    @cached_property
    def names(self) -> set[str]:
        """The columns that it speaks of."""
        return set(_names(self._tree))

    def _compute(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The value of each row; raises ValueError naming an unknown column, or if it cannot be computed."""
        if unknown := sorted(self.names.difference(columns)):
            raise self._error(f"unknown name {unknown[0]!r}, expected {one_of(unknown[0], columns)}")
        floats = {name: np.asarray(columns[name], float) for name in self.names}
        try:
            with np.errstate(all="ignore"):
                return _value(self._tree, floats)
        except (ArithmeticError, TypeError, RecursionError):  # 1 / 0, -(a < b), nested too deeply
            raise self._error("cannot be computed") from None


class Expression(_Formula):
    """Arithmetic on columns, such as `depth_1 + depth_2`."""

    kind = "expression"
    expected = "arithmetic on columns such as 'depth_1 + depth_2'"
    compares = False

    def evaluate(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The value of each row (n,); NaN or infinite where the arithmetic has no value.

        Raises ValueError naming a column that is not there, or if it cannot be computed (1 / 0).
        """
        return self._compute(columns)


class Constraint(_Formula):
    """A comparison of two or more expressions that every architecture of a design space must meet."""

    kind = "constraint"
    expected = "a comparison such as 'params <= 3e6 + 0.005 * flops'"
    compares = True

    def holds(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Which rows meet it (n,); a row for which the arithmetic has no value does not.

        Raises ValueError naming a column that is not there, or if it cannot be computed (1 / 0).
        """
        return self._compute(columns)


def _has_known_operators(node: ast.Compare) -> bool:
    return all(type(op) in OPERATORS for op in node.ops)


def _is_arithmetic(node: ast.expr) -> bool:
    """Whether a tree has nothing but the language's arithmetic."""
    match node:
        case ast.Name():
            return True
        case ast.Constant():
            return type(node.value) in (int, float)
        case ast.UnaryOp(op=ast.USub()) | ast.Call(func=ast.Name(id="sqrt"), args=[_], keywords=[]):
            return all(map(_is_arithmetic, _parts(node)))
        case ast.BinOp():
            return type(node.op) in OPERATORS and all(map(_is_arithmetic, _parts(node)))
    return False


def _is_finite(node: ast.expr) -> bool:
    """Whether a tree without names has a value."""
    try:
        with np.errstate(all="ignore"):
            value = _value(node, {})
    except ArithmeticError:  # 1 / 0, 9.0 ** 999, a number of 400 digits
        return False
    return not isinstance(value, complex) and bool(np.isfinite(value))


def _parts(node: ast.expr) -> list[ast.expr]:
    """The expressions that a larger one is made of."""
    match node:
        case ast.UnaryOp():
            return [node.operand]
        case ast.Call():
            return node.args
        case ast.BinOp():
            return [node.left, node.right]
        case ast.Compare():
            return [node.left, *node.comparators]
    return []


def _names(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    for part in _parts(node):
        yield from _names(part)


def _value(node: ast.expr, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """The value of each row; of a number, the number."""
    values = [_value(part, columns) for part in _parts(node)]
    match node:
        case ast.Name():
            return columns[node.id]
        case ast.Constant():
            return float(node.value)  # type: ignore[arg-type, return-value]
        case ast.UnaryOp():
            return -values[0]
        case ast.Call():
            return np.sqrt(values[0])
        case ast.BinOp():
            return OPERATORS[type(node.op)](*values)
        case ast.Compare():  # a <= b <= c is a <= b and b <= c: Python's own chaining has no meaning for arrays
            links = [OPERATORS[type(op)](*pair) for op, pair in zip(node.ops, pairwise(values), strict=True)]
            return np.logical_and.reduce(np.broadcast_arrays(*links))
    raise AssertionError(f"{node} was accepted")

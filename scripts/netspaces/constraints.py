"""Constraints of a design space: one comparison each, written as arithmetic on named columns.

`params <= 3.0e6 + 5.5e-3 * flops` or `width_4 >= 2 * width_1` are constraints. Only names, numbers, + - * / **,
comparisons and sqrt() are accepted, so a configuration file cannot run code.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

ALLOWED = (
    *(ast.Expression, ast.Compare, ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, ast.Constant, ast.Call),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub),
    *(ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq),
)


@dataclass(frozen=True)
class Constraint:
    """A comparison that every architecture of a design space must meet; raises ValueError if it is not one."""

    text: str

    def __post_init__(self) -> None:
        tree = self._tree
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        named_calls = all(isinstance(call.func, ast.Name) and call.func.id == "sqrt" for call in calls)
        numbers = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        if (
            not isinstance(tree.body, ast.Compare)
            or not all(isinstance(node, ALLOWED) for node in ast.walk(tree))
            or not named_calls
            or not all(type(number) in (int, float) for number in numbers)
        ):
            raise ValueError(f"constraint {self.text!r}: expected a comparison such as 'params <= 3.0e6 + 0.0055 * flops'")

    @property
    def _tree(self) -> ast.Expression:
        try:
            return ast.parse(str(self.text).strip(), mode="eval")
        except SyntaxError:
            raise ValueError(f"constraint {self.text!r}: not a valid expression") from None

    @cached_property
    def names(self) -> set[str]:
        """The columns it speaks of."""
        return {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)} - {"sqrt"}

    @cached_property
    def _code(self):
        return compile(self._tree, "<constraint>", "eval")

    def holds(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Which rows meet it; raises ValueError naming an unknown column."""
        if unknown := sorted(self.names.difference(columns)):
            raise ValueError(f"constraint {self.text!r}: unknown name {unknown[0]!r}, expected one of {', '.join(columns)}")
        return np.asarray(eval(self._code, {"__builtins__": {}, "sqrt": np.sqrt}, dict(columns)), bool)

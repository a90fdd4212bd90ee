"""Constraints of a design space: one comparison each, written as arithmetic on named columns.

`params <= 3.0e6 + 5.5e-3 * flops`, `width_4 >= 2 * width_1` and `2 <= w_m <= 3` are constraints. Only names, numbers,
+ - * / **, comparisons and sqrt() are accepted, so a configuration file cannot run code.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce

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
        nodes = list(ast.walk(self._tree))
        if (
            not isinstance(self._tree.body, ast.Compare)
            or not all(isinstance(node, ALLOWED) for node in nodes)
            or not all(_is_square_root(node) for node in nodes if isinstance(node, ast.Call))
            or not all(type(node.value) in (int, float) for node in nodes if isinstance(node, ast.Constant))
            or not self.names
        ):
            raise ValueError(f"constraint {self.text!r}: expected a comparison such as 'params <= 3e6 + 0.005 * flops'")

    @cached_property
    def _tree(self) -> ast.Expression:
        try:
            return ast.parse(str(self.text).strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deeply
            raise ValueError(f"constraint {self.text!r}: not a valid expression") from None

    @cached_property
    def names(self) -> set[str]:
        """The columns it speaks of."""
        functions = {id(node.func) for node in ast.walk(self._tree) if isinstance(node, ast.Call)}
        return {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name) and id(node) not in functions}

    @cached_property
    def _comparisons(self) -> list:
        """`a <= b <= c` as `a <= b` and `b <= c`, since Python's own chaining has no meaning for arrays."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Constant):
                node.value = float(node.value)
        chain = self._tree.body
        terms = [chain.left, *chain.comparators]
        pairs = [
            ast.Compare(left, [operator], [right])
            for left, operator, right in zip(terms, chain.ops, terms[1:], strict=False)
        ]
        trees = [ast.fix_missing_locations(ast.Expression(pair)) for pair in pairs]
        return [compile(tree, "<constraint>", "eval") for tree in trees]

    def holds(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Which rows meet it; raises ValueError naming an unknown column.

        Computed in floating point, where squares of large counts do not overflow.
        """
        if unknown := sorted(self.names.difference(columns)):
            known = ", ".join(columns)
            raise ValueError(f"constraint {self.text!r}: unknown name {unknown[0]!r}, expected one of {known}")
        named = {name: np.asarray(columns[name], float) for name in self.names}
        functions = {"__builtins__": {}, "sqrt": np.sqrt}
        try:
            with np.errstate(all="ignore"):  # a row for which it has no value does not meet it
                return reduce(np.logical_and, (eval(comparison, functions, named) for comparison in self._comparisons))
        except (ArithmeticError, TypeError, RecursionError):  # 1 / 0, (a < b) - 1, nested too deeply
            raise ValueError(f"constraint {self.text!r}: cannot be computed") from None


def _is_square_root(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "sqrt" and len(call.args) == 1

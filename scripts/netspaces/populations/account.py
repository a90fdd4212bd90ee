"""What became of the rows of a population that others have trained, in words, for logs and notes of tables."""

from collections import Counter

import pandas as pd

from netspaces.populations.columns import MISSING
from netspaces.training.records import DIVERGED, FINISHED

REASONS = 5  # that are told apart


def account(table: pd.DataFrame) -> str:
    """What became of the rows of an imported population, in words: how many there are, of each status, and why.

    >>> account(pd.DataFrame({"status": ["finished", "missing"], "reason": [None, "crashed"], "metric": "error = err"}))
    '2 rows: 1 finished, 1 missing (crashed: 1); error = err'
    """
    parts = []
    for status in (FINISHED, DIVERGED, MISSING):
        of = table[table["status"] == status]
        reasons = Counter(of["reason"].dropna())
        shown = reasons.most_common(REASONS)
        if others := reasons.total() - sum(n for _, n in shown):
            shown.append(("other reasons", others))
        why = f" ({', '.join(f'{reason}: {n}' for reason, n in shown)})" if shown else ""
        if len(of):
            parts.append(f"{len(of)} {status}{why}")
    metrics = "; ".join(dict.fromkeys(table["metric"].dropna()))
    return f"{len(table)} rows: {', '.join(parts)}" + (f"; {metrics}" if metrics else "")

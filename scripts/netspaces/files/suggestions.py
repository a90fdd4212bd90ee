"""What a message says of a name that there is not: which there are, and which of them was probably meant."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

ALIKE = 0.7  # of 1: two names that share as many of their characters, in order, are alike
BEGINS = 3  # characters from which on the beginning of a name stands for it
WHOLE = 0.05  # by how much a beginning is less like a name than the whole of it


def one_of(name: object, known: Iterable[str]) -> str:
    """What was expected in place of a name, with the one that was probably meant.

    >>> one_of("RegNtX", ["AnyNetX_A", "RegNetX"])
    "one of AnyNetX_A, RegNetX; did you mean 'RegNetX'?"
    >>> one_of("other", ["AnyNetX_A", "RegNetX"])
    'one of AnyNetX_A, RegNetX'
    """
    names = list(map(str, known))
    return f"one of {', '.join(names)}{did_you_mean(name, names)}"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """The end of a message on an unknown name; empty if none that there is is like it.

    Case, leading zeros and the kind of dash do not count, and a name may be shortened to its beginning.

    >>> did_you_mean("fig9", ["fig08_linear_fits", "fig09_regnet", "fig19_ablations"])
    "; did you mean 'fig09_regnet'?"
    """
    scores = {other: likeness(str(name), str(other)) for other in known if str(other) != str(name)}
    best = max(scores, key=scores.__getitem__, default="")
    return f"; did you mean {best!r}?" if best and scores[best] >= ALIKE else ""


def likeness(name: str, known: str) -> float:
    """How like a known name another one is, from 0 to 1."""
    a, b = (re.sub(r"0+(?=\d)", "", text.lower().replace("-", "_")) for text in (name, known))
    likeness = SequenceMatcher(None, a, b).ratio()
    if len(a) < BEGINS:
        return likeness
    return max(likeness, SequenceMatcher(None, a, b[: len(a)]).ratio() - WHOLE)

"""What a covariate is: a function from the columns of a table of networks to numbers that may tell of their errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Covariate:
    """Numbers that are known of a network before it is trained.

    Parameters
    ----------
    name : the name of the entry, which is that of its file.
    description : what the numbers are, in one line.
    values : takes the columns (n,) of a table of sampled networks (structure, complexity, sampled values of a recipe),
        and gives finite numbers (n,) by name. Tables differ in their stages and blocks: a name that one of them does
        not have counts as 0 there, so that 0 is to mean that there is none.
    """

    name: str
    description: str
    values: Callable[[Columns], dict[str, np.ndarray]]

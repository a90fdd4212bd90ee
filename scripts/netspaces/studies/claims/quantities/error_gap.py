"""Error of the first model minus that of the second, the smallest of the pairs' differences."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from netspaces.published.torchvision_weights import IMAGE_SETS, NAMES, WIDER, recipe_of
from netspaces.statistics.confidence import Confidence, smallest
from netspaces.studies.claims.claim import Claim, Finding
from netspaces.studies.claims.models import model_names, model_rows, not_measured
from netspaces.studies.claims.quantity import ModelQuantity

if TYPE_CHECKING:
    import pandas as pd

IMAGENET = "imagenet"


def measure(claim: Claim, published: "pd.DataFrame", inputs: "Mapping[str, pd.DataFrame]") -> Finding:
    """The smallest difference, in percentage points, with Newcombe's limits of a difference of proportions.

    Both models see the same images, which these limits ignore: they are on the wide side as long as models find the
    same images hard.
    """
    import pandas as pd  # here as in `statistics.intervals`

    images = IMAGENET if claim.value == "error" else claim.value
    column, evaluation = f"{images}_error", inputs.get("evaluation", pd.DataFrame())
    evaluated = model_rows(evaluation, claim, column)
    if isinstance(evaluated, str):
        if without := [model for model in model_names(claim) if model not in NAMES]:
            return not_measured(f"torchvision has no weights of {', '.join(without)}")
        some = column in evaluation and evaluation[column].notna().any()
        return not_measured(f"no error of {evaluated}" if some else f"no weights evaluated on {images}")
    recipes = {recipe_of(model, version) for model, version in evaluated["version"].items()}
    if len(recipes) > 1:
        return not_measured(f"trained differently: {'; '.join(sorted(recipes))}; IMAGENET1K_V2 has one recipe for both")
    n = evaluated[f"{images}_images"].astype(int)
    wrong = (evaluated[column] / 100 * n).round().astype(int)
    gaps = [_gap(wrong[first], n[first], wrong[second], n[second]) for first, second in claim.models]
    reason = f"torchvision's weights on {n.min():,} images, {recipes.pop()}"
    wider = [model for model in model_names(claim) if model in WIDER]
    reason += f"; its {', '.join(wider)} are wider than the paper's" if wider else ""
    return Finding(smallest(gaps), reason)


def _gap(wrong: int, n: int, other_wrong: int, other_n: int) -> Confidence:
    """A difference of two errors in percentage points (Newcombe 1998, method 10)."""
    from statsmodels.stats.proportion import confint_proportions_2indep  # here as in `statistics.intervals`

    def limits(error: float) -> tuple[float, float]:
        counts = wrong, n, other_wrong, other_n
        return confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=2 * error)

    estimate = float(100 * (wrong / n - other_wrong / other_n))
    return Confidence(estimate, lambda e: float(100 * limits(e)[0]), lambda e: float(100 * limits(e)[1]))


def fits(models: Sequence[Sequence[str]]) -> bool:
    """Whether the models come in pairs."""
    return bool(models) and all(len(pair) == 2 for pair in models)


QUANTITY = ModelQuantity(measure, models="pairs", fits=fits, values=("error", *IMAGE_SETS))

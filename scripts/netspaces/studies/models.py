"""The paper's models side by side: complexity computed here, what the paper prints, times and errors measured here."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from netspaces.files.safe import DamagedFile, read_json
from netspaces.networks.architecture import Architectures
from netspaces.networks.complexity import complexity
from netspaces.networks.metrics import METRICS
from netspaces.published.models import PAPER_BATCH, published_architecture
from netspaces.published.torchvision_weights import IMAGE_SETS
from netspaces.studies.study import Study

AUTHORS = {"flops": "authors_flops", "params": "authors_params", "acts": "authors_activations"}
EVALUATED = ["model", "torchvision", "version", "resize", "crop"]
EVALUATED += [f"{key}_{name}" for key in IMAGE_SETS for name in ("images", "error", "low", "high", "top5_error")]
WIDENED = "torchvision's RegNetX-400MF, RegNetY-800MF and RegNetY-8.0GF are a little wider than the paper's"
MEASURED = ["model", "inference_ms", "training_ms", "batch", "device"]


def model_table(study: Study, models: Sequence[str]) -> pd.DataFrame:
    """A row per model named, in that order.

    Columns: all of the study's published files, joined by model; `flops`, `params`, `activations` and `activations_all`
    as computed here, with the authors' own counts as `authors_flops`, `authors_params`, `authors_activations`;
    `inference_ms` for 64 images and `training_ms` per image where `study.inputs` has times; the columns of
    `evaluation_table` where it has an evaluation. Cells of what there is not are empty.
    """
    printed = study.published.groupby("model", sort=False).first()
    printed = printed.loc[list(models)].reset_index()
    printed = printed.rename(columns=AUTHORS)
    table = printed.assign(**counts(printed))
    table = table.merge(_times(study.inputs.get("times")), how="left", on="model", validate="many_to_one")
    evaluated = study.inputs.get("evaluation", pd.DataFrame(columns=EVALUATED))
    return table.merge(evaluated, how="left", on="model", validate="many_to_one")


def counts(models: pd.DataFrame) -> dict[str, np.ndarray]:
    """Complexity of the models, by metric; empty for those whose structure the published files do not hold."""
    known = models["family"].notna() if "family" in models else pd.Series(False, index=models.index)
    columns = {metric: np.full(len(models), np.nan) for metric in METRICS}
    if known.any():
        networks = [published_architecture(row) for row in models[known].to_dict("records")]
        computed = complexity(Architectures.from_rows(networks)).columns()
        for metric in METRICS:
            columns[metric][known.to_numpy()] = computed[metric]
    return columns


def matches(table: pd.DataFrame) -> str:
    """How many models have flops, parameters and activations equal to the authors' counts, as a sentence."""
    pairs = (("flops", "flops"), ("params", "params"), ("activations_all", "activations"))
    equal = np.logical_and.reduce([table[ours] == table[f"authors_{theirs}"] for ours, theirs in pairs])
    known = table["authors_flops"].notna()
    return (
        f"Complexity is computed here; flops, parameters and activations equal the authors' counts to the integer for "
        f"{int(equal[known].sum())} of {int(known.sum())} models (their code counts outputs of pooling and of the last "
        "layer as activations, the paper's definition, shown here, does not)."
    )


def _times(times: pd.DataFrame | None) -> pd.DataFrame:
    """Milliseconds for 64 images in inference, and for one in training."""
    if times is None:
        return pd.DataFrame(columns=MEASURED)
    times = times.reindex(columns=MEASURED)
    inference, training = PAPER_BATCH * times["inference_ms"] / times["batch"], times["training_ms"] / times["batch"]
    return times.assign(inference_ms=inference, training_ms=training)


def times_note(table: pd.DataFrame) -> str:
    """On what times were measured, as a sentence."""
    timed = table.dropna(subset=["inference_ms"])
    if timed.empty:
        return "No times were measured here."
    batches = ", ".join(f"{batch:.0f}" for batch in sorted(set(timed["batch"])))
    missing = len(table) - len(timed)
    left = f" {missing} models were left out there." if missing else ""
    return (
        f"Times here: {', '.join(sorted(set(timed['device'])))}; medians over batches of {batches} images, inference "
        f"scaled to {PAPER_BATCH}, training (forward, backward, update) to one image.{left} The paper's: one V100."
    )


def evaluation_table(paths: Iterable[str | Path], level: float) -> pd.DataFrame:
    """A row per evaluated model: errors in percent on each set of images, with Wilson's interval."""
    results = map(read_evaluated, paths)
    return pd.DataFrame([_evaluated(result, level) for result in results], columns=EVALUATED)


def read_evaluated(path: str | Path) -> dict:
    """What evaluation says of the model after which the file is named; raises DamagedFile."""
    result = read_json(path, "an evaluated model", ["model", "sets"])
    if result["model"] != Path(path).stem:
        raise DamagedFile(path, f"it is of model {result['model']}, expected {Path(path).stem}")
    return result


def _evaluated(result: Mapping, level: float) -> dict:
    from statsmodels.stats.proportion import proportion_confint  # here as in `statistics.intervals`

    row = {name: result[name] for name in EVALUATED if name in result}
    for key, errors in result["sets"].items():
        wrong = round(errors["error"] / 100 * errors["images"])
        low, high = proportion_confint(wrong, errors["images"], 1 - level, method="wilson")
        row |= {f"{key}_{name}": value for name, value in errors.items()}
        row |= {f"{key}_low": 100 * low, f"{key}_high": 100 * high}
    return row


def evaluation_note(table: pd.DataFrame, key: str = "imagenet") -> str:
    """What was evaluated, as a sentence, or how to evaluate."""
    evaluated = table.dropna(subset=[f"{key}_error"])
    if evaluated.empty:
        return (
            f"Empty columns of errors here are those of torchvision's weights: name the folders of weights and images "
            f"under evaluation (weights, {key}) in the configuration to fill them."
        )
    sizes = ", ".join(sorted({f"{row.resize:.0f}/{row.crop:.0f}" for row in evaluated.itertuples()}))
    versions, images = ", ".join(sorted(set(evaluated["version"]))), f"{evaluated[f'{key}_images'].max():,.0f}"
    return (
        f"Errors here: torchvision's weights {versions} on {images} images, resized to and cropped to {sizes} pixels. "
        f"They come from recipes of their own; {WIDENED}."
    )

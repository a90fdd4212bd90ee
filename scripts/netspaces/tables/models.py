"""What the tables of published models share: their columns, and how they are printed."""

from collections.abc import Iterable

import pandas as pd

from netspaces.studies.models import evaluation_note, matches, times_note
from netspaces.studies.study import Study
from netspaces.tables.style import present

COMPLEXITY = {
    "flops": ("GF", "giga"),
    "printed_flops": ("GF (paper)", "percent"),
    "params": ("params (M)", "mega"),
    "printed_params": ("params (M, paper)", "percent"),
    "activations": ("acts (M)", "mega"),
    "printed_activations": ("acts (M, paper)", "percent"),
}
TIMES = {
    "inference_ms": ("inference, 64 images (ms)", "integer"),
    "paper_infer_ms": ("(ms, paper)", "integer"),
    "training_ms": ("training, per image (ms)", "percent"),
    "paper_train_hr": ("training (h, paper)", "percent"),
}
ERRORS = {
    "paper_top1_error": ("error (paper)", "percent"),
    "paper_top1_std": ("deviation (paper)", "share"),
    "original_error": ("error (original)", "percent"),
    "imagenet_error": ("error (weights here)", "percent"),
}
MORE = ["activations_all", "authors_flops", "authors_params", "authors_activations", "batch", "device"]
MORE += ["version", "resize", "crop", "imagenet_images", "imagenet_low", "imagenet_high", "imagenet_top5_error"]
RESNET_50 = "For ResNet-50 the paper prints 22.6 M parameters; it has 25.6 M."


def present_models(study: Study, table: pd.DataFrame, columns: Iterable[str], *remarks: str) -> pd.DataFrame:
    """Models as a table with some of the columns above, `model` and `group`, and a note of what they rest on."""
    known = {"group": ("group", "text"), "model": ("model", "text")} | COMPLEXITY | TIMES | ERRORS
    shown = {name: known[name] for name in columns}
    notes = [matches(table), *remarks]
    if "inference_ms" in shown:
        notes.append(times_note(table))
    if "imagenet_error" in shown:
        notes += ["Errors: top-1 in percent, on ImageNet.", evaluation_note(table)]
    table = table.reindex(columns=[*shown, *MORE])
    return present(table, study.title, " ".join(note for note in notes if note), shown)

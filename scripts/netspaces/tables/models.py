"""What the tables of published models share: their columns, and how they are printed."""

from collections.abc import Mapping

import pandas as pd

from netspaces.studies.models import evaluation_note, matches, times_note
from netspaces.studies.study import Study
from netspaces.tables.style import Column, present

NAMES = {
    "group": Column("models to compare: of about equal activations or flops", "group"),
    "model": Column("the paper's name", "model"),
}
COMPLEXITY = {
    "flops": Column("multiply-adds for one image, computed here for the model's own resolution", "GF", "giga"),
    "printed_flops": Column("multiply-adds that the paper prints, 10^9", "GF (paper)", "percent"),
    "params": Column("learnable parameters, computed here", "params (M)", "mega"),
    "printed_params": Column("parameters that the paper prints, 10^6", "params (M, paper)", "percent"),
    "activations": Column("elements of the outputs of all convolutions, computed here", "acts (M)", "mega"),
    "printed_activations": Column("activations that the paper prints, 10^6", "acts (M, paper)", "percent"),
}
TIMES = {
    "printed_batch": Column("images per batch of the paper's trainings, which it prints", "batch (paper)", "integer"),
    "inference_ms": Column("measured here, for 64 images, ms", "inference, 64 images (ms)", "integer"),
    "paper_infer_ms": Column("the paper's, for 64 images on a V100, ms", "(ms, paper)", "integer"),
    "training_ms": Column("measured here, for one image, ms", "training, per image (ms)", "percent"),
    "paper_train_hr": Column("the paper's, 100 epochs on eight V100, hours", "training (h, paper)", "percent"),
}
ERRORS = {
    "paper_top1_error": Column("the paper's mean of five trainings, %", "error (paper)", "percent"),
    "paper_top1_std": Column("the paper's deviation of five trainings, %", "deviation (paper)", "share"),
    "original_error": Column("as the model's own authors reported it, %", "error (original)", "percent"),
    "imagenet_error": Column("of torchvision's weights, evaluated here, %", "error (weights here)", "percent"),
}
UNPRINTED = {
    "activations_all": Column("activations with the outputs of max-pool and last layer, computed here"),
    "authors_flops": Column("multiply-adds by the authors' code"),
    "authors_params": Column("parameters by the authors' code"),
    "authors_activations": Column("activations by the authors' code: our `activations_all`"),
    "batch": Column("images per batch of the measured times"),
    "device": Column("GPU or processor of the measured times"),
    "version": Column("of torchvision's weights"),
    "resize": Column("shorter side of evaluated images, pixels"),
    "crop": Column("side of their central square, pixels"),
    "imagenet_images": Column("images of ImageNet that were evaluated"),
    "imagenet_low": Column("lower end of Wilson's interval of `imagenet_error` over images, %"),
    "imagenet_high": Column("upper end of that interval, %"),
    "imagenet_top5_error": Column("top-5 error of torchvision's weights on ImageNet, %"),
}
COMPARED = NAMES | COMPLEXITY | TIMES | ERRORS | UNPRINTED  # the columns of a table of rivals
RESNET_50 = "For ResNet-50 the paper prints 22.6 M parameters; it has 25.6 M."


def present_models(study: Study, table: pd.DataFrame, columns: Mapping[str, Column], *remarks: str) -> pd.DataFrame:
    """Models as a table with some of the columns above and a note of what they rest on."""
    notes = [matches(table), *remarks]
    if "inference_ms" in columns:
        notes.append(times_note(table))
    if "imagenet_error" in columns:
        notes += ["Errors: top-1 in percent, on ImageNet.", evaluation_note(table)]
    return present(table, study.title, " ".join(note for note in notes if note), columns)

"""Tables 5 and 6: tables 3 and 4 again, with errors on ImageNetV2, a second test set drawn like ImageNet's."""

import pandas as pd

from netspaces.studies.models import evaluation_note, matches, model_table, times_note
from netspaces.studies.study import Study
from netspaces.tables.models import COMPLEXITY, NAMES, TIMES, UNPRINTED
from netspaces.tables.paper import table03_resnet_comparison, table04_efficientnet_comparison
from netspaces.tables.style import Column, present

COMPARISONS = {
    "resnet": table03_resnet_comparison.grouped(),
    "efficientnet": table04_efficientnet_comparison.grouped(),
}
ERRORS = {
    "paper_top1_error": Column(
        "the paper's error on ImageNet, mean of five trainings, %", "ImageNet (paper)", "percent"
    ),
    "v2_error": Column("the paper's error on ImageNetV2, %", "ImageNetV2 (paper)", "percent"),
    "v2_std": Column("the paper's deviation of that error, %", "deviation (paper)", "share"),
    "rise": Column(
        "the paper's error on ImageNetV2 minus its error on ImageNet, computed here, %", "rise (paper)", "percent"
    ),
    "imagenet_error": Column("of torchvision's weights on ImageNet, evaluated here, %", "ImageNet (here)", "percent"),
    "imagenetv2_error": Column("of the same on ImageNetV2, %", "ImageNetV2 (here)", "percent"),
    "imagenetv2_low": Column("lower end of Wilson's interval of that error over images, %", "low", "percent"),
    "imagenetv2_high": Column("upper end of that interval, %", "high", "percent"),
    "rise_here": Column("error on ImageNetV2 minus that on ImageNet, evaluated here, %", "rise (here)", "percent"),
}
COLUMNS = NAMES | COMPLEXITY | TIMES | ERRORS | UNPRINTED
COLUMNS |= {"imagenetv2_images": Column("images of ImageNetV2 that were evaluated")}
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per model and group; the study's name ends with that of the family that RegNets are compared with."""
    named = COMPARISONS[study.name.rpartition("_")[2]]
    table = model_table(study, [model for _, model in named])
    table["group"] = [group for group, _ in named]
    table["rise"] = table["v2_error"] - table["paper_top1_error"]
    table["rise_here"] = table["imagenetv2_error"] - table["imagenet_error"]
    note = (
        f"{matches(table)} {times_note(table)} Top-1 errors in percent; rise: from ImageNet to ImageNetV2. Low and "
        f"high: {100 * study.level:g} % interval (Wilson) over images. {evaluation_note(table, 'imagenetv2')}"
    )
    return present(table, study.title, note, COLUMNS)

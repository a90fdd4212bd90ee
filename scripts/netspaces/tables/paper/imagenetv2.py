"""Tables 5 and 6: errors on ImageNetV2, a second test set drawn like ImageNet's."""

import pandas as pd

from netspaces.studies.models import evaluation_note, model_table
from netspaces.studies.study import Study
from netspaces.tables.models import UNPRINTED
from netspaces.tables.style import Column, present

FAMILIES = {"resnet": ("ResNet", "ResNeXt", "RegNetX"), "efficientnet": ("EfficientNet", "RegNetY")}
COLUMNS = {
    "model": Column("the paper's name", "model"),
    "flops": Column("multiply-adds for one image, computed here for the model's own resolution", "GF", "giga"),
    "paper_top1_error": Column(
        "the paper's error on ImageNet, mean of five trainings, %", "ImageNet (paper)", "percent"
    ),
    "v2_error": Column("the paper's error on ImageNetV2, %", "ImageNetV2 (paper)", "percent"),
    "v2_std": Column("the paper's deviation of that error, %", "deviation (paper)", "share"),
    "gap": Column("the paper's error on ImageNetV2 minus that on ImageNet, %", "gap (paper)", "percent"),
    "imagenet_error": Column("of torchvision's weights on ImageNet, evaluated here, %", "ImageNet (here)", "percent"),
    "imagenetv2_error": Column("of the same on ImageNetV2, %", "ImageNetV2 (here)", "percent"),
    "imagenetv2_low": Column("lower end of Wilson's interval of that error over images, %", "low", "percent"),
    "imagenetv2_high": Column("upper end of that interval, %", "high", "percent"),
    "gap_here": Column("error on ImageNetV2 minus that on ImageNet, evaluated here, %", "gap (here)", "percent"),
}
COLUMNS |= UNPRINTED | {"imagenetv2_images": Column("images of ImageNetV2 that were evaluated")}
WANTS: dict = {}


def make(study: Study) -> pd.DataFrame:
    """A row per model; the study's name ends with that of the family that RegNets are compared with."""
    families = FAMILIES[study.name.rpartition("_")[2]]
    table = model_table(study, list(study.published.loc[study.published["v2_error"].notna(), "model"]))
    table = table[table["family"].isin(families)].reset_index(drop=True)
    table["gap"] = table["v2_error"] - table["paper_top1_error"]
    table["gap_here"] = table["imagenetv2_error"] - table["imagenet_error"]
    note = (
        f"Top-1 errors in percent; gap: of ImageNetV2 over ImageNet. Low and high: {100 * study.level:g} % interval "
        f"(Wilson) over images. {evaluation_note(table, 'imagenetv2')}"
    )
    return present(table, study.title, note, COLUMNS)

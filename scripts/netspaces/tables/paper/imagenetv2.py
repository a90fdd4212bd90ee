"""Tables 5 and 6: errors on ImageNetV2, a second test set drawn like ImageNet's."""

import pandas as pd

from netspaces.studies.models import evaluation_note, model_table
from netspaces.studies.study import Study
from netspaces.tables.models import MORE
from netspaces.tables.style import present

FAMILIES = {"resnet": ("ResNet", "ResNeXt", "RegNetX"), "efficientnet": ("EfficientNet", "RegNetY")}
COLUMNS = {
    "model": ("model", "text"),
    "flops": ("GF", "giga"),
    "paper_top1_error": ("ImageNet (paper)", "percent"),
    "v2_error": ("ImageNetV2 (paper)", "percent"),
    "v2_std": ("deviation (paper)", "share"),
    "gap": ("gap (paper)", "percent"),
    "imagenet_error": ("ImageNet (here)", "percent"),
    "imagenetv2_error": ("ImageNetV2 (here)", "percent"),
    "imagenetv2_low": ("low", "percent"),
    "imagenetv2_high": ("high", "percent"),
    "gap_here": ("gap (here)", "percent"),
}


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
    return present(table.reindex(columns=[*COLUMNS, *MORE, "imagenetv2_images"]), study.title, note, COLUMNS)

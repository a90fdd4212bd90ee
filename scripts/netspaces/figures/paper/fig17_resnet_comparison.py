"""Figure 17: ResNets, ResNeXts and RegNetX: error against flops, parameters and activations."""

from netspaces.figures.drawing import Drawing
from netspaces.figures.panels import model_comparison
from netspaces.figures.panels.model_comparison import draw_comparison
from netspaces.studies.study import Study

KINDS = model_comparison.KINDS
COLUMNS = model_comparison.COLUMNS
FAMILIES = {
    **{family: [f"{family}-{depth}" for depth in (50, 101, 152)] for family in ("ResNet", "ResNeXt")},
    "RegNetX": [f"RegNetX-{size}" for size in ("800MF", "1.6GF", "3.2GF", "6.4GF", "12GF")],
}
WANTS: dict = {}


def draw(study: Study) -> Drawing:
    """A panel per cost."""
    return draw_comparison(study, FAMILIES)

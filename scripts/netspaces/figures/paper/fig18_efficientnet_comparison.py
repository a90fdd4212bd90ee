"""Figure 18: EfficientNets, RegNetX and RegNetY: error against flops, parameters and activations."""

from netspaces.figures.drawing import Drawing
from netspaces.figures.panels import model_comparison
from netspaces.figures.panels.model_comparison import draw_comparison
from netspaces.studies.study import Study

KINDS = model_comparison.KINDS
COLUMNS = model_comparison.COLUMNS
SIZES = ("400MF", "600MF", "800MF", "1.6GF", "4.0GF", "8.0GF")
FAMILIES = {
    "EfficientNet": [f"EfficientNet-B{i}" for i in range(6)],
    "RegNetX": [f"RegNetX-{size}" for size in SIZES],
    "RegNetY": [f"RegNetY-{size}" for size in SIZES],
}
WANTS: dict = {}


def draw(study: Study) -> Drawing:
    """A panel per cost."""
    return draw_comparison(study, FAMILIES)

"""Figure 15: the structure of top RegNetX models, the paper's and those selected here."""

from netspaces.figures.drawing import Drawing
from netspaces.figures.panels import top_models
from netspaces.figures.panels.top_models import draw_top_models
from netspaces.studies.study import Study

KINDS = top_models.KINDS
COLUMNS = top_models.COLUMNS
WANTS: dict = {"selected": {"trained": True, "finals": True}}


def draw(study: Study) -> Drawing:
    """Per-block widths of the published models (upper rows) and of this preset's (lower rows)."""
    return draw_top_models(study, "RegNetX")

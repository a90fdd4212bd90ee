"""A direct rival of quantised widths: each block with the linear rule's own width, at equal flops."""

from netspaces.figures.critics import sharing_equivalence
from netspaces.figures.critics.sharing_equivalence import pair_panel
from netspaces.figures.drawing import Drawing, finish
from netspaces.figures.notes import error_note, footnote, runs_note
from netspaces.figures.panels import edf
from netspaces.figures.panels.edf import edf_note, edf_panel
from netspaces.figures.style import grid, house_style, title
from netspaces.studies.study import Study

KINDS = edf.KINDS | sharing_equivalence.KINDS
COLUMNS = edf.COLUMNS | sharing_equivalence.COLUMNS
PANEL = "widths"  # the rival first, then the space with quantised widths
WANTS: dict = {"widths": {"curves": 2}}
UNTRAINED = True


@house_style()
def draw(study: Study) -> Drawing:
    """Error distributions, and the rival's quantiles and mean minus those of the quantised space with the verdict."""
    curves = study.panel(PANEL)
    figure, (axes,) = grid(2, width=4.0, key_rows=5)
    frames = [edf_panel(axes[0], study, PANEL), pair_panel(axes[1], study, PANEL).assign(panel="difference")]
    axes[1].set_ylabel("unquantised − quantised, error (%)")
    title(axes[0], "a", "Error distributions")
    title(axes[1], "b", "Unquantised minus quantised")
    footnote(
        figure,
        runs_note(curves),
        edf_note(study),
        f"b: quantiles with a simultaneous band (sup-t), and means, at {100 * study.level:g} % "
        f"({study.resamples:,} bootstrap resamples, seed {study.seed})",
        "equivalent: the interval of the two one-sided tests lies within the margin; different: that of the difference "
        "test lies on one side of 0; vertical axis linear up to the margin, logarithmic beyond",
        error_note(curves),
    )
    return finish(figure, study, frames)

"""How the page draws, in Altair's words: error distributions, errors against a measure, and a histogram to brush.

Charts have no data of their own: the page's scripts fill the named tables that their marks refer to, so that one set of
charts serves every page. Colours come with the data, because they depend on the reader's dark or light theme.
"""

import warnings
from typing import Any

import altair as alt
import vl_convert

from netspaces.figures.style import RED

TALL, LOW = 290, 58  # pixels: heights of panels and of histograms
COLOUR, DIM = alt.Color("colour:N", scale=None, legend=None), "#8A8A8A"
LIBRARY = "window.vegaEmbed = vegaEmbed;"  # the only name by which the bundle of vl-convert gives Vega


def distributions() -> alt.LayerChart:
    """Step functions with bands, and, pale, those of whole populations behind a cut."""
    x = alt.X("x:Q", title="error (%)", scale=alt.Scale(nice=False, zero=False, padding=0))
    y = alt.Y("y:Q", title="cumulative prob.", scale=alt.Scale(domain=[0, 1], nice=False))
    apart = {"detail": alt.Detail("series:N"), "color": COLOUR}
    line = apart | {"order": alt.Order("order:Q")}
    base = alt.Chart(alt.NamedData("limits")).mark_point(opacity=0).encode(x=x, y=y)
    bands = alt.Chart(alt.NamedData("bands")).mark_area(opacity=0.14)
    bands = bands.encode(x=x, y=alt.Y("lower:Q"), y2="upper:Q", **apart)
    whole = alt.Chart(alt.NamedData("whole")).mark_line(strokeWidth=1, opacity=0.3).encode(x=x, y=y, **line)
    steps = alt.Chart(alt.NamedData("steps")).mark_line(strokeWidth=1.6, strokeJoin="miter")
    dashes = alt.StrokeDash("dash:N", scale=None, legend=None)
    return _sized(alt.layer(base, bands, whole, steps.encode(x=x, y=y, strokeDash=dashes, **line)), TALL)


def scatter() -> alt.LayerChart:
    """Errors against a measure: networks as dots, diverged ones as crosses, rings around those that are looked at."""
    x = alt.X("x:Q", title=None, scale=alt.Scale(nice=False, zero=False, padding=6))
    y = alt.Y("y:Q", title="error (%)", scale=alt.Scale(nice=False, zero=False, padding=6))
    base = alt.Chart(alt.NamedData("limits")).mark_point(opacity=0).encode(x=x, y=y)
    dots = alt.Chart(alt.NamedData("points")).mark_circle(size=34, opacity=0.7).encode(x=x, y=y, color=COLOUR)
    crosses = alt.Chart(alt.NamedData("crosses")).mark_point(shape="cross", angle=45, size=52, filled=True, color=RED)
    rings = alt.Chart(alt.NamedData("rings")).mark_point(size=150, strokeWidth=2, filled=False).encode(x=x, y=y)
    marks = alt.Chart(alt.NamedData("rings")).mark_text(dy=-13, fontWeight="bold", fontSize=12).encode(x=x, y=y)
    rings, marks = rings.encode(color=COLOUR), marks.encode(text="text:N", color=COLOUR)
    return _sized(alt.layer(base, dots, crosses.encode(x=x, y=y), rings, marks), TALL)


def histogram() -> alt.LayerChart:
    """Counts of networks by a measure, those of the cut before those of all; a brush cuts."""
    scale = alt.Scale(nice=False, zero=False, padding=0)
    axis = alt.Axis(grid=False, tickCount=4, labelOverlap=True, labelSeparation=5, labelFlush=True)
    x = alt.X("x0:Q", bin="binned", title=None, scale=scale, axis=axis)
    brush = alt.selection_interval(
        name="cut",
        encodings=["x"],
        zoom=False,
        mark=alt.BrushConfig(fill=DIM, fillOpacity=0.2, stroke=DIM, cursor="move"),
    )
    few = alt.Axis(grid=False, tickCount=2, tickMinStep=1, format="d")
    count: dict[str, Any] = {"title": None, "stack": None, "axis": few}
    whole = alt.Chart(alt.NamedData("bars")).mark_bar(color=DIM, opacity=0.35, binSpacing=1)
    whole = whole.encode(x=x, x2="x1:Q", y=alt.Y("whole:Q", **count))
    cut = alt.Chart(alt.NamedData("cuts")).mark_bar(binSpacing=1)
    cut = cut.encode(x=x, x2="x1:Q", y=alt.Y("cut:Q", **count), color=COLOUR)
    return _sized(alt.layer(whole.add_params(brush), cut), LOW)


def compiled() -> dict[str, Any]:
    """What every page draws with, as plain JSON values: Vega as one script, and the charts in its words."""
    made = {"distributions": distributions(), "scatter": scatter(), "histogram": histogram()}
    charts = {name: vl_convert.vegalite_to_vega(chart.to_dict()) for name, chart in made.items()}
    return {"script": vl_convert.javascript_bundle(LIBRARY), "charts": charts}


def _sized(chart: Any, height: int) -> alt.LayerChart:
    """A chart as wide as the part of the page that it is in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # charts without data have nothing to infer types from
        sized = chart.properties(width="container", height=height)
        bare = sized.configure(background="transparent", aria=False)  # texts per mark cost more than drawing it
        return bare.configure_view(stroke="transparent")

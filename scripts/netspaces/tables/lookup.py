"""What the paper printed, for tables, whose panels need not be those of the figures."""

from netspaces.studies.study import Study

NOTHING = (float("nan"), float("nan"))


def published_of(study: Study, panel: str, space: str) -> tuple[float, float]:
    """The paper's (minimum, mean) error of a space: in that panel, else in any if all agree, else NaN.

    Tables over several studies name their panels study/panel; `study.published` then has a column `study`.
    """
    rows = study.published[study.published["space"] == space]
    panels = rows["study"] + "/" + rows["panel"] if "study" in rows else rows["panel"]
    for chosen in (rows[panels == panel], rows):
        printed = chosen[["min", "mean"]].drop_duplicates()
        if len(printed) == 1:
            return float(printed.iloc[0]["min"]), float(printed.iloc[0]["mean"])
    return NOTHING

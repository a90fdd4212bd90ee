"""One module per figure of the paper; `draw(study)` turns population tables into a figure and the numbers it shows."""

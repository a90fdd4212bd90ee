"""One module per table; `make(study)` turns population tables into the table's rows."""

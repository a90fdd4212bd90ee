"""What `check_import` shows: first rows as they would be read, and in place of a refused file what is wrong."""

from netspaces.workflow.import_check import check_imports


def test_each_file_is_accounted_for_and_a_refused_one_does_not_hide_the_others(tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("net,val_err,depth\n" + "".join(f"n{i},{20 + i},{i}\n" for i in range(8)) + "n9,,3\n")
    bad.write_text("net,val_acc\na,0.93\n")
    text = check_imports(
        {
            "Bad": {"format": "csv", "file": str(bad), "columns": {"error": "val_acc"}},
            "Good": {"format": "csv", "file": str(good), "columns": {"error": "val_err"}},
        }
    )
    first, second = text.split("\n\n")
    assert "refused" in first and "metric: accuracy" in first
    lines = second.splitlines()
    assert lines[0] == f"Good ({good})"
    counts, formula = lines[1].split("; ")
    assert counts == "9 rows: 8 finished, 1 missing (no error: 1)"
    assert formula == "error = val_err, also taken as the minimum over epochs"
    assert len(lines) == 2 + 1 + 5 and lines[2].split()[:3] == ["status", "error", "error_min"]
    assert "n0" in lines[3] and "20.0" in lines[3]
    assert "no population is declared" in check_imports({})

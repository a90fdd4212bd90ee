"""Tables of other people: what is read right, what is refused with row and column, and no row lost."""

import gzip
import math
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from netspaces.populations.columns import RESULTS
from netspaces.populations.imported import read_population
from netspaces.populations.imported_files import ImportFileError
from netspaces.populations.table import write_population

FILES = Path(__file__).parents[2] / "imports"


def read(tmp_path: Path, content: str | bytes, **declared: object) -> pd.DataFrame:
    """The population of a CSV file with this content."""
    path = tmp_path / "theirs.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_population("x-imported-csv", {"format": "csv", "file": str(path), **declared})


def refusal(tmp_path: Path, content: str | bytes, **declared: object) -> str:
    """The line with which the file is refused, without its path."""
    with pytest.raises(ImportFileError) as error:
        read(tmp_path, content, **declared)
    line = str(error.value)
    assert "\n" not in line and line.startswith(f"{tmp_path / 'theirs.csv'}: ")
    return line.removeprefix(f"{tmp_path / 'theirs.csv'}: ")


# ---- Rows and columns ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mean", "Total", "AVERAGE", "grand total", "Std."])
def test_a_row_that_sums_up_the_others_is_no_network(tmp_path, name):
    table = f"net,error\na0,30.0\na1,31.5\n{name},30.75\n"
    line = f"row 3 is called '{name}', a summary of the others and no network: expected it removed, or another name"
    assert refusal(tmp_path, table) == line
    assert refusal(tmp_path, table + "max,31.5\n") == line
    assert refusal(tmp_path, table.replace("net", "")) == line  # as pandas names no index


def test_a_word_for_a_summary_may_be_a_choice_or_a_network_among_others(tmp_path):
    assert len(read(tmp_path, "pooling,error\nlast,30\nlast,31\nlast,32\nmean,33\n")) == 4
    assert len(read(tmp_path, "net,error\nmean,30\nother,31\n")) == 2


def test_a_comma_at_the_end_of_rows_moves_no_column(tmp_path):
    made = read(tmp_path, "net,error_min,seconds\na0,30.0,12,\na1,31.5,13,\n")
    assert made["error_min"].tolist() == [30, 31.5] and made["seconds"].tolist() == [12, 13]
    assert made["net"].tolist() == ["a0", "a1"]


@pytest.mark.parametrize("row", ["a1,31", "a1,31,12,7", "a1;31;12"])
def test_a_row_that_does_not_fit_the_header_is_refused_with_both_counts(row, tmp_path):
    line = refusal(tmp_path, f"net,error_min,seconds\na0,30.0,12\n{row}\n")
    cells = len(row.split(","))
    assert line == f"row 2 has {cells} cells, expected 3, as the header has"


def test_an_empty_cell_in_any_column_is_an_empty_value(tmp_path):
    header = "net,error_min,depth,epochs,seconds,learning_rate,key,device,note".split(",")
    full = "a0,30,12,100,60,0.1,k,gpu,text".split(",")
    for empty, name in enumerate(header):
        row = ["" if i == empty else cell for i, cell in enumerate(full)]
        made = read(tmp_path, "\n".join([",".join(header), ",".join(full), ",".join(row)]) + "\n")
        assert len(made) == 2 and made[name].isna().tolist() == [False, True], name


@pytest.mark.parametrize("name", ["nds_resnext.json", "nds_reruns.json"])
def test_an_export_of_an_imported_population_reads_back(name, tmp_path):
    made = read_population("x", {"format": "nds", "file": str(FILES / name)})
    write_population(made, tmp_path / "x.parquet", tmp_path / "x.csv")
    again = read_population("x", {"format": "csv", "file": str(tmp_path / "x.csv")})
    assert again.columns.tolist() == made.columns.tolist()
    for column in made:
        ours, theirs = made[column], again[column]
        assert ours.isna().tolist() == theirs.isna().tolist(), column
        assert ours.dropna().tolist() == theirs.dropna().tolist(), column


def test_columns_without_a_name_are_left_out_and_that_is_said(tmp_path, capsys):
    made = read(tmp_path, ",error\n0,30\n1,31\n")
    assert made["error"].tolist() == [30, 31] and "left out column 1" in capsys.readouterr().out


def test_a_column_may_stand_for_two(tmp_path):
    made = read(tmp_path, "e_err,n\n30,4\n", columns={"error": "e_err", "error_min": "e_err", "depth": "n"})
    assert made[["error", "error_min", "depth"]].iloc[0].tolist() == [30, 30, 4]


def test_a_column_whose_name_is_given_to_another_is_left_out_and_that_is_said(tmp_path, capsys):
    made = read(tmp_path, "error,depth,layers\n30,5,7\n", columns={"depth": "layers"})
    assert made["depth"].tolist() == [7] and "left out the columns depth" in capsys.readouterr().out


def test_the_same_network_under_its_name_is_a_duplicate(tmp_path):
    text = "net,run,error\na0,1,30\na1,1,31\na0,2,32\n"
    made = read(tmp_path, text, columns={"architecture": "net"})
    assert made["duplicate_of"].fillna(-1).tolist() == [-1, -1, 0]
    assert read(tmp_path, text)["duplicate_of"].isna().all()  # as far as the table says these are three networks


# ---- Files as programs write them ------------------------------------------------------------------------------------

PLAIN = "net,error,depth\nä0,30.5,4\nä1,31.5,5\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        gzip.compress(PLAIN.encode(), mtime=0),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        ("\n" + PLAIN.replace("\n", "\n\n")).encode(),
        PLAIN.replace("30.5", '" 30.5 "').encode(),
    ],
)
def test_one_table_in_many_forms(content, tmp_path):
    made = read(tmp_path, content)
    assert made["error"].tolist() == [30.5, 31.5] and made["depth"].tolist() == [4, 5]
    assert made["net"].tolist() == ["ä0", "ä1"]


def test_a_line_break_in_quotes_is_part_of_its_cell(tmp_path):
    made = read(tmp_path, 'note,error\n"two\nlines",30\n"a, b",31\n')
    assert made["note"].tolist() == ["two\nlines", "a, b"] and made["error"].tolist() == [30, 31]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (PLAIN.encode("latin-1"), "line 2 is not UTF-8"),
        (b"PK\x03\x04\x00\x00", "damaged archive"),
        (b"net\x00,error\n", "is not text"),
        (gzip.compress(PLAIN.encode(), mtime=0)[:-9], "damaged archive"),
        (b"", "not CSV (it is empty)"),
        (b"net,error\n", "holds no jobs"),
        (b"error,error\n1,2\n", "two columns are called 'error'"),
        (b'net,error\n"a0,30\na1,31\n', "not CSV (line 3"),
        (b"a;b,c;error\n1;2,3;4\n", "the header may be separated by ',' or ';'"),
    ],
)
def test_what_is_no_table_is_refused(content, expected, tmp_path):
    assert expected in refusal(tmp_path, content)


def test_a_directory_a_broken_link_and_nothing_are_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for name, expected in (("folder", "is a directory"), ("link", "does not exist"), ("none", "there is no such file")):
        for form in ("csv", "nds", "pycls"):
            with pytest.raises(ImportFileError, match=expected):
                read_population("x", {"format": form, "file": str(tmp_path / name)})


# ---- Numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "value"),
    [
        ("epochs", "100.0", 100),
        ("epochs", "1e2", 100),
        ("seconds", "0:00:30", 30),
        ("seconds", '"1 day, 2:03:04"', 93784),
        ("seconds", "12.5", 12.5),
        ("params", '"1,234,567"', 1234567),
        ("flops", "4e9", 4e9),
        ("depth", " 7 ", 7),
    ],
)
def test_numbers_with_one_meaning_are_read(column, cell, value, tmp_path):
    assert read(tmp_path, f"error,{column}\n30,{cell}\n")[column].tolist() == [value]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("epochs", "99.5"),
        ("epochs", "100 ep"),
        ("epochs", "inf"),
        ("seconds", "12:30"),
        ("seconds", "1 h"),
        ("learning_rate", "fast"),
        ("depth", "7 layers"),
        ("width_2", "1.2.3"),
        ("flops", '"1,234"'),
        ("params", "inf"),
        ("error", "3O"),
        ("error_min", '"30,5"'),
    ],
)
def test_others_are_refused_with_row_and_column(column, cell, tmp_path):
    error = "train_error" if "error" in column else "error"
    line = refusal(tmp_path, f"{error},{column}\n30,2\n30,{cell}\n")
    text = cell.strip('"')
    assert line.startswith(f"row 2: {column} is {text}, expected ")


def test_decimal_commas_are_read_where_they_are_said(tmp_path):
    text = "net;error;params\na0;30,5;1.234\na1;31;5.678\n"
    assert "for decimal commas say decimal: comma" in refusal(tmp_path, text)
    made = read(tmp_path, text, decimal="comma")
    assert made["error"].tolist() == [30.5, 31] and made["params"].tolist() == [1234, 5678]


# ---- Errors and accuracies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cells", "said", "errors"),
    [
        ("err", "7", {}, [7]),
        ("err", "0.07 0.5 1", {"unit": "fraction"}, [7, 50, 100]),
        ("err", "0.07 5", {"unit": "percent"}, [0.07, 5]),
        ("err", "7% 0.5%", {}, [7, 0.5]),
        ("acc", "93 50", {"metric": "accuracy"}, [7, 50]),
        ("acc", "0.93 0.5", {"metric": "accuracy", "unit": "fraction"}, [7, 50]),
        ("top1", "93 50", {"metric": "accuracy"}, [7, 50]),
        ("top1", "93 50", {"metric": "error"}, [93, 50]),
    ],
)
def test_errors_in_percent_of_what_the_user_says_the_column_holds(name, cells, said, errors, tmp_path):
    text = "\n".join([name, *cells.split()]) + "\n"
    made = read(tmp_path, text, columns={"error": name}, **said)
    assert made["error"].tolist() == errors and made["error_min"].tolist() == errors
    assert name in made["metric"][0]


@pytest.mark.parametrize(
    ("name", "cells", "said", "expected"),
    [
        ("err", "0.07 0.08", {}, "row 1: error is 0.07, which may be a fraction or percent"),
        ("err", "7 0.08", {}, "row 2: error is 0.08, which may be a fraction or percent"),
        ("acc", "0.93", {"metric": "accuracy"}, "row 1: error is 0.93 (an accuracy), which may be"),
        ("acc", "93", {}, "error is read from 'acc', a name that does not say error or accuracy"),
        ("val_loss", "2.3", {}, "a name that does not say error or accuracy"),
        ("err", "7", {"unit": "fraction"}, "row 1: error is 7, expected a fraction from 0 to 1"),
        ("err", "7%", {"unit": "fraction"}, "row 1: error is 7%, expected a fraction"),
        ("err", "7 7%", {}, "row 2: error is 7%, expected percent"),
        ("err", "-1", {}, "row 1: error is -1, expected percent from 0 to 100"),
        ("err", "101", {}, "row 1: error is 101, expected percent from 0 to 100"),
    ],
)
def test_what_may_be_two_things_is_refused(name, cells, said, expected, tmp_path):
    text = "\n".join([name, *cells.split()]) + "\n"
    assert expected in refusal(tmp_path, text, columns={"error": name}, **said)


def test_a_smallest_error_above_the_last_is_refused(tmp_path):
    assert "row 1: error_min is 30 % and error 20 %" in refusal(tmp_path, "error_min,error\n30,20\n")


def test_an_accuracy_that_is_largest_over_epochs_is_the_smallest_error(tmp_path):
    said = {"metric": "accuracy", "columns": {"error_min": "best", "error": "last"}}
    made = read(tmp_path, "best,last\n93.5,90\n", **said)
    assert made[["error_min", "error"]].iloc[0].tolist() == [6.5, 10]
    assert made["metric"][0] == "error_min = 100 - best; error = 100 - last"


# ---- What became of a row --------------------------------------------------------------------------------------------


def test_a_diverged_network_without_an_error_counts_with_that_of_guessing(tmp_path):
    text = "net,error,status\na0,30,\na1,,diverged\na2,40,diverged\n"
    expected = "row 2: diverged without an error, expected classes"
    assert expected in refusal(tmp_path, text)
    made = read(tmp_path, text, classes=10)
    assert made["error"].tolist() == [30, 90, 90] == made["error_min"].tolist()
    assert made["status"].tolist() == ["finished", "diverged", "diverged"]
    assert read(tmp_path, text.replace("a1,", "a1,50"))["error"].tolist() == [30, 50, 40]


@pytest.mark.parametrize("cell", ["nan", "NaN", "inf", "-Infinity"])
def test_an_error_that_is_not_a_number_is_that_of_a_diverged_network(cell, tmp_path):
    assert "row 2: diverged without an error" in refusal(tmp_path, f"net,error\na0,30\na1,{cell}\n")
    made = read(tmp_path, f"net,error\na0,30\na1,{cell}\n", classes=100)
    assert made["error"].tolist() == [30, 99] and made["status"].tolist() == ["finished", "diverged"]


@pytest.mark.parametrize("state", ["crashed", "FAILED", "running", "Killed", "PRUNED", "preempted", "In Progress"])
def test_runs_that_did_not_end_are_missing_and_counted(state, tmp_path, capsys):
    made = read(tmp_path, f"net,error,status\na0,30,finished\na1,20,{state}\na2,,{state}\na3,nan,{state}\n")
    assert made["status"].tolist() == ["finished", "missing", "missing", "missing"]
    assert made["error"].isna().tolist() == [False, True, True, True]
    assert f"4 rows: 1 finished, 3 missing ({state}: 3)" in capsys.readouterr().out


def test_an_empty_error_of_a_finished_run_is_missing_and_counted(tmp_path, capsys):
    made = read(tmp_path, "net,error,status\na0,30,finished\na1,,\na2,NA,finished\n")
    assert made["status"].tolist() == ["finished", "missing", "missing"]
    assert "3 rows: 1 finished, 2 missing (no error: 2)" in capsys.readouterr().out


def test_words_that_nobody_knows_are_refused_until_the_user_says_what_they_mean(tmp_path):
    text = "net,error,status\na0,30,ok\na1,31,odd\n"
    assert "row 1: status is 'ok'" in refusal(tmp_path, text)
    made = read(tmp_path, text, states={"ok": "finished", "odd": "missing"})
    assert made["status"].tolist() == ["finished", "missing"]


@pytest.mark.parametrize(
    ("form", "key"), [("nds", "unit"), ("pycls", "metric"), ("wandb", "separator"), ("csv", "study")]
)
def test_a_key_that_a_format_does_not_have_is_refused(form, key):
    with pytest.raises(ImportFileError, match=f"imported: x: format {form} has no key '{key}', expected .*classes"):
        read_population("x", {"format": form, "file": "x", key: "percent"})


def test_many_rows(tmp_path):
    rows = 20_000
    made = read(tmp_path, "net,error,depth\n" + "".join(f"a{i},{i % 90 + 2},{i % 7 + 1}\n" for i in range(rows)))
    assert len(made) == rows and made["error"][rows - 1] == (rows - 1) % 90 + 2
    assert made["architecture"].nunique() == rows and math.isclose(made["depth"].mean(), 4, abs_tol=0.01)
    assert set(RESULTS) <= set(made)


# ---- Names, states and numbers that other tables have ----------------------------------------------------------------


@pytest.mark.parametrize("name", ["transferred_acc", "inferred top1", "1-err", "stderr"])
def test_a_name_in_which_err_is_no_word_for_errors_does_not_say_error(name, tmp_path):
    line = refusal(tmp_path, f"net,{name}\na,93\nb,91\n", columns={"error": name})
    assert "expected metric: error or metric: accuracy" in line and name in line


@pytest.mark.parametrize("name", ["val_err", "valErr", "top1_error", "top1err", "Error (%)", "acc_err", "test/err1"])
def test_a_name_that_says_error_is_one(name, tmp_path):
    assert read(tmp_path, f"net,{name}\na,30\n", columns={"error": name})["error"].tolist() == [30]


@pytest.mark.parametrize(("name", "word"), [("state", "crashed"), ("Run Status", "FAILED"), ("outcome", "diverged")])
def test_a_run_without_a_result_does_not_count_because_its_column_is_not_named(name, word, tmp_path):
    content = f"net,error,{name}\na,30,ok\nb,40,{word}\n"
    expected = f"row 2: {name} is {word}, and no column is named as the status: expected columns: {{status: {name}}}"
    assert refusal(tmp_path, content).startswith(expected)
    if word != "diverged":
        made = read(tmp_path, content, columns={"status": name}, states={"ok": "finished"})
        assert made["status"].tolist() == ["finished", "missing"]


@pytest.mark.parametrize("name", ["epochs", "seconds", "flops", "depth", "width_1"])
def test_a_negative_number_that_stands_for_none_is_refused(name, tmp_path):
    assert refusal(tmp_path, f"net,error,{name}\na,30,5\nb,40,-1\n") == f"row 2: {name} is -1, expected nothing below 0"


def test_numbers_of_more_digits_than_a_table_holds(tmp_path):
    digits = "99999999999999999999999999"
    made = read(tmp_path, f"net,error,id\na,30,{digits}\nb,40,3\n")
    write_population(made, tmp_path / "made.parquet", tmp_path / "made.csv")
    assert made["id"].tolist() == [digits, "3"]
    assert "row 1: epochs is 1e300" in refusal(tmp_path, "net,error,epochs\na,30,1e300\n")


@pytest.mark.parametrize("separator", ["ab", "\n", '"', ""])
def test_a_separator_that_separates_nothing_is_refused(separator, tmp_path):
    assert "expected one character between cells" in refusal(tmp_path, "net error\na 30\n", separator=separator)


def test_a_header_that_is_none_is_refused(tmp_path):
    assert "not CSV (header: " in refusal(tmp_path, "n" * 200_000 + ",error\na,30\n")


def test_a_damaged_lzma_archive_is_refused(tmp_path):
    path = tmp_path / "theirs.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.csv", "net,error\na,30\n" * 50)
    content = bytearray(path.read_bytes())
    content[50] ^= 255
    assert "damaged archive" in refusal(tmp_path, bytes(content))


def test_a_network_that_diverged_early_is_not_missing(tmp_path):
    content = "net,error,epochs\na,30,100\nb,nan,3\nc,40,3\n"
    made = read(tmp_path, content, epochs=100, classes=10)
    assert made["status"].tolist() == ["finished", "diverged", "missing"]
    assert made["error"].tolist()[:2] == [30, 90]

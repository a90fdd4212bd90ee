"""Numbers as figures and tables print them."""

import pytest
from netspaces.statistics.intervals import Interval
from netspaces.studies.study import count_text
from netspaces.studies.wording import change_text, interval_text, number

INTERVAL = Interval(2.0, -1.0, 5.004, 0.95)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(64.0, 3, "64"), (18.8125, 3, "18.8"), (0.00012345, 2, "0.00012"), (-3.0, 1, "-3"), (123456.0, 3, "123456")],
)
def test_numbers_take_few_characters_and_whole_ones_stay_whole(value, digits, expected):
    assert number(value, digits) == expected


def test_intervals_stand_in_brackets():
    assert interval_text(INTERVAL) == "2.00 [-1.00, 5.00]"
    assert interval_text(INTERVAL, 1, sign="+") == "+2.0 [-1.0, +5.0]"
    assert interval_text(Interval(2.0, float("nan"), 5.0, 0.95)) == "2.00 [–, 5.00]"


def test_changes_are_factors_or_signed_differences():
    assert change_text(INTERVAL, factor=True) == "×2.00 [-1.00, 5.00]"
    assert change_text(INTERVAL, factor=False) == "+2.00 [-1.00, +5.00]"


def test_missing_networks_are_said():
    assert (count_text(20, 32), count_text(32, 32), count_text(0, 4)) == ("20 of 32", "32", "0 of 4")

"""No test fails because the machine has other work: waits for processes are limited by `PATIENCE` alone."""

import re
from pathlib import Path

import pytest
from hypothesis import settings

TESTS = Path(__file__).parents[1]
HOUR = 3600.0


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: str(path.relative_to(TESTS)))
def test_no_wait_has_a_short_limit(path):
    limits = re.findall(r"\b(?:timeout|deadline)=([\d.]+)\b(?! \*)", path.read_text(encoding="utf-8"))
    assert [limit for limit in limits if float(limit) < HOUR] == []


def test_examples_have_no_deadline():
    assert settings().deadline is None

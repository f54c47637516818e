"""Every mistake of the list is caught: its laws hold without it, and at least one fails with it."""

import pytest
from mutants.mistakes import MISTAKES

FAILURES = (AssertionError, pytest.fail.Exception)


def name_of(mistake):
    return f"{mistake.number} {mistake.put_in.__name__}"


@pytest.mark.parametrize("mistake", MISTAKES, ids=name_of)
def test_mistake_is_caught(mistake, monkeypatch):
    for law in mistake.laws:
        law()
    mistake.put_in(monkeypatch)
    seen = []
    for law in mistake.laws:
        try:
            law()
        except FAILURES:
            seen.append(law)
    assert seen, f"no law sees it: {mistake.put_in.__doc__}"


def test_the_list_is_complete():
    """All of math.md's."""
    assert {mistake.number for mistake in MISTAKES} >= {str(n) for n in range(1, 15)}

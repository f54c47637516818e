"""A page with every widget, in a browser."""

import pytest
from lecture.report.small_run import page


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """The page as a file."""
    place = tmp_path_factory.mktemp("report") / "lecture.html"
    place.write_text(page(), encoding="utf-8")
    return place


@pytest.fixture
def opened(browser, report):
    """A function that opens the page with so many pixels across: the tab, and what it complained of."""
    tabs = []

    def open_page(width=1280, **options):
        tab = browser.new_page(viewport={"width": width, "height": 900}, **options)
        tabs.append(tab)
        tab.complaints = []
        tab.on(
            "console",
            lambda message: (
                tab.complaints.append(message.text) if message.type in ("error", "warning") else None
            ),
        )
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.goto(report.as_uri())
        return tab

    yield open_page
    for tab in tabs:
        tab.close()


@pytest.fixture(scope="session")
def computed(browser, report):
    """A function that calls one of a widget's own functions: computed("playground", "objective", k, sigma)."""
    tab = browser.new_page()
    tab.goto(report.as_uri())

    def call(widget, function, *arguments):
        code = "([widget, name, given]) => pgpipe.widgets.get(widget).compute[name](...given)"
        return tab.evaluate(code, [widget, function, list(arguments)])

    yield call
    tab.close()

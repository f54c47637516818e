"""A comparison in words for the terminal, as a page, and as a badge."""

from collections.abc import Iterator, Mapping

from pgpipe.lecture.report.formats import templates_of
from pgpipe.lecture.report.material import read_texts
from pgpipe.lecture.report.page import plain_page
from pgpipe.verification.comparing import Comparison, Finding, Stage, Status

BADGE = "pgpipe/verification/templates/badge.svg.j2"
TEXTS = ["pgpipe/verification/templates/verification.html.j2", "pgpipe/lecture/report/templates/style.css"]

# How many files and causes of a stage the terminal shows; the page shows all.
SHOWN = 6

UNEXPLAINED = "nothing that is recorded explains it: its job may not give the same twice"


def in_words(comparison: Comparison) -> str:
    """What the terminal shows: how many files are what, and from which jobs on what differs."""
    return "\n".join(_lines(comparison)) + "\n"


def summary(comparison: Comparison) -> str:
    """How many files are identical, within tolerance, different."""
    counts = [f"{comparison.count('identical')} identical"]
    if within := comparison.count("within tolerance"):
        counts.append(f"{within} within tolerance")
    if differ := comparison.count("differs"):
        counts.append(f"{differ} {'differs' if differ == 1 else 'differ'}")
    return ", ".join(counts)


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"{comparison.now}\nbeside {comparison.then}: {summary(comparison)}"
    differing = by_stage(comparison, "differs")
    for stage, findings in differing[:SHOWN]:
        yield f"\ndiffers from {stage.job} on"
        yield from _some([f"  because of {cause}" for cause in reasons(stage)])
        yield from _some([f"  {_finding(finding)}" for finding in reports_first(findings)])
    if others := [stage.job for stage, _ in differing[SHOWN:]]:
        yield f"\ndiffers also from\n  {', '.join(others)}"
    if tolerated := [stage.job for stage, _ in by_stage(comparison, "within tolerance")]:
        yield f"\nwithin tolerance from\n  {', '.join(tolerated)}"
    if other := others_of(comparison):
        yield "\nalso another"
        yield from _some([f"  {each}" for each in other])


def others_of(comparison: Comparison) -> list[str]:
    """What else is another of config, versions and machine, which no stage has named."""
    named = {cause for stage in comparison.stages.values() for cause in reasons(stage)}
    return [cause for cause in (*comparison.config, *comparison.environment) if cause not in named]


def reasons(stage: Stage) -> tuple[str, ...]:
    """Why the two runs part there."""
    return stage.causes or (UNEXPLAINED,)


def by_stage(comparison: Comparison, status: Status) -> list[tuple[Stage, list[Finding]]]:
    """The stages from which on files have a status, each with those files."""
    found = [
        (stage, [f for f in comparison.findings if f.status == status and stage.job in f.stages])
        for stage in comparison.stages.values()
    ]
    return [(stage, findings) for stage, findings in found if findings]


def reports_first(findings: list[Finding]) -> list[Finding]:
    """What readers see first, then what lies behind it."""
    return sorted(findings, key=lambda finding: (not finding.path.startswith("reports/"), finding.path))


def _finding(finding: Finding) -> str:
    return f"{finding.path}{': ' if finding.notes else ''}{'; '.join(finding.notes[:1])}"


def _some(lines: list[str]) -> Iterator[str]:
    yield from lines[:SHOWN]
    if len(lines) > SHOWN:
        yield f"  and {len(lines) - SHOWN} more"


def page(comparison: Comparison) -> str:
    """The page: the same, with every file."""
    stages = [
        (stage, reasons(stage), reports_first(findings))
        for stage, findings in by_stage(comparison, "differs")
    ]
    return plain_page(
        "verification.html.j2",
        read_texts(TEXTS),
        comparison=comparison,
        summary=summary(comparison),
        stages=stages,
        tolerated=by_stage(comparison, "within tolerance"),
        others=others_of(comparison),
    )


COLOURS: Mapping[Status, str] = {
    "identical": "#2e7d32",
    "within tolerance": "#8a6d00",
    "differs": "#b3261e",
}


def badge(comparison: Comparison) -> str:
    """An SVG that says the worst that was found, and of how many files."""
    statuses: tuple[Status, ...] = ("differs", "within tolerance", "identical")
    worst = next((status for status in statuses if comparison.count(status)), statuses[-1])
    said = f"{comparison.count(worst)} of {len(comparison.findings)} {worst}"
    sources = read_texts([BADGE])
    template = templates_of(sources).get_template("badge.svg.j2")
    return template.render(said=said, colour=COLOURS[worst], left=46, right=12 + round(6.4 * len(said)))

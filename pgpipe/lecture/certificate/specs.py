"""Specs of the certificate: one job for each estimator that is judged, and one for the pages."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pgpipe.config.base import Entries
from pgpipe.config.estimators import Estimator
from pgpipe.estimators.parts import part_places
from pgpipe.lecture.common.specs import Call, estimator_spec, modules

if TYPE_CHECKING:
    from pgpipe.lecture.certificate.judging import JudgedSpec
    from pgpipe.lecture.certificate.pages import PageSpec

# How a part of one's own is judged that no estimator of the config has.
ALONE = {
    "signals": lambda name: {"signal": name},
    "baselines": lambda name: {"signal": "reward_to_go", "baseline": name},
    "importance": lambda name: {"signal": "reward_to_go", "importance": name},
    "aggregates": lambda name: {"signal": "total_return", "aggregate": name},
}


def judged_estimators(config: Entries, lecture: Mapping[str, Any]) -> list[str]:
    """Those that the lecture has not, or has otherwise, and parts of one's own; all, if there are none.

    A part of one's own that an estimator of the config has is judged with it.
    """
    known = {name: Estimator.model_validate(line) for name, line in lecture["estimators"].items()}
    own = [name for name, line in config.estimators.items() if known.get(name) != line]
    return [*own, *own_parts(config)] or list(config.estimators)


def own_parts(config: Entries) -> dict[str, Estimator]:
    """Parts that are none of pgpipe's and in no estimator of the config, each as an estimator of its name."""
    lines = config.estimators.values()
    used = {("signals", e.signal) for e in lines} | {("baselines", e.baseline) for e in lines}
    used |= {("importance", e.importance) for e in lines} | {("aggregates", e.aggregate) for e in lines}
    alone = {name: ALONE[family](name) for family, name in _own() if (family, name) not in used}
    return {name: Estimator.model_validate(line) for name, line in alone.items()}


def judge_estimator(config: Entries, estimator: str) -> Call:
    """An estimator of the config, or the one that a part of one's own makes."""
    line = estimator_spec(config.estimators.get(estimator) or own_parts(config)[estimator])
    spec: JudgedSpec = {"name": estimator, "estimator": line}
    return Call("pgpipe.lecture.certificate.judging", spec, modules([], [line]))


def write_certificate(config: Entries) -> Call:
    """The page's template and style; nothing else but its inputs decides it."""
    texts = [
        "pgpipe/lecture/certificate/templates/certificate.html.j2",
        "pgpipe/lecture/report/templates/style.css",
    ]
    spec: PageSpec = {"texts": texts}
    return Call("pgpipe.lecture.certificate.pages", spec, texts)


def _own() -> Iterator[tuple[str, str]]:
    """The family and name of every part that is no file of pgpipe's."""
    for family in ALONE:
        places = part_places(family)
        yield from ((family, place.name) for place in places if not place.module.startswith("pgpipe."))

"""What has no meaning about a composition, in a line: what was found, what is allowed. No tensor in here."""

from collections.abc import Iterator

from pgpipe.estimators.composed import OF_ORACLES, Composed
from pgpipe.estimators.parts import Part, part_names, read_part
from pgpipe.nearest import nearest_name

# What parts can ask for by name, family by family.
SIGNAL_ARGUMENTS = ("trajectories", "gamma", "gae_lambda", "values", "future")
GRADIENT_ARGUMENTS = ("trajectories", "gamma", "policy", "theta", *OF_ORACLES)  # signals that are gradients
BASELINE_ARGUMENTS = (*SIGNAL_ARGUMENTS, "credit", "mask", "group")
PER_PARAMETER_ARGUMENTS = ("rows", "scores")  # which take every trajectory's gradient
IMPORTANCE_ARGUMENTS = ("log_ratios", "log_state_ratios", "advantages", "clip", "truncation")
AGGREGATE_ARGUMENTS = ("mask", "longest")


def misfits(line: Composed) -> Iterator[str]:
    """All of them, the first being the one to mend first."""
    gets = PER_PARAMETER_ARGUMENTS if line.per_parameter else BASELINE_ARGUMENTS
    yield from _unknown("signal", line.signal, GRADIENT_ARGUMENTS if line.own_gradient else SIGNAL_ARGUMENTS)
    yield from _unknown("baseline", line.baseline, gets)
    yield from _unknown("importance", line.importance, IMPORTANCE_ARGUMENTS)
    yield from _unknown("aggregate", line.aggregate, AGGREGATE_ARGUMENTS)
    yield from _of_weights(line)
    yield from _of_gradients(line)
    if line.normalize and line.per_parameter:
        no_advantages = f"as baseline {line.baseline.name} acts on no advantages"
        yield f"normalize: found {_word(line.normalize)}; allowed: false, {no_advantages}"
    if ("longest" in line.aggregate.asks) != (line.longest is not None):
        found, needed = ("null", "a number of steps") if line.longest is None else (line.longest, "null")
        yield f"longest: found {found}; allowed with aggregate {line.aggregate.name}: {needed}"


def _of_weights(line: Composed) -> Iterator[str]:
    """What importance weights do not go with."""
    importance, baseline = line.importance, line.baseline
    if importance.facts.per_reward and line.whole_trajectory:
        # what was earned before the score has no ratios between the two
        signals = ", ".join(_credits_by_step())
        yield (
            f"importance: found {importance.name}, whose ratios from the score to a reward signal "
            f"{line.signal.name} has not, as it credits a step with past rewards too; allowed: {signals}"
        )
    if line.weighs_by_advantage and line.per_parameter:
        asks = f"found {importance.name}, which asks for advantages"
        yield f"importance: {asks}; allowed with baseline {baseline.name}, which acts on none: none of these"
    if line.self_normalize and not line.weighs:
        yield f"self_normalize: found true; allowed: false, as importance {importance.name} has no weights"
    if line.self_normalize and importance.facts.clips:
        cut = f"as the weights of importance {importance.name} are cut, and their mean is not one"
        yield f"self_normalize: found true; allowed: false, {cut}"


def _of_gradients(line: Composed) -> Iterator[str]:
    """What a signal that is each trajectory's gradient leaves nothing to do for."""
    if not line.own_gradient:
        return
    why = f"as signal {line.signal.name} is no credit, but a gradient"
    found = {
        "baseline": (line.baseline.name, "none"),
        "importance": (line.importance.name, "none"),
        "normalize": (_word(line.normalize), "false"),
        "score_discount": (_word(line.score_discount), "true"),
    }
    for key, (given, allowed) in found.items():
        if given != allowed:
            yield f"{key}: found {given}; allowed: {allowed}, {why}"


def _credits_by_step() -> Iterator[str]:
    """The signals that credit each step by itself."""
    for name in part_names("signals"):
        facts = read_part("signals", name).facts
        if not (facts.whole_trajectory or facts.own_gradient):
            yield name


def _word(value: bool | str) -> str:
    """As YAML has it."""
    return str(value).lower()


def _unknown(role: str, part: Part, gets: tuple[str, ...]) -> Iterator[str]:
    """What a part asks for that nobody gives it."""
    for name in part.asks:
        if name not in gets:
            near = nearest_name(name, gets)
            yield f"{role}: found {part.name}, which asks for '{name}'{near} Known: {', '.join(gets)}"

"""Two runs compared: a small graph of three jobs, in which one thing after the other is made another."""

import json
import xml.etree.ElementTree as ET

import pytest

from pgpipe.errors import UserError
from pgpipe.jobs.imports import sha256
from pgpipe.verification.comparing import compare
from pgpipe.verification.differences import environment_causes, key_differences
from pgpipe.verification.reference import as_text, make_reference
from pgpipe.verification.runs import read_run
from pgpipe.verification.told import badge, in_words, page

PART, TABLE, FIGURE = "results/part.csv", "reports/tables/learning_summary.csv", "reports/figures/P1_x.svg"
HEADER = "recipe,update,iqm,low,high"
MADE = {
    "versions": {"numpy": "2.0"},
    "cpu": "Zen",
    "config": {"seeds": 3, "study": {"replicates": 20}},
}
CODE = {"pgpipe/study.py": "aa", "requirements.lock": "11"}


def row(folder, path, inputs, **other):
    name = path.rpartition("/")[2]
    return {
        "path": path, "sha256": sha256(folder / path), "rule": f"make_{name[:4]}", "function": "pgpipe.study:f",
        "spec": {}, "inputs": inputs, "code": CODE, "log": f"logs/make/{name}.log",
    } | other  # fmt: skip


def written(folder, numbers="0.5,0.4,0.6", made=MADE, text="drawn", **first):
    """A run: a part, the table of it, a figure of that; `first` is said of the part's row."""
    for path, content in ((PART, f"{HEADER}\na,1,{numbers}\n"), (TABLE, f"{HEADER}\na,1,{numbers}\n"),
                          (FIGURE, f"{text} {numbers}")):  # fmt: skip
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    files = [row(folder, PART, [], **{"spec": {"n": 20}, **first}), row(folder, TABLE, [PART]),
             row(folder, FIGURE, [TABLE])]  # fmt: skip
    manifest = folder / "reports/manifest.json"
    manifest.write_text(
        json.dumps({"made": made, "exempt": {"reports/costs.html": "seconds"}, "files": files})
    )
    return manifest


@pytest.fixture
def compared(tmp_path):
    """What comes out for two runs, each as `written` is asked for it."""

    def both(then, now):
        runs = [read_run(written(tmp_path / name, **said)) for name, said in (("then", then), ("now", now))]
        return compare(runs[0], runs[1])

    return both


def statuses(comparison):
    return {finding.path: finding.status for finding in comparison.findings}


OTHER_MACHINE = {**MADE, "cpu": "Skylake"}
MOVED, FAR = "0.52,0.42,0.62", "0.9,0.8,1.0"  # by a tenth of a 95 % interval, and by four half ones


def test_the_same_twice_is_identical(compared):
    comparison = compared({}, {})
    assert set(statuses(comparison).values()) == {"identical"}
    assert comparison.agrees
    assert comparison.stages == {}


def test_on_the_same_machine_any_other_byte_differs(compared):
    """And nothing explains it: no job may give other numbers by itself."""
    comparison = compared({}, {"numbers": MOVED})
    assert set(statuses(comparison).values()) == {"differs"}
    assert comparison.stages["make/part.csv"].causes == ()
    assert "nothing that is recorded explains it" in in_words(comparison)


def test_on_another_machine_numbers_may_move_within_their_intervals(compared):
    """The part and the figure agree with the table that is made of the one and drawn in the other."""
    comparison = compared({}, {"numbers": MOVED, "made": OTHER_MACHINE})
    assert set(statuses(comparison).values()) == {"within tolerance"}
    assert comparison.agrees
    assert comparison.stages["make/part.csv"].causes == ("machine cpu: Zen → Skylake",)


def test_on_another_machine_numbers_may_not_move_further(compared):
    """|0.9 - 0.5| is 5.5 standard errors of the difference, √2 · 0.1/1.96."""
    comparison = compared({}, {"numbers": FAR, "made": OTHER_MACHINE})
    assert set(statuses(comparison).values()) == {"differs"}
    notes = next(finding.notes for finding in comparison.findings if finding.path == TABLE)
    assert notes[0] == "iqm: 1 of 1, the first 0.5, now 0.9"


def test_a_picture_of_the_same_numbers_is_drawn_otherwise_by_another_machine_alone(compared):
    """Which rounds the places of its lines otherwise."""
    for made, status in ((OTHER_MACHINE, "within tolerance"), (MADE, "differs")):
        comparison = compared({}, {"text": "painted", "made": made})
        assert statuses(comparison) == {PART: "identical", TABLE: "identical", FIGURE: status}
        assert list(comparison.stages) == ["make/P1_x.svg"]


def test_what_lies_between_agrees_if_all_that_is_made_of_it_is_identical(tmp_path):
    """As the last bits of a policy that chooses the same actions; and not, where nothing is made of it."""
    found = []
    for inputs in ([PART], []):
        runs = []
        for name, made in (("then", MADE), ("now", OTHER_MACHINE)):
            manifest = written(tmp_path / name, made=made)
            (tmp_path / name / PART).write_text(f"bits of {name}")
            said = json.loads(manifest.read_text())
            said["files"][0] |= {"sha256": sha256(tmp_path / name / PART)}
            said["files"][1] |= {"inputs": inputs}
            manifest.write_text(json.dumps(said))
            runs.append(read_run(manifest))
        found.append(statuses(compare(runs[0], runs[1])))
    same = {TABLE: "identical", FIGURE: "identical"}
    assert found == [same | {PART: "within tolerance"}, same | {PART: "differs"}]


def test_a_changed_value_is_named_by_its_key_and_tolerated_nowhere(compared):
    """Also on another machine: what the config moves is no rounding."""
    made = {**OTHER_MACHINE, "config": {"seeds": 3, "study": {"replicates": 21}}}
    comparison = compared(
        {"spec": {"replicates": 20}}, {"numbers": MOVED, "made": made, "spec": {"replicates": 21}}
    )
    assert set(statuses(comparison).values()) == {"differs"}
    assert comparison.stages["make/part.csv"].causes == ("config study.replicates: 20 → 21",)


def test_an_edited_file_is_named(compared):
    comparison = compared({}, {"numbers": MOVED, "code": {**CODE, "pgpipe/study.py": "bb"}})
    assert {job: stage.causes for job, stage in comparison.stages.items()} == {
        "make/part.csv": ("code pgpipe/study.py: edited",)
    }
    assert {finding.stages for finding in comparison.findings} == {("make/part.csv",)}
    assert set(statuses(comparison).values()) == {"differs"}


def test_an_upgrade_is_named_and_its_numbers_judged(compared):
    """A changed lock file, and the versions that came of it."""
    made = {**MADE, "versions": {"numpy": "2.1"}}
    upgraded = {"made": made, "code": {**CODE, "requirements.lock": "22"}}
    near, far = (compared({}, {"numbers": numbers, **upgraded}) for numbers in (MOVED, FAR))
    assert near.agrees
    assert not far.agrees
    assert near.stages["make/part.csv"].causes == (
        "lock requirements.lock: edited",
        "version numpy: 2.0 → 2.1",
    )


def test_a_table_edited_by_hand_is_named_whatever_the_machine(tmp_path):
    then, now = tmp_path / "then", tmp_path / "now"
    manifests = written(then), written(now, made=OTHER_MACHINE)
    (then / TABLE).write_text(f"{HEADER}\na,1,0.501,0.4,0.6\n")
    comparison = compare(read_run(manifests[0]), read_run(manifests[1]))
    assert statuses(comparison) == {PART: "identical", TABLE: "differs", FIGURE: "identical"}
    causes = (f"file {TABLE} in {then}: changed since its job made it",)
    assert comparison.stages["make/learning_summary.csv"].causes == causes


def test_a_file_that_is_gone_is_named(tmp_path):
    manifests = written(tmp_path / "then"), written(tmp_path / "now")
    (tmp_path / "then" / TABLE).unlink()
    comparison = compare(read_run(manifests[0]), read_run(manifests[1]))
    assert statuses(comparison)[TABLE] == "differs"


def test_nothing_is_exempt_but_what_the_manifest_declares(tmp_path):
    """Seconds differ, so a file of seconds that is not declared differs."""
    found = []
    for declared in ({"reports/costs.html": "seconds"}, {}):
        runs = []
        for name, seconds in (("then", "1.0"), ("now", "2.0")):
            manifest = written(tmp_path / name)
            costs = tmp_path / name / "reports/costs.html"
            costs.write_text(seconds)
            said = json.loads(manifest.read_text())
            said["files"].append(row(tmp_path / name, "reports/costs.html", []))
            manifest.write_text(json.dumps(said | {"exempt": declared}))
            runs.append(read_run(manifest))
        found.append(compare(runs[0], runs[1]))
    assert found[0].agrees
    assert statuses(found[1])["reports/costs.html"] == "differs"


def test_a_job_that_is_new_and_one_that_is_no_more(tmp_path):
    manifests = written(tmp_path / "then"), written(tmp_path / "now")
    said = json.loads(manifests[1].read_text())
    said["files"] = [each for each in said["files"] if each["path"] != FIGURE]
    manifests[1].write_text(json.dumps(said))
    comparison = compare(read_run(manifests[0]), read_run(manifests[1]))
    assert comparison.stages["make/P1_x.svg"].causes == ("no longer made",)
    assert not comparison.agrees


def test_a_reference_says_what_its_run_says(tmp_path):
    """Written, and read again: the same rows; and the same comparison, the numbers among it."""
    run = read_run(written(tmp_path / "then"))
    (tmp_path / "reference.json").write_text(as_text(make_reference(run)))
    reference = read_run(tmp_path / "reference.json")
    assert reference.rows == run.rows
    for numbers, status in ((MOVED, "within tolerance"), (FAR, "differs")):
        now = read_run(written(tmp_path / "now", numbers=numbers, made=OTHER_MACHINE))
        assert set(statuses(compare(reference, now)).values()) == {status}


def test_a_manifest_alone_tells_what_is_identical_but_no_numbers(tmp_path):
    """As it is sent to somebody: its files are elsewhere, which is no difference."""
    alone = tmp_path / "sent/reports/manifest.json"
    alone.parent.mkdir(parents=True)
    alone.write_text(written(tmp_path / "then").read_text())
    same, other = written(tmp_path / "same"), written(tmp_path / "now", numbers=MOVED, made=OTHER_MACHINE)
    assert compare(read_run(alone), read_run(same)).agrees
    comparison = compare(read_run(alone), read_run(other))
    notes = {finding.path: finding.notes for finding in comparison.findings}
    assert notes[TABLE] == ("its numbers are not at hand",)


def test_no_reference_is_made_of_a_run_that_was_edited(tmp_path):
    manifest = written(tmp_path / "then")
    (tmp_path / "then" / TABLE).write_text("edited")
    with pytest.raises(UserError, match=rf"found {TABLE} changed or gone since its job made it"):
        make_reference(read_run(manifest))


@pytest.mark.parametrize("content", [None, "no json", "[1]", '{"files": []}'])
def test_what_is_no_manifest_is_told_in_a_line(tmp_path, content):
    path = tmp_path / "manifest.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(
        UserError, match=r"^.*manifest\.json: found .*; allowed: a run's reports/manifest\.json"
    ):
        read_run(path)


def test_page_and_badge_say_the_worst(compared):
    comparison = compared({}, {"numbers": FAR, "made": OTHER_MACHINE})
    assert "3 of 3 differs" in badge(comparison)
    ET.fromstring(badge(comparison))
    shown = page(comparison)
    assert f"<code>{TABLE}</code>" in shown
    assert "machine cpu: Zen → Skylake" in shown


def test_words_of_a_config_are_words_on_the_page(compared):
    made = {**MADE, "config": {"seeds": 3, "study": {"replicates": "<script>x</script>"}}}
    shown = page(compared({}, {"numbers": MOVED, "made": made}))
    assert "<script>x" not in shown
    assert "&lt;script&gt;x" in shown


def test_differences_name_every_key():
    then = {"a": 1, "b": {"c": [1, 2], "d": None}, "e": 0}
    now = {"a": 1, "b": {"c": [1, 3], "d": {}}, "f": 0}
    assert dict(key_differences(then, now)) == {
        "b.c.1": "2 → 3", "b.d": "null → {}", "e": "0 → nothing", "f": "nothing → 0",
    }  # fmt: skip


def test_the_config_is_no_part_of_the_machine():
    assert environment_causes(MADE, {**MADE, "config": {}}) == []

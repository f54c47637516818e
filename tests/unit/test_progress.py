"""The progress display: what it expects, how it learns, and what it says."""

import json
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_pgpipe import text
from snakemake_logger_plugin_pgpipe.estimate import PRIOR, pace, seconds_left
from snakemake_logger_plugin_pgpipe.messages import is_worth_saying, stands_aside
from snakemake_logger_plugin_pgpipe.plain import is_due
from snakemake_logger_plugin_pgpipe.run import Finished, Job, Run, fail, finish, start
from snakemake_logger_plugin_pgpipe.timings import (
    Timings,
    expected_of_job,
    expected_of_rule,
    read_jobs,
    read_rules,
    ship,
)

LAST_RUN = {"train/a": 100.0, "train/b": 20.0, "draw/p": 2.0, "draw/q": 4.0}


def job(name, started=0.0):
    rule = name.partition("/")[0]
    return Job(rule=rule, name=name, label=name, log=(f"logs/{name}.log",), started=started)


def test_a_job_is_expected_to_take_what_it_took():
    timings = Timings(jobs=LAST_RUN, rules={"train": 7.0, "report": 9.0})
    assert expected_of_job(timings, "train/a") == 100.0
    assert (
        expected_of_job(timings, "train/new") == 60.0
    )  # the rule's mean in this folder goes before the shipped one
    assert expected_of_job(timings, "report") == 9.0
    assert expected_of_job(timings, "unheard_of") == (100.0 + 20.0 + 2.0 + 4.0) / 4
    assert expected_of_job(Timings(rules={"train": 7.0, "report": 9.0}), "unheard_of") == 8.0
    assert expected_of_job(Timings(), "train/a") is None


def test_jobs_that_have_started_say_which_ones_are_still_to_come():
    timings = Timings(jobs=LAST_RUN)
    assert expected_of_rule(timings, "train") == 60.0
    assert expected_of_rule(timings, "train", except_for={"train/a"}) == 20.0
    assert (
        expected_of_rule(timings, "train", except_for={"train/a", "train/b"}) == 60.0
    )  # more than last time


def test_time_left_is_shared_by_the_cores_but_not_shorter_than_the_longest_job():
    timings = Timings(jobs=LAST_RUN)
    run = Run(begun=0.0, planned={"train": 2, "draw": 2})
    assert seconds_left(run, timings, 0.0) == pytest.approx(126.0)
    eight_cores = Run(begun=0.0, planned={"train": 2, "draw": 2}, cores=8)
    assert seconds_left(eight_cores, timings, 0.0) == pytest.approx(
        60.0
    )  # a mean of `train`: not known which
    started = start(eight_cores, 1, job("train/a"))
    assert seconds_left(started, timings, 0.0) == pytest.approx(100.0)
    assert seconds_left(started, timings, 30.0) == pytest.approx(70.0)


def test_a_finished_run_has_no_time_left():
    run = finish(start(Run(begun=0.0, planned={"train": 1}), 1, job("train/a")), 1, 100.0)
    assert seconds_left(run, Timings(jobs=LAST_RUN), 100.0) == 0.0


def test_the_pace_is_learned_from_the_jobs_that_are_done():
    """A machine half as fast: the estimate doubles, the sooner the more the jobs weigh against the prior."""
    timings = Timings(rules={"train": 100.0})
    run = Run(begun=0.0, planned={"train": 3})
    assert pace(run, timings, 0.0) == 1.0
    run = finish(start(run, 1, job("train/a")), 1, 200.0)
    expected = (200.0 + PRIOR) / (100.0 + PRIOR)
    assert pace(run, timings, 200.0) == pytest.approx(expected)
    assert seconds_left(run, timings, 200.0) == pytest.approx(2 * 100.0 * expected)


def test_a_running_job_counts_for_the_pace_once_it_is_late():
    timings = Timings(rules={"train": 100.0})
    run = start(Run(begun=0.0, planned={"train": 1}), 1, job("train/a"))
    assert pace(run, timings, 99.0) == 1.0
    assert pace(run, timings, 300.0) == pytest.approx((300.0 + PRIOR) / (100.0 + PRIOR))
    assert seconds_left(run, timings, 300.0) == 0.0


def test_without_any_timings_the_run_itself_is_the_measure():
    run = Run(begun=0.0, planned={"train": 2, "draw": 1})
    assert seconds_left(run, Timings(), 0.0) is None
    run = finish(start(run, 1, job("train/a")), 1, 10.0)
    assert seconds_left(run, Timings(), 10.0) == pytest.approx(20.0)


def test_a_failed_job_is_not_waited_for():
    run = start(Run(begun=0.0, planned={"train": 1}), 1, job("train/a"))
    run = fail(run, 1, job("train"))
    assert [failed.name for failed in run.failed] == ["train/a"]
    assert not run.running
    assert seconds_left(run, Timings(jobs=LAST_RUN), 1.0) == 0.0


def test_timings_are_read_from_what_jobs_leave(tmp_path):
    (tmp_path / "train" / "line").mkdir(parents=True)
    measured = {"seconds": 1.5, "cpu_seconds": 1.0, "max_memory_mb": 200.0}
    (tmp_path / "train" / "line" / "0.1.json").write_text(json.dumps(measured))
    (tmp_path / "report.json").write_text(json.dumps({"seconds": 3}))
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text('{"seconds": null}')
    (tmp_path / "list.json").write_text("[1]")
    assert read_jobs(tmp_path) == {"train/line/0.1": 1.5, "report": 3.0}
    assert read_jobs(tmp_path / "nowhere") == {}


def test_shipped_timings_are_the_means_of_a_run(tmp_path):
    for name, seconds in LAST_RUN.items():
        path = tmp_path / f"timings/{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"seconds": seconds}))
    ship([str(tmp_path / "timings"), str(tmp_path / "shipped.json")])
    assert read_rules(tmp_path / "shipped.json") == {"draw": 3.0, "train": 60.0}
    assert read_rules(tmp_path / "none.json") == {}


def test_nothing_is_shipped_where_nothing_was_measured(tmp_path):
    shipped = tmp_path / "shipped.json"
    shipped.write_text("{}")
    with pytest.raises(SystemExit, match="no timings; run the lecture first"):
        ship([str(tmp_path / "timings"), str(shipped)])
    assert shipped.read_text() == "{}"


def test_the_timings_that_are_shipped_can_be_read(root):
    rules = read_rules(root / "workflow/timings.json")
    assert rules["train_block"] > 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "time left unknown"),
        (0.0, "a few seconds left"),
        (31.0, "about 40 s left"),
        (54.9, "about 60 s left"),
        (60.0, "about 1 min left"),
        (200.0, "about 3 min left"),
        (3600.0, "about 1 h 00 min left"),
        (8000.0, "about 2 h 13 min left"),
    ],
)
def test_an_estimate_is_no_finer_than_it_deserves(seconds, words):
    assert text.roughly(seconds) == words


def test_durations_read_like_a_clock():
    assert [text.duration(seconds) for seconds in (-5, 7.9, 271, 3723)] == ["0:00", "0:07", "4:31", "1:02:03"]


def test_a_plain_line_says_what_is_done_what_runs_and_what_is_left():
    run = Run(begun=0.0, cores=2, planned={"train": 5, "draw": 5})
    for number, name in enumerate("abcde"):
        run = start(run, number, job(f"train/{name}"))
    run = fail(finish(run, 0, 65.0), 1, job("train"))
    run = start(run, 9, job("draw/p"))
    assert text.plain_line(run, 120.0, 65.0) == (
        "[1:05] 1 of 10 jobs done, 1 failed, about 2 min left; running: train/c, train/d, train/e and 1 more"
    )
    assert text.first_line(run, 120.0) == "10 jobs to do on 2 cores, about 2 min left"
    assert text.last_line(run, 65.0, "x.log") == (
        "1 of 10 jobs done, 1 failed, 8 not done in 1:05. Snakemake's own log: x.log"
    )
    all_done = Run(begun=0.0, planned={"train": 1}, done=(Finished(job("train/a"), 3.0),))
    assert text.last_line(all_done, 65.0, "x.log") == "1 of 1 jobs done in 1:05"


def test_a_failed_job_shows_the_end_of_its_log(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("".join(f"line {number}\n" for number in range(100)))
    tail = text.tail_of(log)
    assert tail == [f"line {number}" for number in range(100 - text.TAIL, 100)]
    failed = Job("train", "train/a", text.label("train", {"recipe": "a"}), (str(log),), 0.0)
    words = text.failure(failed, [("logs/a.log", tail)])
    assert words.splitlines()[:3] == [
        "Failed: train (recipe=a)",
        "  The end of its log, logs/a.log:",
        "  | line 85",
    ]
    assert text.tail_of(tmp_path / "none.log") == []
    assert "empty or missing: logs/a.log" in text.failure(failed, [("logs/a.log", [])])
    assert "It has no log." in text.failure(failed, [])


def test_plain_lines_are_few():
    """Every 5 %, never within 30 seconds; every 5 minutes at least."""
    assert not is_due(29.0, 1.0)
    assert not is_due(299.0, 0.04)
    assert is_due(30.0, 0.05)
    assert is_due(300.0, 0.0)


def test_what_snakemake_says_of_itself_is_left_out_and_errors_are_not():
    assert not is_worth_saying("Select jobs to execute...", None)
    assert not is_worth_saying("None", LogEvent.PROGRESS)
    assert not is_worth_saying("RuleException:\nCalledProcessError in file …", LogEvent.ERROR)
    assert is_worth_saying("Nothing to be done (all requested files are present and up to date).", None)
    assert is_worth_saying("MissingInputException in rule train …", LogEvent.ERROR)
    assert is_worth_saying("MissingOutputException in rule train …", LogEvent.ERROR)


@pytest.mark.parametrize(
    "asked",
    [{"dryrun": True}, {"verbose": True}, {"printshellcmds": True}, {"debug_dag": True}, {"quiet": {"all"}}],
)
def test_the_display_stands_aside_for_what_was_asked_for(asked):
    usual = {"dryrun": False, "verbose": False, "printshellcmds": False, "debug_dag": False, "quiet": None}
    assert stands_aside(SimpleNamespace(**usual | asked))
    assert not stands_aside(SimpleNamespace(**usual | {"quiet": {"host", "rules", "reason"}}))


def test_a_running_job_says_how_far_it_is_in_its_log(tmp_path):
    log = tmp_path / "a.log"
    assert text.last_said(log) == ""
    log.write_text("rule train\nspec {}\n")
    assert text.last_said(log) == ""
    log.write_text("rule train\nspec {}\n10 of 100 updates\n20 of 100\x1b updates\n")
    assert text.last_said(log) == "20 of 100 updates"

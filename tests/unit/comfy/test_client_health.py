import pytest

from services.comfy.health import Diagnosis, Executor, Pulse
from services.comfy.queue import Queue

EMPTY = Queue(running=[], pending=[])


def line(running: str | None = None, *pending: str, **numbers: int) -> Queue:
    return Queue(running=[running] if running else [], pending=list(pending), numbers=numbers)


@pytest.fixture
def pulse() -> Pulse:
    return Pulse(stalled_after_s=30, stuck_after_s=600)


def test_empty_line_is_idle_however_long(pulse: Pulse) -> None:
    assert pulse.observe(EMPTY, 0).executor is Executor.IDLE
    assert pulse.observe(EMPTY, 10_000).executor is Executor.IDLE


def test_line_that_moves_is_at_work(pulse: Pulse) -> None:
    for at, running in enumerate("abcdefgh"):
        assert pulse.observe(line(running, "z"), at * 599).executor is Executor.WORKING


def test_prompts_that_wait_while_none_runs_mean_a_dead_executor(pulse: Pulse) -> None:
    assert pulse.observe(line(None, "a", "b"), 0).executor is Executor.WORKING
    assert pulse.observe(line(None, "a", "b"), 29).executor is Executor.WORKING
    later = pulse.observe(line(None, "a", "b", "c"), 31)
    assert later == Diagnosis(Executor.STALLED, "a", 31, restarted=False)


def test_gap_between_two_prompts_is_no_stall(pulse: Pulse) -> None:
    pulse.observe(line(None, "a", "b"), 0)
    assert pulse.observe(line(None, "b"), 31).executor is Executor.WORKING
    pulse.observe(line("b"), 40)
    assert pulse.observe(line(None, "c"), 60).quiet_s == 0


def test_executor_that_came_back_is_at_work(pulse: Pulse) -> None:
    pulse.observe(line(None, "a"), 0)
    assert pulse.observe(line(None, "a"), 100).executor is Executor.STALLED
    assert pulse.observe(line("a"), 101).executor is Executor.WORKING


def test_prompt_that_runs_without_a_word_is_stuck(pulse: Pulse) -> None:
    pulse.observe(line("a", "b"), 0)
    assert pulse.observe(line("a", "b"), 599).executor is Executor.WORKING
    stuck = pulse.observe(line("a", "b", "c"), 600)
    assert stuck == Diagnosis(Executor.STUCK, "a", 600, restarted=False)


def test_prompt_that_is_heard_of_is_not_stuck(pulse: Pulse) -> None:
    pulse.observe(line("a"), 0)
    pulse.hear("a", 500)
    pulse.hear("b", 900)
    assert pulse.observe(line("a"), 1000) == Diagnosis(Executor.WORKING, "a", 500, restarted=False)
    assert pulse.observe(line("a"), 1100).executor is Executor.STUCK


def test_late_news_do_not_turn_the_clock_back(pulse: Pulse) -> None:
    pulse.observe(line("a"), 100)
    pulse.hear("a", 50)
    assert pulse.observe(line("a"), 110).quiet_s == 10


def test_count_that_goes_back_means_another_process(pulse: Pulse) -> None:
    assert not pulse.observe(line("a", "b", a=7, b=8), 0).restarted
    assert not pulse.observe(line("b", b=8), 100).restarted
    assert not pulse.observe(EMPTY, 200).restarted
    assert pulse.observe(line("c", c=0), 300).restarted
    assert not pulse.observe(line("c", "d", c=0, d=1), 400).restarted
    assert not pulse.observe(line("d", d=1), 500).restarted
    assert pulse.observe(line("e", e=1), 600).restarted


def test_count_goes_on_after_a_restart(pulse: Pulse) -> None:
    pulse.observe(line("a", a=7), 0)
    assert pulse.observe(line("b", b=3), 100).restarted
    assert not pulse.observe(line("c", c=5), 200).restarted


def test_prompts_posted_together_may_come_out_of_order(pulse: Pulse) -> None:
    pulse.observe(line("a", a=8), 0)
    assert not pulse.observe(line("a", "b", a=8, b=7), 5).restarted


def test_prompt_that_waited_long_with_a_low_number_is_no_restart(pulse: Pulse) -> None:
    pulse.observe(line("x", "a", "b", a=1, b=9), 0)
    assert not pulse.observe(line("a", "b", a=1, b=9), 100).restarted


def test_restart_starts_the_patience_anew(pulse: Pulse) -> None:
    pulse.observe(line(None, "a", a=7), 0)
    assert pulse.observe(line(None, "a", a=7), 100).executor is Executor.STALLED
    again = pulse.observe(line(None, "a", "b", a=7, b=2), 200)
    assert (again.restarted, again.executor, again.quiet_s) == (True, Executor.WORKING, 0)

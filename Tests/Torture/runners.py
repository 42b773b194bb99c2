"""R7: two runners of one job."""

import os
import signal
import time

from disks import prepared
from harness import Scene, Skipped, require, session_of
from jobs import Payouts, Refunds
from parts import part

TERM = 15  # seconds after which a holder that gives no sign of life is overtaken


# With process numbers of its own, as in a container: from outside nobody can tell whether it lives.
ELSEWHERE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")


def child_of(number):
    with open(f"/proc/{number}/task/{number}/children") as file:
        return int(file.read().split()[0])


def held_by(run, other):
    """True when a run ended because another one holds the job, and said so."""
    return run.code == 14 and f"process {other.pid} of" in (run.report.get("failure") or {}).get("message", "") + run.errors


@part("R7", "simultaneous starts of one job: one runs, all others name it", tries=(4, 1), stage="alone")
def r7(torture, try_):
    count = 12 if try_.small else 50
    job = (Refunds, Payouts)[try_.number % 2](try_.random, count * 4)
    scene = Scene(torture, try_, job)
    # Long enough that the last of them comes while the first is at work.
    scene.bank.order({"operation": job.operations[0], "fault": "delay", "milliseconds": 60})
    runs = [scene.start("--parallel", "1") for _ in range(count)]
    for run in runs:
        run.wait()
    winners = [run for run in runs if run.code != 14]
    require("R7", len(winners) == 1, f"{len(winners)} runs did not give way: {[run.says() for run in winners][:3]}")
    mute = [run for run in runs if run is not winners[0] and not held_by(run, winners[0])]
    require("R7", not mute, f"{len(mute)} runs do not name process {winners[0].pid}: {[run.says() for run in mute][:2]}")
    require("R7", job.is_done(winners[0]), f"the one that ran ended with {winners[0].says()}")
    sent = len([call for call in scene.bank.writes() if call.get("operation") == job.operations[0]])
    require("R7", sent == len(job.rows), f"{sent} writes were sent for {len(job.rows)} rows")
    scene.conclude(winners[0])


def stands_still(run, holder):
    """Whether a run was told that the holder has stopped in the middle of a write."""
    return run.code == 14 and f"process {holder.pid} stands still" in run.says() + run.errors


def stand_still(torture, scene, first, parallel):
    """Stops a run for longer than a term. Nobody takes its job: it could send what it was about to when it goes on. Then it goes on."""
    job = scene.job
    os.kill(first.pid, signal.SIGSTOP)
    try:
        for wait in ((), ("--wait", "17s")):
            other = scene.start("--parallel", parallel, *wait).wait(90, "R7")
            require("R7", held_by(other, first) or stands_still(other, first), f"a second runner ended with {other.says()}")
        sent = len(scene.bank.writes())
    finally:
        os.kill(first.pid, signal.SIGCONT)
    first.wait(60, "R7")
    require("R7", len(scene.bank.writes()) >= sent, "writes are missing")
    scene.bank.forgive()
    scene.conclude(first if job.is_done(first) else scene.converge())


@part("R7", "a holder that stands still keeps the job, others name it, and it goes on when it is let", tries=(20, 2), stage="few")
def r7_stolen(torture, try_):
    job = Refunds(try_.random, 40)
    scene = Scene(torture, try_, job)
    # It stops while it waits for an answer.
    k = try_.random.randrange(2, 20)
    scene.bank.order({"operation": "payments.refund", "fault": "stall", "when": try_.random.choice(("before", "after")), "seconds": 20, "calls": str(k)})
    first = scene.start("--parallel", "1")
    scene.wait_for_fault(first)
    stand_still(torture, scene, first, "1")


@part("R7", "the same, stopped at any instant with several calls in flight", tries=(40, 0), stage="few")
def r7_asleep(torture, try_):
    job = Refunds(try_.random, 40)
    scene = Scene(torture, try_, job)
    scene.bank.order({"operation": "payments.refund", "fault": "delay", "milliseconds": 40, "when": try_.random.choice(("before", "after"))})
    first = scene.start("--parallel", "4")
    scene.wait_for_fault(first, times=try_.random.randrange(2, 20))
    time.sleep(try_.random.uniform(0, 0.05))
    stand_still(torture, scene, first, "4")


@part("R7", "a holder that stands still in the middle of a commit: others give way, with words", tries=(12, 2), stage="few")
def r7_commit(torture, try_):
    scene = prepared(torture, try_, 20)
    # Those before belong to the making of the journal.
    n = try_.random.randrange(12, 24)
    try_.notes.append(f"stopped before sync {n}")
    first = scene.start("--parallel", "1", **scene.disk, TORTURE_STOP_SYNC=n)
    until = time.monotonic() + 60
    while (session_of(first.pid) or "  ")[1] != "T":
        require("test", first.goes_on and time.monotonic() < until, f"the run did not stop: {first.says()}")
        time.sleep(0.01)
    try:
        before = len(scene.bank.writes())
        second = scene.start("--parallel", "1").wait(60, "R7")
        said = (second.report.get("failure") or {}).get("message", "")
        require("R7", second.code in (5, 14) and len(said) > 20, f"a second runner ended with {second.says()}")
        require("R7", len(scene.bank.writes()) == before, "a second runner sent something")
    finally:
        os.kill(first.pid, signal.SIGCONT)
    first.wait()
    scene.conclude(first if scene.job.is_done(first) else scene.converge())


@part("R7", "a holder that nobody here can see is overtaken when it is silent, and writes nothing when it wakes", tries=(20, 1), stage="few")
def r7_unseen(torture, try_):
    job = Refunds(try_.random, 40)
    scene = Scene(torture, try_, job)
    # It stops while it waits for an answer. Elsewhere, a stop between the last look at the lease and the first byte would be seen by nobody.
    k = try_.random.randrange(2, 20)
    scene.bank.order({"operation": "payments.refund", "fault": "stall", "when": try_.random.choice(("before", "after")), "seconds": 20, "calls": str(k)})
    first = scene.start("--parallel", "1", before=ELSEWHERE)
    if not scene.wait_for_fault(first):
        raise Skipped("process numbers of their own need root")
    holder = child_of(first.pid)
    os.kill(holder, signal.SIGSTOP)
    try:
        early = scene.start("--parallel", "1").wait(60, "R7")
        require("R7", early.code == 14, f"a second runner within the term ended with {early.says()}")
        second = scene.run("--parallel", "1", "--wait", "60s")
        last = second if job.is_done(second) else scene.converge()
        sent = len(scene.bank.writes())
    finally:
        os.kill(holder, signal.SIGCONT)
    first.wait(60, "R7")
    late = scene.bank.writes()[sent:]
    require("R7", not late, f"the one that was overtaken sent {len(late)} writes when it woke: {late[:3]}; done twice: {job.doubles(scene.bank)}")
    require("R7", first.code not in (0, 6), f"the one that was overtaken ended with {first.says()}")
    scene.bank.forgive()
    scene.conclude(last)


@part("R7", "a holder that was killed is replaced at once", tries=(20, 2), stage="few")
def r7_killed(torture, try_):
    job = Refunds(try_.random, 20)
    scene = Scene(torture, try_, job)
    scene.bank.order({"operation": "payments.refund", "fault": "stall", "when": "before", "seconds": 60, "calls": "5"})
    first = scene.start("--parallel", "1")
    scene.wait_for_fault(first)
    os.kill(first.pid, signal.SIGKILL)
    # A signal is not yet a death. Nobody has waited for it: what is left of it in the process list holds nothing.
    os.waitid(os.P_PID, first.pid, os.WEXITED | os.WNOWAIT)
    scene.bank.forgive()
    began = time.monotonic()
    second = scene.run("--parallel", "1")
    require("R7", second.code != 14, f"a dead holder still holds the job: {second.says()}")
    require("R7", time.monotonic() - began < TERM, "the dead holder's term was waited for")
    first.process.wait()
    scene.conclude(second if job.is_done(second) else scene.converge())

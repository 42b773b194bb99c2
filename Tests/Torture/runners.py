"""R7: two runners of one job."""

import os
import signal
import time

from harness import Scene, require
from jobs import Payouts, Refunds
from parts import part

TERM = 15  # seconds after which a holder that gives no sign of life is overtaken


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


@part("R7", "a holder that stands still keeps the job, others name it, and it goes on when it is let", tries=(20, 2), stage="few")
def r7_stolen(torture, try_):
    job = Refunds(try_.random, 40)
    scene = Scene(torture, try_, job)
    scene.bank.order({"operation": "payments.refund", "fault": "delay", "milliseconds": 40, "when": try_.random.choice(("before", "after"))})
    parallel = try_.random.choice(("1", "4"))
    first = scene.start("--parallel", parallel)
    scene.wait_for_fault(first, times=try_.random.randrange(2, 20))
    os.kill(first.pid, signal.SIGSTOP)
    try:
        # Nobody takes the job from a process that lives: it could send what it was about to when it goes on.
        early = scene.run("--parallel", parallel)
        require("R7", held_by(early, first) or stands_still(early, first), f"a second runner within the term ended with {early.says()}")
        later = scene.run("--parallel", parallel, "--wait", "17s")
        require("R7", held_by(later, first) or stands_still(later, first), f"a second runner after the term ended with {later.says()}")
        sent = len(scene.bank.writes())
    finally:
        os.kill(first.pid, signal.SIGCONT)
    first.wait(60)
    require("R7", len(scene.bank.writes()) >= sent, "writes were taken back")
    scene.bank.forgive()
    scene.conclude(first if job.is_done(first) else scene.converge())


def stands_still(run, holder):
    """Whether a run was told that the holder has stopped in the middle of a write."""
    return run.code == 14 and f"process {holder.pid} stands still" in run.stderr


@part("R7", "a holder that was killed is replaced at once", tries=(20, 2), stage="few")
def r7_killed(torture, try_):
    job = Refunds(try_.random, 20)
    scene = Scene(torture, try_, job)
    scene.bank.order({"operation": "payments.refund", "fault": "stall", "when": "before", "seconds": 60, "calls": "5"})
    first = scene.start("--parallel", "1")
    scene.wait_for_fault(first)
    os.kill(first.pid, signal.SIGKILL)
    # Nobody has waited for it yet: what is left of it in the process list holds nothing.
    scene.bank.forgive()
    began = time.monotonic()
    second = scene.run("--parallel", "1")
    require("R7", second.code != 14, f"a dead holder still holds the job: {second.says()}")
    require("R7", time.monotonic() - began < TERM, "the dead holder's term was waited for")
    first.process.wait()
    scene.conclude(second if job.is_done(second) else scene.converge())

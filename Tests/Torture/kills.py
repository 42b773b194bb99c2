"""R1 and R26: the program dies, whenever that is; and what was seen once can be seen again."""

import time

from harness import Broken, Scene, require
from jobs import Payouts, Refunds, Sessions
from parts import part

# How the harness sees that the k-th write is where it wants it, and what the bank has done by then.
PHASES = {
    "before the bank acted": {"fault": "stall", "when": "before", "seconds": 90},
    "on its way to the bank": {"fault": "delay", "when": "before", "seconds": 90},  # the bank acts when the caller is gone
    "after it acted, before the answer": {"fault": "stall", "when": "after", "seconds": 90},
    "after the answer": None,
}


def kill_at(scene, operation, k, phase, parallel):
    """Starts a run and kills it when its k-th write of this kind is in the phase."""
    fault = PHASES[phase]
    if fault is None:
        # The next one is held back before the bank acts: one by one, this is after the answer to the k-th.
        fault = {**PHASES["before the bank acted"], "calls": str(k + 1)}
    scene.bank.order({"operation": operation, "calls": str(k), **fault})
    run = scene.start("--parallel", str(parallel))
    scene.wait_for_fault(run)
    run.kill()
    scene.bank.forgive()


def kth(torture, try_, make, counts):
    names = list(PHASES)
    phase = names[try_.number % len(names)]
    job = make(try_.random, counts)
    operation = try_.random.choice(job.operations)
    # Spread over the whole run, the first and the last included.
    k = 1 + round((len(job.rows) - 1) * try_.random.random()) if try_.number > 3 else (1, 2, len(job.rows) - 1, len(job.rows))[try_.number]
    parallel = try_.random.choice((1, 4, 16))
    try_.notes.append(f"{operation} number {k} of {len(job.rows)}, {phase}, {parallel} in flight")
    scene = Scene(torture, try_, job)
    kill_at(scene, operation, k, phase, parallel)
    scene.conclude(scene.converge(flags=("--parallel", str(parallel))))


def at_random(torture, try_, make, count):
    job = make(try_.random, count)
    scene = Scene(torture, try_, job)
    parallel = try_.random.choice((1, 4, 16))
    if try_.random.random() < 0.5:
        # A slow bank: most instants then find something in flight.
        scene.bank.order({"operation": "*", "fault": "delay", "milliseconds": 8, "probability": "0.5", "when": try_.random.choice(("before", "after"))})
    length = torture.measured(job, parallel)
    kills = try_.random.choice((1, 1, 1, 2, 3))
    try_.notes.append(f"{kills} kills, {parallel} in flight, a run takes {length:.2f} s")
    for _ in range(kills):
        run = scene.start("--parallel", str(parallel))
        time.sleep(length * try_.random.uniform(0.02, 1.2))
        run.kill()
    scene.bank.forgive()
    scene.conclude(scene.converge(flags=("--parallel", str(parallel))))


@part("R1", "SIGKILL at the k-th write: before and after the bank acted, after the answer", tries=(200, 8))
def r1_kth(torture, try_):
    kth(torture, try_, Refunds, torture.rows)


@part("R1", "SIGKILL at random instants", tries=(400, 16))
def r1_random(torture, try_):
    at_random(torture, try_, Refunds, torture.rows)


@part("R1", "payouts: SIGKILL at the k-th write", tries=(40, 4))
def r1_payouts(torture, try_):
    kth(torture, try_, Payouts, torture.some_rows)


@part("R1", "payouts: SIGKILL at random instants", tries=(40, 4))
def r1_payouts_random(torture, try_):
    at_random(torture, try_, Payouts, torture.some_rows)


@part("R1", "checkout sessions: SIGKILL at the k-th write", tries=(40, 4))
def r1_sessions(torture, try_):
    kth(torture, try_, Sessions, torture.some_rows)


@part("R1", "checkout sessions: SIGKILL at random instants", tries=(40, 4))
def r1_sessions_random(torture, try_):
    at_random(torture, try_, Sessions, torture.some_rows)


@part("R26", "the same seed, the same requests in the same order", tries=(20, 2))
def r26(torture, try_):
    make = (Refunds, Payouts)[try_.number % 2]
    job = make(try_.random, min(torture.some_rows, 60))
    seed = try_.random.randrange(1, 1 << 31)
    faults = [
        {"operation": job.operations[0], "fault": "close", "when": "after", "probability": "0.1", "times": 5},
        {"operation": job.operations[0], "fault": "status", "status": 503, "probability": "0.1", "times": 5},
        {"operation": "payments.*", "fault": "status", "status": 429, "retryAfter": "1", "probability": "0.02", "times": 3}]
    seen = []
    for _ in range(2):
        scene = Scene(torture, try_, job, seed=seed)
        scene.bank.order(*faults)
        scene.run("--parallel", "1")
        # Reads of the end, which run beside each other, are not part of the order.
        calls = [call for call in scene.bank.calls()]
        last = max((place for place, call in enumerate(calls) if call["method"] != "GET"), default=-1)
        seen.append([(call["method"], call["target"], call.get("fault")) for call in calls[:last + 1]])
        scene.bank.stop()
    for place, (one, other) in enumerate(zip(*seen), 1):
        require("R26", one == other, f"request {place} is {one} in the first run, and {other} in the second")
    require("R26", len(seen[0]) == len(seen[1]), f"the first run made {len(seen[0])} requests, and the second {len(seen[1])}")
    if len(seen[0]) < len(job.rows):
        raise Broken("test", f"only {len(seen[0])} requests were made")

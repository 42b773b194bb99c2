"""R8 and R9: a bank that is overloaded, and a token that is over."""

import email.utils
import time

from harness import Scene, require
from jobs import Refunds
from parts import part

# Requests that were on their way when the bank asked for patience arrive a little later.
ON_THEIR_WAY = 0.4


def http_date(form, at):
    moment = time.gmtime(at)
    if form == "IMF-fixdate":
        return email.utils.formatdate(at, usegmt=True)
    day = time.strftime("%A", moment)
    if form == "RFC 850":
        return time.strftime(f"{day}, %d-%b-%y %H:%M:%S GMT", moment)
    return time.strftime("%a %b ", moment) + f"{moment.tm_mday:2d}" + time.strftime(" %H:%M:%S %Y", moment)


# What a bank may write into Retry-After: the text, and the seconds it asks for; None where it says nothing to go by.
def forms(now):
    return (
        ("seconds", "2", 2.0), ("seconds with a fraction", "1.5", 1.5), ("spaces around it", " 2 ", 2.0),
        *((form, http_date(form, now + 4), "date") for form in ("IMF-fixdate", "RFC 850", "asctime")),
        ("a date that has passed", http_date("IMF-fixdate", now - 100), None), ("zero", "0", None), ("below zero", "-1", None),
        ("words", "soon", None), ("nothing", None, None))


def instant(text):
    whole, _, rest = text.rstrip("Z").partition(".")
    seconds = time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone
    return seconds + float("0." + (rest or "0"))


def require_patience(calls, asked):
    """- Parameter asked: the end of the wait that an answer at this instant asked for; None where it asked for none."""
    waits = []
    for call in calls:
        at = instant(call["time"])
        for since, until in waits:
            require(
                "R8", not since + ON_THEIR_WAY < at < until - 0.02,
                f"a request at {at - since:.3f} s of a wait of {until - since:.3f} s: {call}")
        if call.get("status") == 429:
            until = asked(at)
            if until is not None:
                waits.append((at, until))


def require_few_attempts(calls, runs):
    """At most 6 of each call in one run."""
    counts = {}
    for call in calls:
        if call.get("operation") == "payments.refund":
            counts[call["target"]] = counts.get(call["target"], 0) + 1
    most = max(counts.values(), default=0)
    require("R8", most <= 6 * runs, f"one call was tried {most} times in {runs} runs")


@part("R8", "429 with Retry-After in every form", tries=(44, 11), stage="few")
def r8(torture, try_):
    job = Refunds(try_.random, 24, declined=0)
    scene = Scene(torture, try_, job)
    now = time.time()
    name, text, wait = forms(now)[try_.number % len(forms(now))]
    try_.notes.append(f"Retry-After is {name}: {text}")
    fault = {"operation": "payments.refund", "fault": "status", "status": 429, "calls": "5-8,15", "times": 5}
    if text is not None:
        fault["retryAfter"] = text
    scene.bank.order(fault)
    run = scene.run("--parallel", try_.random.choice(("4", "8")))
    calls = scene.bank.calls()
    require("test", sum(call.get("status") == 429 for call in calls) == 5, "the bank did not ask for patience")
    due = int(now + 4)  # what is written has whole seconds
    require_patience(calls, lambda at: (due if wait == "date" and due > at else None) if wait in (None, "date") else at + wait)
    require_few_attempts(calls, 1)
    scene.conclude(run if job.is_done(run) else scene.converge())


@part("R8", "429 without end: at most 6 attempts, then a clear end; later the rest", tries=(6, 2), stage="few")
def r8_endless(torture, try_):
    job = Refunds(try_.random, 4, declined=0)
    scene = Scene(torture, try_, job)
    scene.bank.order({"operation": "payments.refund", "fault": "status", "status": 429, "retryAfter": "1"})
    run = scene.run("--parallel", "2")
    calls = scene.bank.calls()
    require_few_attempts(calls, 1)
    require_patience(calls, lambda at: at + 1)
    require("R8", run.code in (5, 6), f"a run that was put off for good ended with {run.says()}")
    require("R8", not scene.bank.ledger(), "something moved")
    scene.bank.forgive()
    scene.conclude(scene.converge())


@part("R8", "Retry-After of a day: no request meanwhile, and an end that says so", tries=(2, 1), stage="few")
def r8_day(torture, try_):
    job = Refunds(try_.random, 8, declined=0)
    scene = Scene(torture, try_, job)
    scene.bank.order({"operation": "payments.refund", "fault": "status", "status": 429, "retryAfter": "86400"})
    began = time.monotonic()
    run = scene.run("--parallel", "2")
    require("R8", time.monotonic() - began < 60, "it waited for the day")
    require_few_attempts(scene.bank.calls(), 1)
    require("R8", run.code in (5, 6), f"it ended with {run.says()}")
    require_patience(scene.bank.calls(), lambda at: at + 86400)
    scene.bank.forgive()
    scene.conclude(scene.converge())


def storm(torture, try_, faults, length):
    """Faults for a while, over as many runs as it takes; then none."""
    job = Refunds(try_.random, torture.some_rows)
    scene = Scene(torture, try_, job)
    scene.bank.order(*faults)
    began, runs, last = time.monotonic(), 0, None
    while time.monotonic() - began < length:
        run = scene.start("--parallel", "8")
        runs += 1
        while run.goes_on and time.monotonic() - began < length:
            time.sleep(0.05)
        if run.goes_on:
            break
        last = run
        if job.is_done(run):
            break
        require("R8", run.code in (5, 6, 12), f"it ended with {run.says()}")
    scene.bank.forgive()
    over = time.monotonic()
    if run.goes_on:
        last = run.wait()
    try_.notes.append(f"{runs} runs during the storm; {time.monotonic() - over:.1f} s more for the one that was going on")
    require("R8", time.monotonic() - over < 90, f"the run took {time.monotonic() - over:.0f} s after the storm was over")
    require("R2", not job.doubles(scene.bank), f"done more than once: {job.doubles(scene.bank)}")
    unasked = job.unasked_resends(scene.bank.calls())
    require("R2", not unasked, f"sent again without a look: {unasked[:5]}")
    return scene, job, last, runs


@part("R8", "a storm of 429 over a minute", tries=(3, 0), stage="few")
def r8_storm(torture, try_):
    faults = [{"operation": "*", "fault": "status", "status": 429, "retryAfter": "1", "probability": "0.6"}]
    scene, job, last, runs = storm(torture, try_, faults, 60)
    require_patience(scene.bank.calls(), lambda at: at + 1)
    scene.conclude(last if job.is_done(last) else scene.converge())


@part("R8", "ten minutes of 503", tries=(1, 0), stage="few")
def r8_outage(torture, try_):
    scene, job, last, _ = storm(torture, try_, [{"operation": "*", "fault": "status", "status": 503}], 600)
    scene.conclude(last if job.is_done(last) else scene.converge())


@part("R9", "a token that is over with 16 calls in flight", tries=(20, 3), stage="few")
def r9(torture, try_):
    job = Refunds(try_.random, 64, declined=0)
    scene = Scene(torture, try_, job)
    at = try_.random.randrange(18, 50)
    scene.bank.order(
        {"operation": "payments.refund", "fault": "expire_token", "calls": str(at)},
        # They wait at the bank together: all of them meet the end of the token.
        {"operation": "payments.*", "fault": "delay", "milliseconds": 120})
    run = scene.run("--parallel", "16")
    calls = scene.bank.calls()
    refused = sum(call.get("status") == 401 for call in calls)
    tokens = sum(call["target"].endswith("/auth") for call in calls)
    try_.notes.append(f"{refused} calls were refused, {tokens} tokens were asked for")
    require("test", refused >= 1, "no call met the end of the token")
    require("R9", tokens == 2, f"{tokens - 1} tokens were asked for after the first, and one is right")
    require("R9", job.is_done(run), f"the run ended with {run.says()}")
    scene.conclude(run)

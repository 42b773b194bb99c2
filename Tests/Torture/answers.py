"""R2, R6 and R19: answers that are lost, answers that cannot be believed, and looks that fail."""

import json
import queue

import journal
from harness import Scene, require
from jobs import Payouts, Refunds, Sessions
from middleman import Middleman
from parts import part

# How an answer is lost, or is none.
LOSSES = (
    {"fault": "close"}, {"fault": "reset"}, {"fault": "stall", "seconds": 1}, {"fault": "status", "status": 500}, {"fault": "status", "status": 502, "body": "<html>"},
    {"fault": "status", "status": 503}, {"fault": "status", "status": 504}, {"fault": "rubbish"}, {"fault": "rubbish", "body": ""},
    {"fault": "truncate"}, {"fault": "truncate", "bytes": 0}, {"fault": "truncate", "bytes": 1})


def losses(random, operations, rows):
    """Faults for all the writes of a job, each kind before the bank acts and after it, where it can be both."""
    faults = []
    for operation in operations:
        for loss in LOSSES:
            for when in ("before", "after"):
                if loss["fault"] == "truncate" and when == "before":
                    continue
                fault = {"operation": operation, "probability": f"{random.uniform(0.01, 0.05):.3f}", "times": max(2, rows // 20), **loss}
                if loss["fault"] != "truncate":
                    fault["when"] = when
                faults.append(fault)
    random.shuffle(faults)
    return faults


def lose(torture, try_, make, rows):
    job = make(try_.random, rows)
    scene = Scene(torture, try_, job)
    middle = Middleman(scene.bank.port)
    try:
        if not isinstance(job, Refunds):
            # Creations look all the same from outside: what was in them says which was sent again.
            scene.lead_to(middle.url)
        scene.bank.order(*losses(try_.random, job.operations, rows))
        parallel = try_.random.choice((1, 4, 16))
        try_.notes.append(f"{parallel} in flight")
        run = scene.run("--parallel", str(parallel))
        happened = sum(fault["happened"] for fault in scene.bank.faults())
        try_.notes.append(f"{happened} answers lost, exit {run.code}")
        require("test", happened > 0, "no fault happened")
        last = run
        if not job.is_done(run):
            # The first resume still meets what is left of the faults.
            last = scene.converge(flags=("--parallel", str(parallel)), before=[lambda number: number == 2 and scene.bank.forgive()])
        scene.bank.forgive()
        require("R2", not job.doubles(scene.bank), f"done more than once: {job.doubles(scene.bank)}")
        if isinstance(job, Refunds):
            unasked = job.unasked_resends(scene.bank.calls())
        else:
            unasked = resends_without_a_look(job, middle.requests)
        require("R2", not unasked, f"sent again without a look: {unasked[:5]}")
        scene.conclude(last)
    finally:
        middle.close()


def resends_without_a_look(job, requests):
    """The same for requests with their bodies, as the man in the middle saw them."""
    found, last = [], {}
    for place, request in enumerate(requests):
        if request.method == "GET" or request.target.endswith("/auth"):
            continue
        name = (request.method, request.target, request.body)
        if name in last and requests[last[name]].status not in (401, 429):
            between = requests[last[name] + 1:place]
            if not any(other.method == "GET" and job.looks(request, other) for other in between):
                found.append(f"{request.method} {request.target} as request {place + 1}")
        last[name] = place
    return found


@part("R2", "answers lost before and after the bank acted, of all kinds", tries=(100, 6))
def r2(torture, try_):
    lose(torture, try_, Refunds, torture.rows)


@part("R2", "payouts: answers lost", tries=(30, 3))
def r2_payouts(torture, try_):
    lose(torture, try_, Payouts, torture.some_rows)


@part("R2", "checkout sessions: answers lost", tries=(30, 3))
def r2_sessions(torture, try_):
    lose(torture, try_, Sessions, torture.some_rows)


# How a look fails. Each is ordered for the reads that the probes of a refund make, or for one of them.
NOTHING = {"results": [], "pagination": {"total": 0, "count": 0, "next": None, "previous": None}}
FAILING_LOOKS = (
    ("answer with a page of HTML", {"fault": "rubbish"}, None),
    ("answer empty: no results, and a total of none", {"fault": "rubbish", "patch": NOTHING}, "refunds.list"),
    ("lack the rows that their total speaks of", {"fault": "rubbish", "patch": {"results": []}}, "refunds.list"),
    ("say 403", {"fault": "status", "status": 403}, None),
    ("say 404", {"fault": "status", "status": 404}, None),
    ("say 404 as a page of HTML", {"fault": "status", "status": 404, "body": "<html>", "contentType": "text/html"}, None),
    ("are empty objects", {"fault": "rubbish", "body": "{}"}, None),
    ("break off", {"fault": "truncate"}, None),
    ("close the connection", {"fault": "close"}, None),
    ("say 503", {"fault": "status", "status": 503}, None),
    ("shift: a page begins later than it should", {"fault": "rubbish", "patch": {"pagination": {"total": 7, "count": 1, "next": 50}}}, "refunds.list"),
    ("say nothing of the totals", {"fault": "rubbish", "patch": {"summary": None}}, "payments.refund_summary"),
)


@part("R6", "looks that fail: nothing is sent again, and it is listed until a look succeeds", tries=(96, 12))
def r6(torture, try_):
    name, fault, operation = FAILING_LOOKS[try_.number % len(FAILING_LOOKS)]
    job = Refunds(try_.random, 12, declined=0)
    scene = Scene(torture, try_, job)
    acted = try_.random.choice(("before", "after"))
    try_.notes.append(f"looks {name}; the answers were lost {acted} the bank acted")
    for probe in [operation] if operation else job.probes:
        scene.bank.order({"operation": probe, **fault})
    # Lost: the second and some others, which have no witness and several.
    scene.bank.order({"operation": "payments.refund", "fault": "close", "when": acted, "calls": "2,5,6,9-12"})
    run = scene.run("--parallel", "16")
    sent = len(scene.bank.writes())
    # Where the bank did not act, an empty list is the truth, and the effect may well be known to be absent.
    is_true = acted == "before" and fault.get("patch", {}).get("results") == [] and "shift" not in name
    if not is_true:
        require("R6", sent == len(job.rows), f"{sent - len(job.rows)} writes were sent again although every look failed")
        require("R6", run.code == 12, f"the exit code is {run.code}, and 12 is right: {run.says()}")
        open_keys = {effect.key for effect in journal.read(scene.state) if effect.is_open}
        require("R6", run.report.get("in_doubt") == len(open_keys) > 0, f"the report has {run.report.get('in_doubt')} in doubt, and the journal {len(open_keys)}")
        listed = journal.doubts(torture.program, scene.state, scene.environment)
        require("R6", listed == (12, open_keys), f"bursar doubts says {listed}, and {open_keys} is right")
        # Once more with looks that fail; those that are tried again for a minute or two only where there is time.
        if not try_.small or fault["fault"] == "rubbish":
            again = scene.run("--parallel", "16")
            require("R6", len(scene.bank.writes()) == sent, "a resume sent something again although every look failed")
            require("R6", again.code == 12, f"the exit code of a resume is {again.code}, and 12 is right: {again.says()}")
    scene.bank.forgive()
    scene.conclude(scene.converge())


@part("R6", "looks that answer late", tries=(8, 1))
def r6_late(torture, try_):
    job = Refunds(try_.random, 12, declined=0)
    scene = Scene(torture, try_, job)
    for probe in job.probes:
        scene.bank.order({"operation": probe, "fault": "delay", "milliseconds": 900, "when": try_.random.choice(("before", "after"))})
    scene.bank.order({"operation": "payments.refund", "fault": "close", "when": try_.random.choice(("before", "after")), "calls": "2,5,6,9-12"})
    run = scene.run("--parallel", "16")
    scene.conclude(run if job.is_done(run) else scene.converge())


def message(body, status=201, kind="application/json", length=None, more=""):
    if isinstance(body, str):
        body = body.encode()
    return f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body) if length is None else length}\r\n{more}\r\n".encode() + body


def patched(**members):
    """The bank's answer with other members; None takes one out."""

    def make(answer):
        changed = {name: value for name, value in {**answer, **members}.items() if value is not Ellipsis}
        return message(json.dumps(changed))

    return make


def with_repeated(name, value):
    """The same member twice, the second time with another value."""

    def make(answer):
        return message(json.dumps(answer)[:-1] + f', "{name}": {json.dumps(value)}}}')

    return make


def stolen(answer):
    """Takes the place of an answer that needs more than the bank's own."""
    raise NotImplementedError


def chunked(answer):
    body = json.dumps(answer).encode()
    return b"HTTP/1.1 201 X\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + b"%x\r\n" % (len(body) + 40) + body + b"\r\n"


def rubbish(names):
    """Every kind of rubbish: what it is, how it is made of the bank's answer.
    - Parameter names: how the answer calls its amount, its id, and what it repeats of the request."""
    amount, identifier, repeated = names["amount"], names["id"], names["repeated"]
    whole = json.dumps
    return (
        ("a page of HTML", lambda answer: message("<html><body>It works!</body></html>", 200, "text/html")),
        ("nothing", lambda answer: message("")),
        ("null", lambda answer: message("null")),
        ("an empty object", lambda answer: message("{}")),
        ("an empty array", lambda answer: message("[]")),
        ("an array around the answer", lambda answer: message(whole([answer]))),
        ("a string", lambda answer: message('"ok"')),
        ("JSON that breaks off", lambda answer: message(whole(answer)[:-7])),
        ("a length that is too long", lambda answer: message(whole(answer), length=len(whole(answer)) + 50)),
        ("a length that is too short", lambda answer: message(whole(answer), length=len(whole(answer)) - 9)),
        ("a length below zero", lambda answer: message(whole(answer), length=-5)),
        ("two lengths", lambda answer: message(whole(answer), more="Content-Length: 7\r\n")),
        ("a chunk that breaks off", chunked),
        ("100,000 brackets", lambda answer: message("[" * 100_000 + "]" * 100_000)),
        ("16 MB", lambda answer: message('{"a": "' + "x" * (16 << 20) + '"}')),
        ("its amount twice", with_repeated(amount, "1.00")),
        ("its id twice", with_repeated(identifier, "65b0a1000000000000000999")),
        ("the id of what another effect made", stolen),
        ("another object", patched(**{repeated: "65b0a1000000000000000999"})),
        ("another amount", patched(**{amount: "1.01"})),
        ("an amount as a number", patched(**{amount: 5})),
        ("an amount below zero", patched(**{amount: "-1.00"})),
        ("an amount with an exponent", patched(**{amount: "1e3"})),
        ("an amount in words", patched(**{amount: "all"})),
        ("another currency", patched(currency="EUR", purchaseCurrency="EUR")),
        ("an id that is a number", patched(**{identifier: 5})),
        ("an id that is null", patched(**{identifier: None})),
        ("no id", patched(**{identifier: ...})),
        ("a status that is an array", patched(status=["RECEIVED"])),
        ("a second document behind the first", lambda answer: message(whole(answer) * 2)),
        ("rubbish behind the document", lambda answer: message(whole(answer) + " oops")),
        ("bytes that are not UTF-8", lambda answer: message(whole(answer).encode()[:-1] + b', "x": "\xff\xfe"}')),
        ("bytes of zero", lambda answer: message(bytes(200))),
        ("gzip that is none", lambda answer: message(b"\x1f\x8b\x08\x00rubbish", more="Content-Encoding: gzip\r\n")),
        ("204 without a body", lambda answer: b"HTTP/1.1 204 X\r\n\r\n"),
        ("a redirect", lambda answer: message("", 302, more="Location: http://127.0.0.1:9/\r\n")),
        ("the API's error with the status of success", lambda answer: message(
            '{"status": 422, "code": "21", "type": "failedPrecondition", "detail": "no", "traceId": "x"}', 200)),
        ("a first line that is none", lambda answer: b"HTTP/1.1 abc\r\nContent-Length: 2\r\n\r\n{}"),
        ("no HTTP", lambda answer: b"220 smtp.example ESMTP ready\r\n"),
        ("a page of HTML with 500", lambda answer: message("<html>", 500, "text/html")),
        ("a page of HTML with 403", lambda answer: message("<html><h1>Blocked</h1></html>", 403, "text/html")),
        ("a page of HTML with 404", lambda answer: message("<html><h1>Not found</h1></html>", 404, "text/html")),
        ("nothing with 400", lambda answer: message("", 400)),
        ("nothing with 409", lambda answer: message("", 409)),
    )


def strike(torture, try_, job, names, struck_operation, is_struck, key_of):
    """Gives each row's first answer to this operation, but for the first row's, as another kind of rubbish."""
    kinds = rubbish(names)
    scene = Scene(torture, try_, job)
    acted = ("after", "before")[try_.number % 2]
    struck = {}
    # The first row is answered as the bank does: what it made is what another answer names.
    place = {row.key: number for number, row in enumerate(job.rows[1:])}
    given = queue.Queue()

    def pass_on(forward):
        body = forward()
        if body.split(b" ", 2)[1].startswith(b"2"):
            given.put(json.loads(body.split(b"\r\n\r\n", 1)[1])[names["id"]])
        return body

    def answer(request, forward):
        if not is_struck(request):
            return None
        key = key_of(request)
        if key in struck:
            return None
        if key not in place:
            return pass_on(forward)
        kind, make = kinds[place[key]]
        struck[key] = kind
        if make is stolen:
            make = patched(**{names["id"]: given.get(timeout=60)})
        if acted == "after":
            body = forward().split(b"\r\n\r\n", 1)[1]
            return make(json.loads(body))
        # As the bank would have answered, had it been asked.
        fields = {**request.fields, "status": "RECEIVED", "createdAt": "2026-11-25T00:00:00Z", "currency": "ARS"}
        fields[names["id"]] = "65b0a1000000000000000777"
        return make(fields)

    middle = Middleman(scene.bank.port, answer)
    try:
        scene.lead_to(middle.url)
        run = scene.run("--parallel", "16")
        wrong = []
        for effect in journal.read(scene.state):
            kind = struck.get(effect.key.split("/")[1])
            if effect.operation != struck_operation or kind is None:
                continue
            first = next((attempt for attempt in effect.attempts if attempt["kind"] == "send"), None)
            if first is not None and first["outcome"] not in ("in_doubt", "begun"):
                wrong.append(f"{kind} ({acted} the bank acted) was taken as {first['outcome']}: {first['detail']}")
        require("R19", not wrong, "\n  ".join(wrong))
        require("test", len(struck) >= len(kinds), f"only {len(struck)} of {len(kinds)} kinds were shown: {run.says()}")
        scene.conclude(run if job.is_done(run) else scene.converge())
        torture.tally(f"all {len(kinds)} kinds of rubbish")
    finally:
        middle.close()


@part("R19", "every kind of rubbish as the answer to a refund", tries=(8, 2))
def r19(torture, try_):
    names = {"amount": "totalAmount", "id": "refundId", "repeated": "parentPaymentId"}
    job = Refunds(try_.random, len(rubbish(names)) + 1, declined=0)
    strike(
        torture, try_, job, names, "payments.refund", lambda request: request.method == "POST" and request.target.endswith("/refund"),
        lambda request: request.target.split("/")[-2])


@part("R19", "every kind of rubbish as the answer to a payment's creation", tries=(8, 2))
def r19_payouts(torture, try_):
    names = {"amount": "purchaseAmount", "id": "id", "repeated": "externalId"}
    job = Payouts(try_.random, len(rubbish(names)) + 1, declined=0)
    strike(
        torture, try_, job, names, "payments.create", lambda request: request.method == "POST" and request.target.endswith("/payments"),
        lambda request: request.fields.get("externalId"))

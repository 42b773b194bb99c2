"""R21 to R23: events that are forged, that come again, that come while the listener dies or its disk is full, and while it is attacked."""

import http.client
import itertools
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from random import Random

import journal
from disks import small_disk
from harness import Run, Scene, in_session, left_in_session, require
from jobs import Refunds, text
from messages import FORMS, NEW_SECRET, SECRET, SPELLINGS, UNHANDLED, CurrentEvent, OlderEvent, compact, forged_current, forged_older, well_signed
from parts import part

# One refund an event, most of them of a part: so a second one would be possible, and seen.
HANDLERS = """
local function refund(event)
  local payment = event.transaction.id or event.transaction.externalId:match("^order%-(.*)")
  conomy.payments.refund(payment, { amount = event.transaction.totalAmount })
end

on("payment.settled", refund)
on("Transaction.Captured", refund)
"""


def is_taken(status):
    return status is not None and 200 <= status < 300


def post(port, message, timeout=60):
    """- Returns: the status; None where the connection broke before there was one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.putrequest("POST", "/events")
        connection.putheader("Content-Length", str(len(message.body)))
        for name, value in message.headers:
            connection.putheader(name, value)
        connection.endheaders(message.body)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


class Listener(Run):
    """`bursar listen`, from the moment at which it takes events."""

    def __init__(self, program, arguments, folder, environment):
        super().__init__(program, arguments, folder, environment)
        until = time.monotonic() + 60
        while "listening on http://" not in self.output:
            require("test", self.goes_on and time.monotonic() < until, f"the listener does not listen: {self.errors[-2000:]}")
            time.sleep(0.01)
        self.port = int(self.output.split("listening on http://", 1)[1].split("/", 1)[0].rsplit(":", 1)[1])

    def stop(self):
        """Tells it to end, and waits for that."""
        os.kill(self.pid, signal.SIGTERM)
        self.wait(60, "R22")
        require("R22", self.code == 0, f"a listener that was told to end ended with {self.code}: {self.errors[-2000:]}")

    def die(self, with_handlers=False):
        """SIGKILL. Handlers that run come to their end unless they die, too."""
        for number in in_session(self.pid) if with_handlers else [self.pid]:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()
        if with_handlers:
            left_in_session(self.pid)

    @property
    def largest(self):
        """How much memory it has had at most, in MB."""
        with open(f"/proc/{self.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) / 1024


class Desk:
    """A bank with payments, handlers that refund them, and a sender who knows what was acknowledged."""

    def __init__(self, torture, try_, count):
        self.torture = torture
        self.job = Refunds(try_.random, count, declined=0)
        self.scene = Scene(torture, try_, self.job)
        self.scene.environment["CONOMY_WEBHOOK_SECRET"] = f"{SECRET},{NEW_SECRET}"
        os.makedirs(self.scene.state, mode=0o700)
        self.script = os.path.join(self.scene.folder, "handlers.lua")
        with open(self.script, "w", encoding="utf-8") as file:
            file.write(HANDLERS)
        self.listeners = []
        self.acknowledged = set()

    def close(self):
        for listener in self.listeners:
            listener.die(with_handlers=True)

    def event(self, form, row):
        """The event for which its payment is refunded."""
        return form(row.key, amount=text(row.amount, row.currency), currency=row.currency)

    def listen(self):
        scene = self.scene
        arguments = ["listen", self.script, "--port", "0", "--env", "torture", "--config", scene.config, "--state", scene.state]
        listener = Listener(scene.program, arguments, os.path.join(scene.folder, f"listener{len(self.listeners)}"), scene.environment)
        self.listeners.append(listener)
        return listener

    def send(self, event, listener, **how):
        """- Returns: the status."""
        status = post(listener.port, event.message(**how))
        if is_taken(status):
            self.acknowledged.add((event.type, event.object))
        return status

    def require_stored(self, when):
        stored = {(event.type, event.object) for event in journal.events(self.scene.state)}
        lost = self.acknowledged - stored
        require("R22", not lost, f"{when}: {len(lost)} of {len(self.acknowledged)} events that were acknowledged are not stored: {sorted(lost)[:5]}")
        return stored

    def settle(self, listener, seconds=180):
        """Waits until each event is handled, or cannot be."""
        until = time.monotonic() + seconds
        while any(event.state == "waiting" for event in journal.events(self.scene.state)):
            require("R22", listener.goes_on, f"the listener ended with {listener.code}: {listener.errors[-2000:]}")
            require("R22", time.monotonic() < until, f"after {seconds} s events still wait to be handled: {listener.errors[-2000:]}")
            time.sleep(0.02)

    def conclude(self, listener):
        """All that must hold at the end of every try: what was acknowledged is stored, each event that is stored is handled, each row that is
        wanted was refunded once, and the journal says what the bank says."""
        self.settle(listener)
        listener.stop()
        for one in self.listeners:
            left = left_in_session(one.pid)
            require("R13", not left, f"of a listener that has ended are left: {left}")
        self.require_stored("at the end")
        made = self.job.require_bank(self.scene.bank)
        failed = [event.object for event in journal.events(self.scene.state) if event.state == "failed"]
        require("R22", not failed, f"events whose handler failed: {failed[:5]}: {listener.errors[-2000:]}")
        found = sorted((effect.object, effect.result) for effect in journal.read(self.scene.state))
        right = sorted((key, refund["id"]) for key, refunds in made.items() for refund in refunds)
        require("R4", found == right, f"the journal and the bank differ in {set(found) ^ set(right)}")
        self.job.require_whole(self.scene)


@part("R21", "events forged in every way, in both forms, among those that are well signed", tries=(8, 1), stage="few")
def r21_forged(torture, try_):
    with closing(Desk(torture, try_, 150)) as desk:
        listener = desk.listen()
        # The bank has the payments that forged events are about: a handler could do harm.
        victims = desk.job.rows[4:]
        for row in victims:
            row.wanted = False
        keys = (row.key for row in victims)
        forged = [*forged_older(try_.random, keys), *forged_current(try_.random, keys)]
        good = list(well_signed(try_.random, keys))
        events = [desk.event(try_.random.choice(FORMS), row) for row in desk.job.wanted]
        messages = [(False, *one) for one in forged] + [(True, *one) for one in good]
        messages += [(True, "one that is handled", event.message()) for event in events]
        try_.random.shuffle(messages)
        for is_good, what, message in messages:
            status = post(listener.port, message)
            if is_good:
                require("R21", is_taken(status), f"a well signed message was answered with {status}: {what}: {message.body!r} {message.headers}")
            else:
                require("R21", not is_taken(status), f"a forged message was accepted: {what}: {message.body!r} {message.headers}")
                require("R21", status == 401, f"a forged message was answered with {status}: {what}: {message.body!r} {message.headers}")
        stored = len(journal.events(desk.scene.state))
        require("R21", stored == len(good) + len(events), f"{stored} events are stored, and {len(good) + len(events)} were well signed")
        desk.conclude(listener)
        for what, count in (("forged messages refused", len(forged)), ("well signed messages taken", len(good) + len(events))):
            for _ in range(count):
                torture.tally(what)


# What the API may tell differently when it tells the same once more, and what anybody may add to an event in the current form: only its
# event and data are signed.
LATER = {
    OlderEvent: [lambda value, hour=hour: compact({**value, "timestamp": f"2026-11-25T{hour}:00:00Z"}) for hour in ("01", "02")],
    CurrentEvent: [lambda value, more=more: compact({**value, **more}) for more in ({"more": 1}, {"timestamp": "2026-11-25T01:00:00Z"})],
}


@part("R21", "one event a thousand times, across a restart: one handler run, one effect", tries=(4, 1), stage="few")
def r21_repeats(torture, try_):
    times = 100 if try_.small else 1000
    form = try_.random.choice(FORMS)
    dies = try_.random.random() < 0.5
    try_.notes.append(f"{form.__name__}; the listener {'is killed' if dies else 'is told to end'}")
    with closing(Desk(torture, try_, 1)) as desk:
        event = desk.event(form, desk.job.rows[0])
        if try_.random.random() < 0.5:
            event.forget_object()
            try_.notes.append("it names no object")
        listener = desk.listen()
        ways = [{}, {"secret": NEW_SECRET}, *({"spell": spell} for spell in SPELLINGS.values()), *({"spell": spell} for spell in LATER[form])]
        left = iter(range(times))
        restarted = threading.Event()
        restarted.set()

        def send_on(most):
            """Sends the event until so many are sent; what has no answer is sent again."""
            while (number := next(left, None)) is not None:
                until = time.monotonic() + 60
                while not is_taken(status := desk.send(event, listener, **ways[number % len(ways)])):
                    require("R21", status is None and time.monotonic() < until, f"a repeated event was answered with {status}")
                    restarted.wait(60)
                if number >= most:
                    return

        with ThreadPoolExecutor(4) as pool:
            senders = [pool.submit(send_on, times // 2) for _ in range(4)]
            for sender in senders:
                sender.result()
            desk.settle(listener)
            # It ends, and comes again, while senders go on.
            senders = [pool.submit(send_on, times) for _ in range(4)]
            restarted.clear()
            if dies:
                listener.die()
            else:
                listener.stop()
            listener = desk.listen()
            restarted.set()
            for sender in senders:
                sender.result()
        stored = journal.events(desk.scene.state)
        require("R21", len(stored) == 1, f"one event is stored as {len(stored)}")
        require("R21", stored[0].repeats >= times - 1, f"{stored[0].repeats} repetitions were counted, and {times - 1} were acknowledged")
        desk.conclude(listener)
        # A job that was done is not done again, but says so: an event that is handed over twice shows.
        said = "".join(one.output for one in desk.listeners)
        handed = said.count("Ran handlers.lua in torture") + said.count(" was done on ")
        require("R21", handed == 1, f"it was handed to its handler {handed} times: {said}")


@part("R22", "SIGKILL around the 2xx: what had one is stored, and its effect happens once", tries=(60, 4), stage="few")
def r22_kills(torture, try_):
    random = try_.random
    with closing(Desk(torture, try_, 8)) as desk:
        events = [desk.event(random.choice(FORMS), row) for row in desk.job.rows]
        # Handlers take long, storing does not: most instants shall be around a 2xx.
        events += [random.choice(FORMS)(f"65b0af{number:018x}", random.choice(UNHANDLED)) for number in range(60)]
        random.shuffle(events)
        listener = desk.listen()
        before, delay, with_handlers = random.randrange(len(events)), random.uniform(0, 0.006), random.random() < 0.5
        with ThreadPoolExecutor(random.choice((1, 2, 4))) as pool:
            sent = [pool.submit(desk.send, event, listener) for event in events]
            while sum(one.done() for one in sent) < before:
                time.sleep(0.0002)
            time.sleep(delay)
            listener.die(with_handlers)
            statuses = [one.result() for one in sent]
        odd = {status for status in statuses if status is not None and not is_taken(status)}
        require("R22", not odd, f"events were answered with {odd}")
        stored = desk.require_stored("after the kill")
        unheard = len(stored - desk.acknowledged)
        try_.notes.append(
            f"{len(desk.acknowledged)} of {len(events)} acknowledged, {unheard} stored without; {'its handlers died, too' if with_handlers else 'its handlers lived'}")
        if 0 < len(desk.acknowledged) < len(events):
            torture.tally("kills between the first 2xx and the last")
        if unheard:
            torture.tally("kills after an event was stored and before its sender heard of it")
        listener = desk.listen()
        # As the API does it: what had no 2xx comes again.
        for event, status in zip(events, statuses):
            if not is_taken(status):
                status = desk.send(event, listener)
                require("R22", is_taken(status), f"an event that came again was answered with {status}")
        desk.conclude(listener)


@part("R22", "a disk that is really full: 503, nothing is lost after a 2xx, it goes on with room", tries=(16, 1), stage="few")
def r22_full(torture, try_):
    random = try_.random
    kilobytes = random.randrange(600, 3000)
    longest = random.choice((1_000, 10_000, 100_000))
    desk = Desk(torture, try_, 6)
    with small_disk(desk.scene.state, kilobytes) as enlarge, closing(desk):
        listener = desk.listen()
        handled = [desk.event(random.choice(FORMS), row) for row in desk.job.rows]
        refused = []

        def fill(random):
            # Far more than there is room for.
            for number in range(500):
                event = random.choice(FORMS)(f"65b0af{random.randrange(1 << 60):018x}", "payment.expired", more="x" * random.randrange(longest))
                if number % 5 == 1 and handled:
                    with suppress(IndexError):
                        event = handled.pop()
                status = desk.send(event, listener)
                require("R22", is_taken(status) or status == 503, f"on a disk that gets full an event was answered with {status}")
                if status == 503:
                    refused.append(event)
                    if len(refused) > 20:
                        return

        with ThreadPoolExecutor(2) as pool:
            for one in [pool.submit(fill, Random(random.random())) for _ in range(2)]:
                one.result()
        acknowledged = len(desk.acknowledged)
        try_.notes.append(f"{kilobytes} KB, bodies up to {longest} bytes: {acknowledged} acknowledged before the disk was full")
        desk.require_stored("on the full disk")
        require("R22", listener.goes_on, f"on a full disk the listener ended with {listener.code}: {listener.errors[-2000:]}")
        require("R22", refused, f"{len(desk.acknowledged)} events were acknowledged on a disk of {kilobytes} KB")
        enlarge()
        for event in refused + handled:
            status = desk.send(event, listener)
            require("R22", is_taken(status), f"an event that came again when there was room was answered with {status}")
        desk.conclude(listener)
        torture.tally("disks that were full under a listener")


BODY_BOUND = 256 * 1024
HEAD_BOUND = 16 * 1024
START = b"POST / HTTP/1.1\r\nHost: torture\r\n"
X = b"x" * HEAD_BOUND

# Requests over the bounds: what is sent first, and what is sent again and again until the other side has enough.
OVERLONG = {
    "a body whose length is over the bound": (START + b"Content-Length: 900000000\r\n\r\n", X),
    "a body with one byte too many": (START + f"Content-Length: {BODY_BOUND + 1}\r\n\r\n".encode(), X),
    "a body in pieces without an end": (START + b"Transfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + X + b"\r\n"),
    "a head that is too long": (START + b"X-More: " + X + b"\r\n\r\n", b""),
    "a header without an end": (START + b"X-More: ", X),
    "headers without an end": (START, b"X-More: x\r\n" * 1000),
    "a target without an end": (b"POST /", X),
    "trailers without an end": (START + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: x\r\n" * 1000),
}


def overlong(port, kind):
    """- Returns: the status that came back; None where nothing did and the connection was closed or reset."""
    first, more = OVERLONG[kind]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(first)
            # Ten times what it may be.
            for _ in range(10 * BODY_BOUND // len(more) if more else 0):
                connection.sendall(more)
        except OSError:
            pass
        try:
            answer = connection.recv(1000)
        except OSError:
            return None
        return int(answer.split(b" ", 2)[1]) if answer else None


def hold_slowly(port, count, over):
    """Holds so many connections, on each of which a byte comes now and then. What is closed comes again.
    - Returns: how often one was closed."""
    beginnings = itertools.cycle((START + b"X-More: ", START + b"Content-Length: 200000\r\n\r\n", START + b"Transfer-Encoding: chunked\r\n\r\n30000\r\n"))
    held, closed = [], 0
    try:
        while not over.is_set():
            while len(held) < count and not over.is_set():
                connection = socket.create_connection(("127.0.0.1", port), timeout=60)
                held.append(connection)
                with suppress(OSError):
                    connection.sendall(next(beginnings))
                connection.setblocking(False)
            for connection in list(held):
                try:
                    connection.send(b"P")
                except OSError:
                    connection.close()
                    held.remove(connection)
                    closed += 1
            over.wait(0.5)
        return closed
    finally:
        for connection in held:
            connection.close()


@part("R23", "slow connections, bodies and heads over the bound: others are answered soon", tries=(3, 1), stage="alone")
def r23(torture, try_):
    slow, many, bound = (100, 210, 5) if try_.small else (500, 1500, 1)
    with closing(Desk(torture, try_, 4)) as desk:
        listener = desk.listen()
        over = threading.Event()
        kinds = [list(OVERLONG)[number % len(OVERLONG)] for number in range(many)]
        times = []

        def ask(event):
            began = time.monotonic()
            status = desk.send(event, listener)
            times.append(time.monotonic() - began)
            require("R23", is_taken(status), f"while it was attacked, the listener answered another sender with {status}: {listener.errors[-1000:]}")

        with ThreadPoolExecutor(1) as patient, ThreadPoolExecutor(16) as pool:
            try:
                slowly = patient.submit(hold_slowly, listener.port, slow, over)
                attacks = [pool.submit(overlong, listener.port, kind) for kind in kinds]
                # As long as connections may be held, and a little longer.
                until = time.monotonic() + (0 if try_.small else 15)
                rows = iter(desk.job.rows)
                for number in itertools.count():
                    row = next(rows, None)
                    ask(desk.event(OlderEvent, row) if row else CurrentEvent(f"65b0af{number:018x}", "Transaction.Received"))
                    if time.monotonic() > until and row is None and all(attack.done() for attack in attacks):
                        break
                    time.sleep(0.01)
                answers = {}
                for kind, attack in zip(kinds, attacks):
                    answers.setdefault(kind, set()).add(attack.result())
            finally:
                over.set()
            closed = slowly.result()
        largest = listener.largest
        times.sort()
        try_.notes.append(f"{len(times)} answers in {times[len(times) // 2] * 1000:.0f} ms, the slowest in {times[-1] * 1000:.0f} ms; {largest:.0f} MB; {closed} slow connections closed; {answers}")
        # Any other answer would mean that all of it was taken in.
        wrong = {kind: found for kind, found in answers.items() if found - {None, 400, 413, 431}}
        require("R23", not wrong, f"what is over the bounds was taken in: {wrong}")
        require("R23", times[-1] <= bound, f"another sender waited {times[-1]:.2f} s, and at most {bound} s is right")
        require("R23", largest < 512, f"the listener had {largest:.0f} MB, and less than 512 is right")
        torture.worst("ms of the slowest answer to another sender beside an attack", round(times[-1] * 1000))
        torture.worst("MB of the largest listener under attack", round(largest))
        desk.conclude(listener)

"""Checks of the script's room from outside, on the built program. scripts/check-room says how it is called.

hostile  runs every script of Tests/EndToEndTests/Hostile, one after the other, and measures how long after its limit each was stopped
calls    traces a run and lists the system calls that the worker makes once it is confined
kills    starts many runs and kills them, or their workers, at random instants; nothing may be left
"""

import argparse
import base64
import binascii
import collections
import ctypes
import os
import random
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLLECTION = os.path.join(ROOT, "Tests", "EndToEndTests", "Hostile")
PAYMENT = "65b0a1000000000000000202"

# What a run gets when a script says nothing else: time that is never reached, so that a slow machine decides nothing.
DEFAULT_LIMITS = ["--time-limit", "20s", "--memory-limit", "64M"]
LATE = 1.0  # seconds after its limit in which a run must be over
LOUD = 8 << 20  # bytes of output, the most that any attack may cause
MARKS = {"BURSAR_TEST_MARK": "marked-environment-b81f", "AWS_SECRET_ACCESS_KEY": "marked-foreign-secret-90aa"}
OUTSIDE = "marked-outside-3c77"


class Attack:
    """One script, with what its first lines say of it. HostileScriptTests.swift reads the same lines."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, COLLECTION)[: -len(".lua")]
        fields = collections.defaultdict(list)
        with open(path, "rb") as file:
            for line in file:
                found = re.match(rb"-- (attack|exit|says|without|limits|arguments|files|leaves|waits for): (.*)\n", line)
                if not found:
                    break
                fields[found[1].decode()].append(found[2].decode())
        self.sentence = fields["attack"][0]
        self.exit = int(fields["exit"][0])
        self.says = [unescaped(text) for text in fields["says"]] or (["held"] if self.exit == 0 else [])
        self.without = [unescaped(text) for text in fields["without"]]
        given = " ".join(fields["limits"]).split()
        self.limits = list(given)
        for flag, value in zip(DEFAULT_LIMITS[::2], DEFAULT_LIMITS[1::2]):
            if flag not in given:
                self.limits += [flag, value]
        self.arguments = " ".join(fields["arguments"]).split()
        self.files = fields["files"]
        self.leaves = fields["leaves"]
        self.waits_for = fields["waits for"]

    @property
    def seconds(self):
        text = self.limits[self.limits.index("--time-limit") + 1]
        return float(text[:-2]) / 1000 if text.endswith("ms") else float(text[:-1])


def unescaped(text):
    return text.replace("\\n", "\n")


def collection(names):
    attacks = []
    for folder, _, files in os.walk(COLLECTION):
        attacks += [Attack(os.path.join(folder, file)) for file in files if file.endswith(".lua")]
    attacks.sort(key=lambda attack: attack.name)
    return [attack for attack in attacks if not names or any(name in attack.name for name in names)]


def lay_out(folder, lines):
    """Makes the side files that an attack asks for."""
    for line in lines:
        kind, name, *rest = line.split(" ", 2)
        path, rest = os.path.join(folder, name), rest[0] if rest else ""
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if kind == "text":
            with open(path, "w") as file:
                file.write(unescaped(rest))
        elif kind == "bytes":
            with open(path, "wb") as file:
                file.write(binascii.unhexlify(rest))
        elif kind == "repeat":
            count, text = rest.split(" ", 1)
            with open(path, "w") as file:
                file.write(unescaped(text) * int(count))
        elif kind == "link":
            os.symlink(rest, path)
        elif kind == "fifo":
            os.mkfifo(path)
        elif kind == "folder":
            os.mkdir(path)
        elif kind == "socket":
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(path)
        else:
            raise ValueError(f"no such kind of file: {line}")


def tree(folder):
    return sorted(os.path.relpath(os.path.join(at, name), folder) for at, folders, files in os.walk(folder) for name in folders + files)


def processes():
    """Number, parent, state, session and name of every process."""
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/stat") as file:
                name, fields = re.match(r"\d+ \((.*)\) (.*)", file.read(), re.S).groups()
        except (OSError, AttributeError):
            continue
        state, parent, _, session = fields.split()[:4]
        yield int(number), int(parent), state, int(session), name


def in_session(session, patience=5.0):
    """Processes of a session that are still there after a moment: the system needs one to take a killed process apart."""
    until = time.monotonic() + patience
    while True:
        left = [(number, state, name) for number, _, state, of, name in processes() if of == session]
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.002)


def bad_characters(data):
    """What a terminal would obey: control characters, escape sequences, marks that turn text around."""
    text = data.decode("utf-8", "replace")
    found = re.findall("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]", text)
    return sorted({f"U+{ord(char):04X}" for char in found})


def secrets(environment):
    """Every marked secret, plain, in base64 (at all three places a text may have in one) and as a URL has it."""
    for secret in environment:
        yield secret
        yield urllib.parse.quote(secret, safe="")
        for lead in range(3):
            text = base64.b64encode(b"\0" * lead + secret.encode()).decode()
            yield text[4 if lead else 0 : len(text) // 4 * 4 - 4]


class Bank:
    """A simulated bank in a process of its own: what it has in its books is what was done."""

    def __init__(self, bursar):
        self.process = subprocess.Popen(
            [bursar, "sandbox", "--port", "0", "--seed", "7", "--world", os.path.join(COLLECTION, "world.json")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.credentials = dict(pair.split("=", 1) for pair in self.process.stdout.readline().split())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ledger(self):
        with urllib.request.urlopen(self.url + "/_sim/ledger") as answer:
            return answer.read()


class Place:
    """A folder for one run: the script with its side files in `work`, what must not be reached around it."""

    def __init__(self, bank, script=None, files=()):
        self.folder = tempfile.mkdtemp(prefix="check-room-")
        self.work, self.temporary = os.path.join(self.folder, "work"), os.path.join(self.folder, "tmp")
        os.mkdir(self.work)
        os.mkdir(self.temporary)
        with open(os.path.join(self.folder, "bursar.yaml"), "w") as file:
            file.write(f"default_environment: bank\nenvironments:\n  bank:\n    base_url: {bank.url}\n")
        with open(os.path.join(self.folder, "outside.csv"), "w") as file:
            file.write(f"id\n{OUTSIDE}\n")
        with open(os.path.join(self.folder, "outside.lua"), "w") as file:
            file.write(f'return "{OUTSIDE}"\n')
        if script:
            shutil.copy(script, os.path.join(self.work, "attack.lua"))
        lay_out(self.work, files)
        self.before = tree(self.work)
        self.environment = dict(bank.credentials, **MARKS, TMPDIR=self.temporary, PATH=os.environ["PATH"])

    def start(self, command):
        with open(os.path.join(self.folder, "out"), "wb") as out, open(os.path.join(self.folder, "err"), "wb") as err:
            return subprocess.Popen(
                command, cwd=self.work, env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()

    def left_behind(self, leaves=()):
        new = [name for name in tree(self.work) if name not in self.before and name not in leaves]
        return [f"work/{name}" for name in new] + [f"tmp/{name}" for name in tree(self.temporary)]

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def attempt(attack, bursar, bank):
    """Runs one attack. Gives its exit code, seconds, peak memory of host and worker in MB, and what was wrong."""
    place = Place(bank, attack.path, attack.files)
    try:
        began = time.monotonic()
        process = place.start([bursar, "run", "attack.lua", *attack.arguments, *attack.limits])
        expired = False
        while True:
            number, status, usage = os.wait4(process.pid, os.WNOHANG)
            if number:
                break
            if time.monotonic() - began > attack.seconds + 30:
                expired = True
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.002)
        seconds = time.monotonic() - began
        process.returncode = code = os.waitstatus_to_exitcode(status)
        problems = ["it did not end by itself"] if expired else []
        if code != attack.exit:
            problems.append(f"exit {code}, not {attack.exit}")
        out, err = place.read("out"), place.read("err")
        for text in attack.says:
            if text.encode() not in err:
                problems.append(f"standard error does not say {text!r}")
        for text in attack.without + [OUTSIDE] + list(secrets([*bank.credentials.values(), *MARKS.values()])):
            if text.encode() in out or text.encode() in err:
                problems.append(f"the output has {text!r}")
        if len(out) + len(err) > LOUD:
            problems.append(f"{(len(out) + len(err)) >> 20} MB of output")
        for stream, data in (("output", out), ("error", err)):
            if bad := bad_characters(data):
                problems.append(f"standard {stream} has raw {', '.join(bad)}")
        for number, state, name in in_session(process.pid):
            problems.append(f"process {number} ({name}, {state}) is left")
            os.kill(number, signal.SIGKILL)
        problems += [f"{name} is left" for name in place.left_behind(attack.leaves)]
        return code, seconds, usage.ru_maxrss >> 10, problems, (out, err)
    finally:
        place.remove()


def hostile(bursar, options):
    print(f"{'attack':58} {'exit':>4} {'seconds':>8} {'past its limit':>14} {'peak MB':>8}")
    failed, latest = 0, (0.0, "")
    with Bank(bursar) as bank:
        books = bank.ledger()
        attacks = collection(options.names)
        for attack in attacks:
            if attack.waits_for:
                print(f"{attack.name:58} waits for {attack.waits_for[0]}")
                failed += 1
                continue
            code, seconds, peak, problems, streams = attempt(attack, bursar, bank)
            late = seconds - attack.seconds
            if late > LATE:
                problems.append(f"{late:.2f} s past its limit")
            if (now := bank.ledger()) != books:
                problems.append("the bank's books have changed")
                books = now
            latest = max(latest, (late, attack.name))
            print(f"{attack.name:58} {code:4} {seconds:8.2f} {f'{late:+.2f}' if attack.exit == 10 else '':>14} {peak:8}", flush=True)
            for problem in problems:
                print(f"    {problem}")
            if problems or options.verbose:
                for stream in streams:
                    print("".join(f"    | {line}\n" for line in stream[-3000:].decode("utf-8", "replace").splitlines()), end="")
            failed += bool(problems)
        # The books can change: otherwise that they did not says nothing.
        control = Place(bank)
        try:
            call = control.start([bursar, "api", "call", "payments.refund", f"id={PAYMENT}", "amount=1"])
            if call.wait() != 0 or bank.ledger() == books:
                print("the control refund was not made:", control.read("err").decode())
                failed += 1
        finally:
            control.remove()
    print(f"{len(attacks)} attacks, {failed} failed; the latest end came {latest[0]:+.2f} s after its limit ({latest[1]})")
    return failed == 0


def calls(bursar, options):
    script = """
        local rows = csv("rows.csv", { key = "id" })
        for_each(rows, { parallel = 2 }, function(row)
            local texts = {}
            for i = 1, 20000 do texts[i] = tostring(i) .. row.id end
            table.sort(texts)
            log.info("row", { sum = #table.concat(texts), time = now(), id = uuid(), chance = random() })
            pcall(conomy.payments.get, "65b0a1000000000000000202")
            pcall(error, setmetatable({}, { __tostring = function() return string.rep("x", 100000) end }))
        end)
        emit(require("lib"))
        sleep("20ms")
        ENDING
    """
    endings = {"to its end": "emit({ done = true })", "to an error": 'error("over")', "to its time limit": "while true do end",
               "to its memory limit": 'local t = {} while true do t[#t + 1] = string.rep("x", 4096) .. #t end'}
    good = True
    with Bank(bursar) as bank:
        for ending, code in endings.items():
            place = Place(bank, None, ["text rows.csv id\\na\\nb\\nc\\n", "text lib.lua return { from = 'lib' }"])
            try:
                with open(os.path.join(place.work, "attack.lua"), "w") as file:
                    file.write(script.replace("ENDING", code))
                place.start(["strace", "-f", "-ff", "-o", os.path.join(place.folder, "trace"), bursar, "run", "attack.lua",
                             "--time-limit", "2s", "--memory-limit", "64M"]).wait()
                traces = [read_trace(os.path.join(place.folder, name)) for name in os.listdir(place.folder) if name.startswith("trace.")]
                traces = [trace for trace in traces if any("bursar-worker" in line and line.startswith("execve(") for line in trace)]
                if len(traces) != 1:
                    print(f"a run {ending}: {len(traces)} workers were traced, not one")
                    good = False
                    continue
                good &= confined(ending, traces[0])
            finally:
                place.remove()
    return good


def read_trace(path):
    with open(path, errors="replace") as file:
        return file.read().splitlines()


# What a confined worker may ask the system for. Everything that opens, connects, starts or reaches out is absent.
HARMLESS = {
    "read", "write", "mmap", "munmap", "mprotect", "mremap", "brk", "madvise", "futex", "clock_gettime", "gettimeofday", "getrandom",
    "setitimer", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall", "exit", "exit_group",
}


def confined(ending, trace):
    """Shows what the worker asked the system for after its filter was set."""
    filters = [at for at, line in enumerate(trace) if re.match(r"(seccomp\(SECCOMP_SET_MODE_FILTER|prctl\(PR_SET_SECCOMP)", line) and line.endswith("= 0")]
    if not filters:
        print(f"a run {ending}: the worker set no filter")
        return False
    after = collections.Counter()
    problems = []
    for line in trace[filters[-1] + 1 :]:
        found = re.match(r"(\w+)\((.*)", line)
        if not found:
            continue  # a signal, the end, or the second half of an interrupted call
        after[found[1]] += 1
        if found[1] not in HARMLESS:
            problems.append(line)
        if (found[1] == "read" and not found[2].startswith("0,")) or (found[1] == "write" and not found[2].startswith("1,")):
            problems.append(line)
        if found[1] in ("mmap", "mprotect") and "PROT_EXEC" in found[2] or found[1] == "mmap" and "MAP_ANONYMOUS" not in found[2]:
            problems.append(line)
    print(f"a run {ending}: after its filter the worker called " + ", ".join(f"{name} ({count})" for name, count in sorted(after.items())))
    for line in problems:
        print(f"    not harmless: {line}")
    if not after["read"] or not after["write"]:
        print("    it neither read nor wrote: the trace does not show what it should")
        return False
    return not problems


def kills(bursar, options):
    """Starts runs, and kills them or their workers at random instants."""
    # Orphans of runs that were killed come to this process, which can count them.
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    generator = random.Random(options.seed)
    print(f"seed {options.seed}, {options.count} runs")
    script = """
        local rows = {}
        for i = 1, 50 do rows[i] = { id = "r" .. i } end
        for_each(csv("rows.csv", { key = "id" }), { parallel = 8, name = "file" }, function(row) return { now = now() } end)
        for_each(rows, { key = "id", parallel = 8, name = "list" }, function(row)
            sleep("5ms")
            local t = {}
            for i = 1, 2000 do t[i] = i .. row.id end
            return { sum = #table.concat(t) }
        end)
        while true do emit(uuid()) sleep("1ms") end
    """
    tally, problems = collections.Counter(), []
    with Bank(bursar) as bank:
        place = Place(bank, None, ["text rows.csv id\\na\\nb\\nc\\n"])
        try:
            with open(os.path.join(place.work, "attack.lua"), "w") as file:
                file.write(script)
            place.before = tree(place.work)
            for round in range(options.count):
                process = place.start([bursar, "run", "attack.lua", "--time-limit", "20s", "--memory-limit", "64M"])
                time.sleep(generator.uniform(0, 0.25))
                victim = generator.choice(["run", "run, asked", "worker", "worker and run"])
                workers = [number for number, parent, _, _, _ in processes() if parent == process.pid]
                try:
                    if "worker" in victim:
                        for worker in workers:
                            os.kill(worker, signal.SIGKILL)
                        if not workers:
                            victim += ", before it was there"
                    if victim.startswith("run, asked"):
                        process.send_signal(generator.choice([signal.SIGTERM, signal.SIGINT]))
                    elif "run" in victim or not workers:
                        process.kill()
                except ProcessLookupError:
                    victim += ", which had ended"
                tally[victim] += 1
                try:
                    code = process.wait(30)
                except subprocess.TimeoutExpired:
                    problems.append(f"run {round} ({victim}) did not end")
                    process.kill()
                    process.wait()
                if victim == "worker" and workers and code != 1:
                    problems.append(f"run {round}: its worker was killed and it ended with {code}, not 1")
                adopted = []
                until = time.monotonic() + 5
                while True:
                    # A run that ended by itself must have taken its worker's end; those of runs that were killed are taken here.
                    while True:
                        try:
                            number, _ = os.waitpid(-1, os.WNOHANG)
                        except ChildProcessError:
                            break
                        if not number:
                            break
                        adopted.append(number)
                    left = [entry for entry in processes() if entry[3] == process.pid]
                    if not left or time.monotonic() > until:
                        break
                    time.sleep(0.001)
                for number, _, state, _, name in left:
                    problems.append(f"run {round} ({victim}) left process {number} ({name}, {state})")
                    os.kill(number, signal.SIGKILL)
                if adopted and process.returncode >= 0:
                    problems.append(f"run {round} ({victim}) ended and left its child to others")
                for name in place.left_behind():
                    problems.append(f"run {round} ({victim}) left {name}")
                place.before = tree(place.work)
        finally:
            place.remove()
    for victim, count in sorted(tally.items()):
        print(f"  {count:5} x killed: {victim}")
    for problem in problems:
        print(f"  {problem}")
    print(f"{len(problems)} left behind")
    return not problems


def main():
    parser = argparse.ArgumentParser(prog="check-room", description="Attacks the built program from within its scripts and from outside.")
    parser.add_argument("bursar", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help="only attacks whose names have one of these in them")
    parser.add_argument("--part", choices=["hostile", "calls", "kills"], action="append", help="only this part; may be repeated")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="repeats the instants of the kills")
    parser.add_argument("--count", type=int, default=1000, help="how many runs are killed")
    parser.add_argument("--verbose", action="store_true", help="what every attack printed")
    options = parser.parse_args()
    options.bursar = os.path.abspath(options.bursar)
    parts = options.part or (["hostile"] if options.names else ["hostile", "calls", "kills"])
    good = True
    for part in parts:
        print(f"== {part}")
        good &= {"hostile": hostile, "calls": calls, "kills": kills}[part](options.bursar, options)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

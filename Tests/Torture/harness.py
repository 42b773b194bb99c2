"""What every torture needs: a bank to talk to, the program to start and kill, and one folder a try."""

import http.client
import json
import os
import random
import re
import signal
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST_RUN = 240  # seconds; a run that takes longer is a failure of its own


class Broken(Exception):
    """A promise does not hold. `promise` is its number in the list of promises, or that of the part for what concerns the test itself."""

    def __init__(self, promise, text):
        super().__init__(text)
        self.promise = promise


class Skipped(Exception):
    """Cannot be tried on this machine: why."""


def require(promise, condition, text):
    if not condition:
        raise Broken(promise, text)


class Program:
    """The built program."""

    def __init__(self, path):
        self.path = os.path.abspath(path)


class Bank:
    """A simulated bank in a process of its own: the witness."""

    def __init__(self, program, folder, world, seed):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, "world.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(world, file)
        self.errors = open(os.path.join(folder, "bank.err"), "wb")
        self.process = subprocess.Popen(
            [program.path, "sandbox", "--port", "0", "--seed", str(seed), "--world", path],
            stdout=subprocess.PIPE, stderr=self.errors, text=True)
        first = self.process.stdout.readline().split()
        if not first:
            raise RuntimeError("the bank did not start: " + open(self.errors.name, encoding="utf-8").read())
        self.url = first[-1]
        self.port = int(self.url.rsplit(":", 1)[1])
        self.credentials = dict(pair.split("=", 1) for pair in self.process.stdout.readline().split())
        self.connection = None

    def ask(self, method, path, body=None):
        for attempt in range(3):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.connection.request(method, path, None if body is None else json.dumps(body).encode())
                answer = self.connection.getresponse()
                text = answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"the bank answers {method} {path} with {answer.status}: {text[:500]!r}")
                return json.loads(text) if text else None
            except (OSError, http.client.HTTPException):
                self.connection = None
                if attempt == 2:
                    raise
                time.sleep(0.2)

    def order(self, *faults):
        for fault in faults:
            self.ask("POST", "/_sim/faults", fault)

    def forgive(self):
        """Takes all faults back."""
        self.ask("DELETE", "/_sim/faults")

    def faults(self):
        return self.ask("GET", "/_sim/faults")["faults"]

    def calls(self):
        return self.ask("GET", "/_sim/calls")["calls"]

    def writes(self):
        return [call for call in self.calls() if is_write(call)]

    def ledger(self):
        return self.ask("GET", "/_sim/ledger")["entries"]

    def world(self):
        return self.ask("GET", "/_sim/world")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def is_write(call):
    return call["method"] != "GET" and call.get("operation") not in (None, "auth") and not call["target"].endswith("/auth")


def session_of(number):
    try:
        with open(f"/proc/{number}/stat") as file:
            name, fields = re.match(r"\d+ \((.*)\) (.*)", file.read(), re.S).groups()
        state, _, _, session = fields.split()[:4]
        return int(session), state, name
    except (OSError, AttributeError):
        return None


def in_session(session):
    """The processes of a session that are alive: what each is, by its number."""
    alive = {}
    for number in filter(str.isdigit, os.listdir("/proc")):
        found = session_of(number)
        if found and found[0] == session and found[1] not in "ZX":
            alive[int(number)] = f"{found[2]} ({number}, {found[1]})"
    return alive


def left_in_session(session, patience=5.0):
    """What is left of a session after a moment: the system needs one to take a killed process apart."""
    until = time.monotonic() + patience
    while True:
        left = list(in_session(session).values())
        if not left or time.monotonic() > until:
            return left
        time.sleep(0.005)


class Run:
    """One `bursar run`, while it goes on and after."""

    def __init__(self, program, arguments, folder, environment, before=()):
        self.folder = folder
        self.arguments = arguments
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "command.txt"), "w") as file:
            file.write(" ".join(arguments) + "\n")
        self.out = os.path.join(folder, "stdout")
        self.err = os.path.join(folder, "stderr")
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            # A session of its own: whoever is left of it can be found.
            self.process = subprocess.Popen(
                [*before, program.path, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, cwd=folder,
                start_new_session=True)
        self.pid = self.process.pid

    @property
    def goes_on(self):
        return self.process.poll() is None

    def wait(self, seconds=LONGEST_RUN, promise="run"):
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Broken(promise, f"a run did not end in {seconds} s: bursar {' '.join(self.arguments)}\n{self.errors[-2000:]}") from None
        return self

    def kill(self):
        """SIGKILL to the program alone: its worker has to notice."""
        if self.goes_on:
            os.kill(self.pid, signal.SIGKILL)
        self.process.wait()
        left = left_in_session(self.pid)
        require("R13", not left, f"after SIGKILL of {self.pid} are left: {left}")
        return self

    @property
    def code(self):
        return self.process.returncode

    @property
    def output(self):
        with open(self.out, encoding="utf-8", errors="replace") as file:
            return file.read()

    @property
    def errors(self):
        with open(self.err, encoding="utf-8", errors="replace") as file:
            return file.read()

    @property
    def report(self):
        try:
            return json.loads(self.output)
        except ValueError:
            return {}

    def says(self):
        """How it ended, in a few lines; all of it is in the try's folder."""
        failure = self.report.get("failure") or {}
        lines = [f"exit {self.code}: {failure.get('message', '')}"]
        lines += [f"{group['count']} x {group['example']}"[:400] for group in self.report.get("failures", [])[:3]]
        if not self.report:
            lines.append(self.errors[-600:])
        return "\n    ".join(lines)


class Scene:
    """One try: a bank, a job, a folder for its journal, and the runs."""

    def __init__(self, torture, try_, job, seed=None, settling="300ms"):
        self.program = torture.program
        self.torture = torture
        self.job = job
        self.seed = seed if seed is not None else try_.random.randrange(1, 1 << 31)
        self.folder = os.path.join(try_.folder, "scene" + str(len(try_.scenes)))
        try_.scenes.append(self)
        os.makedirs(self.folder)
        self.state = os.path.join(self.folder, "state")
        self.bank = Bank(self.program, os.path.join(self.folder, "bank"), job.world(), self.seed)
        self.input = os.path.join(self.folder, "input.csv")
        with open(self.input, "w", encoding="utf-8", newline="") as file:
            file.write(job.csv())
        self.settling = settling
        self.lead_to(self.bank.url)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": self.folder, "XDG_STATE_HOME": self.folder, **self.bank.credentials}
        self.runs = []
        # True once the test itself has changed the journal's files.
        self.is_damaged = False

    def lead_to(self, url):
        """Writes the configuration that leads to the bank, or to what stands before it."""
        self.config = os.path.join(self.folder, "bursar.yaml")
        with open(self.config, "w") as file:
            file.write(f"environments:\n  torture:\n    base_url: {url}\n    settling: {self.settling}\n")

    def start(self, *flags, before=(), **environment):
        """- Parameter before: a program, with its arguments, that starts the run."""
        arguments = [
            "run", self.job.script, f"input={self.input}", "--env", "torture", "--config", self.config, "--state",
            self.state, "--json", "--seed", str(self.seed), *flags]
        run = Run(
            self.program, arguments, os.path.join(self.folder, f"run{len(self.runs)}"),
            {**self.environment, **{name: str(value) for name, value in environment.items()}}, before)
        self.runs.append(run)
        return run

    def run(self, *flags, **more):
        return self.start(*flags, **more).wait()

    def wait_for_fault(self, run, index=0, times=1, seconds=60):
        """Waits until an ordered fault has happened.
        - Returns: false when the run ended first."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            ends = not run.goes_on
            if self.bank.faults()[index]["happened"] >= times:
                return True
            if ends:
                return False
            time.sleep(0.002)
        raise Broken("test", f"the fault that was waited for did not happen in {seconds} s\n{run.says()}")

    def converge(self, most=3, flags=(), before=()):
        """Resumes until the job is done.
        - Parameter before: called in turn with the number of the resume.
        - Returns: the last run that had something to say."""
        last = None
        for number in range(1, most + 1):
            for step in before:
                step(number)
            last = self.run(*flags)
            if self.job.is_done(last):
                return last
            require("R5", last.code in (5, 6, 12), f"resume {number} ended with {last.says()}")
        # Money first: what was done twice is worse than what is not done.
        require("R1", not self.job.doubles(self.bank), f"done more than once: {self.job.doubles(self.bank)}")
        raise Broken("R5", f"{most} resumes did not finish the job: {last.says()}")

    def conclude(self, last):
        """All that must hold at the end of every try: the ledger (R1), the report and the journal (R4), and that a further run sends nothing (R5)."""
        self.job.judge(self, last)
        back = last.report.get("read_back")
        if back and back["gap"] is None:
            settled = sum(line["count"] for line in last.report["effects"]["by_operation"] if line["state"] == "settled")
            compared = back["agreed"] + back["not_readable"] + back["difference_count"]
            require("R4", compared >= settled, f"{settled} effects are settled, and {compared} were compared with the bank at the end")
        self.torture.tally("R4")
        before = len(self.bank.writes())
        again = self.run()
        sent = len(self.bank.writes()) - before
        require("R5", sent == 0, f"a further run of a job that was done sent {sent} writes")
        if self.job.unwanted:
            require("R5", self.job.is_done(again), f"a further run ended with {again.says()}")
        else:
            require("R5", again.code == 0 and "done_before" in again.report, f"a further run does not say that the job was done: {again.says()}")
        self.torture.tally("R5")

    def close(self):
        for run in self.runs:
            if run.goes_on:
                try:
                    os.kill(run.pid, signal.SIGCONT)
                    os.kill(run.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                run.process.wait()
        self.bank.stop()


class Try:
    """One try of one part. Everything that chance decides in it comes from `random`."""

    def __init__(self, torture, part, number, folder):
        self.number = number
        self.random = random.Random(f"{torture.seed}/{part}/{number}")
        self.folder = folder
        self.small = torture.small
        self.scenes = []
        self.notes = []

    def close(self):
        for scene in self.scenes:
            try:
                scene.close()
            except OSError:
                pass


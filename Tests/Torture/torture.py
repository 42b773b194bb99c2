"""Does to a job all that can happen to it, and asks the bank's ledger what came of it. scripts/torture says how it is called."""

import argparse
import concurrent.futures
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import answers  # noqa: F401, E402 (each module adds its parts)
import damage  # noqa: F401, E402
import disks  # noqa: F401, E402
import events  # noqa: F401, E402
import kills  # noqa: F401, E402
import patience  # noqa: F401, E402
import runners  # noqa: F401, E402
from harness import HERE, Broken, Program, Scene, Skipped, Try  # noqa: E402
from parts import PARTS, STAGES  # noqa: E402


class Torture:
    def __init__(self, options):
        self.program = Program(options.program)
        self.seed = options.seed
        self.small = options.small
        self.rows = options.rows or (60 if options.small else 1000)
        # For parts whose tries are many, or whose rows say little.
        self.some_rows = options.rows or (40 if options.small else 200)
        self.folder = tempfile.mkdtemp(prefix="torture-")
        self.kept = options.keep or os.path.join(tempfile.gettempdir(), "torture-failures")
        self.tallies = {}
        self.lengths = {}
        self.lock = threading.Lock()
        self.disk = self._build_disk()

    def tally(self, promise):
        with self.lock:
            self.tallies[promise] = self.tallies.get(promise, 0) + 1

    def worst(self, what, measured):
        """Prints the largest of what was measured beside the counts."""
        with self.lock:
            self.tallies[what] = max(self.tallies.get(what, 0), measured)

    def _build_disk(self):
        """The library that stands between a program and its disk."""
        target = os.path.join(self.folder, "disk.so")
        compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
        if compiler is None:
            return None
        subprocess.run(
            [compiler, "-O1", "-shared", "-fPIC", "-o", target, os.path.join(HERE, "disk.c"), "-ldl", "-lpthread"], check=True)
        return target

    def measured(self, job, parallel):
        """How long a run takes that nobody disturbs."""
        key = (type(job).__name__, len(job.rows), parallel)
        with self.lock:
            if key not in self.lengths:
                place = tempfile.mkdtemp(dir=self.folder)
                try_ = Try(self, "measured", 0, place)
                try:
                    scene = Scene(self, try_, type(job)(random.Random(1), len(job.rows)))
                    began = time.monotonic()
                    scene.run("--parallel", str(parallel))
                    self.lengths[key] = time.monotonic() - began
                finally:
                    try_.close()
                    shutil.rmtree(place, ignore_errors=True)
            return self.lengths[key]

    def attempt(self, part, number):
        """- Returns: an outcome."""
        folder = os.path.join(self.folder, f"{part.name}-{number}")
        os.makedirs(folder)
        try_ = Try(self, part.name, number, folder)
        outcome = Outcome(part, number, try_.notes)
        began = time.monotonic()
        try:
            part.make(self, try_)
        except Broken as failure:
            outcome.broken, outcome.why = failure.promise, str(failure)
        except Skipped as reason:
            outcome.skipped = str(reason)
        except Exception:
            outcome.broken, outcome.why = "test", traceback.format_exc()
        finally:
            try_.close()
        outcome.seconds = time.monotonic() - began
        if outcome.broken is None:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            outcome.place = os.path.join(self.kept, f"{part.name}-{number}-seed{self.seed}")
            shutil.rmtree(outcome.place, ignore_errors=True)
            os.makedirs(self.kept, exist_ok=True)
            shutil.move(folder, outcome.place)
            with open(os.path.join(outcome.place, "why.txt"), "w", encoding="utf-8") as file:
                file.write("\n".join([f"{outcome.broken}: {outcome.why}", *try_.notes, ""]))
        return outcome


class Outcome:
    """What came of one try: `broken` is the promise that does not hold, or nil."""

    def __init__(self, part, number, notes):
        self.part = part
        self.number = number
        self.notes = notes
        self.broken = self.why = self.skipped = self.place = None
        self.seconds = 0.0

    def tell(self, options):
        print(f"\n{self.part.name} try {self.number}: {self.broken} is broken: {self.why}")
        for note in self.notes:
            print(f"  {note}")
        again = f"scripts/torture {self.part.name} --seed {options.seed} --try {self.number}"
        again += " --small" if options.small else ""
        again += f" --rows {options.rows}" if options.rows else ""
        print(f"  again: {again}\n  kept:  {self.place}", flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/torture", description=__doc__)
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*", help="names of parts, or their beginnings: r1, r3-power; all without")
    parser.add_argument("--small", action="store_true", help="few tries of few rows: some minutes in all")
    parser.add_argument("--seed", type=int, default=None, help="what chance decides; the same seed does the same")
    parser.add_argument("--rows", type=int, help="rows of the list")
    parser.add_argument("--tries", type=int, help="tries of each part")
    parser.add_argument("--try", dest="one", type=int, help="only the try with this number")
    parser.add_argument("--at-once", type=int, help="tries beside each other")
    parser.add_argument("--keep", help="where the folders of failing tries go")
    parser.add_argument("--list", action="store_true", help="name the parts")
    options = parser.parse_intermixed_args()
    if options.list:
        for part in PARTS.values():
            print(f"{part.name:<22} {part.promise:<4} {part.what} ({part.tries[0]} tries, small {part.tries[1]})")
        return 0
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1, 1_000_000)
    chosen = [
        part for part in PARTS.values()
        if not options.parts or any(part.name == name or part.name.startswith(name + "-") for name in options.parts)]
    unknown = [name for name in options.parts if not any(part.name == name or part.name.startswith(name + "-") for part in PARTS.values())]
    if unknown or not chosen:
        parser.error(f"there is no part {', '.join(unknown)}; --list names them")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    torture = Torture(options)
    print(f"seed {options.seed}, {torture.rows} rows", flush=True)
    began = time.monotonic()
    outcomes = []
    try:
        for stage, width in STAGES.items():
            tries = [(part, number) for part in chosen if part.stage == stage for number in numbers(part, options)]
            with concurrent.futures.ThreadPoolExecutor(options.at_once or width) as pool:
                jobs = [pool.submit(torture.attempt, part, number) for part, number in tries]
                for job in concurrent.futures.as_completed(jobs):
                    outcomes.append(job.result())
                    if outcomes[-1].broken:
                        outcomes[-1].tell(options)
    finally:
        shutil.rmtree(torture.folder, ignore_errors=True)
    print_table(chosen, outcomes, torture, time.monotonic() - began)
    failures = sum(outcome.broken is not None for outcome in outcomes)
    if failures:
        print(f"{failures} tries failed; their folders are in {torture.kept}")
    return 1 if failures else 0


def numbers(part, options):
    if options.one is not None:
        return [options.one]
    count = part.tries[1 if options.small else 0]
    return range(options.tries or count)


def print_table(chosen, outcomes, torture, seconds):
    print(f"\n{'':<4} {'what':<82} {'tries':>6} {'failures':>8} {'seed':>8} {'seconds':>8}")

    def line(promise, what, tries, failures, seconds, more=""):
        print(f"{promise:<4} {what:<82} {tries:>6} {failures:>8} {torture.seed:>8} {seconds:>8}{more}")

    for part in sorted(chosen, key=lambda part: int(part.promise[1:])):
        own = [outcome for outcome in outcomes if outcome.part is part]
        if own:
            skipped = next((f"  skipped: {outcome.skipped}" for outcome in own if outcome.skipped), "")
            line(part.promise, part.what, len(own), sum(outcome.broken is not None for outcome in own), f"{sum(outcome.seconds for outcome in own):.1f}", skipped)
    for promise, what in (
        ("R4", "in all of these: report, journal, bursar show and the ledger say the same"), ("R5", "in all of these: at most 3 resumes, and a further run sends nothing")):
        failures = sum(outcome.broken == promise for outcome in outcomes)
        line(promise, what, torture.tallies.get(promise, 0) + failures, failures, "")
    for what, count in sorted(torture.tallies.items()):
        if not what.startswith("R"):
            print(f"     {what}: {count}")
    print(f"{seconds:.0f} s in all")


if __name__ == "__main__":
    sys.exit(main())

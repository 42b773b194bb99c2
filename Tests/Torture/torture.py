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
import kills  # noqa: F401, E402
import patience  # noqa: F401, E402
import runners  # noqa: F401, E402
from harness import HERE, Broken, Program, Scene, Skipped, Try  # noqa: E402
from parts import PARTS  # noqa: E402


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
        """- Returns: nil, or the promise that broke and how."""
        folder = os.path.join(self.folder, f"{part.name}-{number}")
        os.makedirs(folder)
        try_ = Try(self, part.name, number, folder)
        broken = None
        try:
            part.make(self, try_)
        except Broken as failure:
            broken = (failure.promise, str(failure))
        except Skipped as reason:
            return ("skip", str(reason), [], None)
        except Exception:
            broken = ("test", traceback.format_exc())
        finally:
            try_.close()
        if broken is None:
            shutil.rmtree(folder, ignore_errors=True)
            return None
        target = os.path.join(self.kept, f"{part.name}-{number}-seed{self.seed}")
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(self.kept, exist_ok=True)
        shutil.move(folder, target)
        with open(os.path.join(target, "why.txt"), "w", encoding="utf-8") as file:
            file.write(f"{broken[0]}: {broken[1]}\n" + "\n".join(try_.notes) + "\n")
        return (*broken, try_.notes, target)


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
    options = parser.parse_args()
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
    lines, failures, broken_promises = [], 0, {}
    try:
        for part in chosen:
            began = time.monotonic()
            count = options.tries or part.tries[1 if options.small else 0]
            if count == 0:
                continue
            numbers = [options.one] if options.one is not None else range(count)
            broken, skipped = [], None
            with concurrent.futures.ThreadPoolExecutor(options.at_once or part.at_once) as pool:
                jobs = {pool.submit(torture.attempt, part, number): number for number in numbers}
                for job in concurrent.futures.as_completed(jobs):
                    failure = job.result()
                    if failure is None:
                        continue
                    promise, why, notes, place = failure
                    if promise == "skip":
                        skipped = why
                        continue
                    broken.append(jobs[job])
                    broken_promises[promise] = broken_promises.get(promise, 0) + 1
                    print(f"\n{part.name} try {jobs[job]}: {promise} is broken: {why}", flush=True)
                    for note in notes:
                        print(f"  {note}")
                    print(f"  again: scripts/torture {part.name} --seed {options.seed} --try {jobs[job]}" + (" --small" if options.small else ""))
                    print(f"  kept:  {place}", flush=True)
            failures += len(broken)
            line = (part.promise, part.what, len(numbers), len(broken), time.monotonic() - began, skipped)
            lines.append(line)
            print_line(*line, seed=options.seed)
    finally:
        shutil.rmtree(torture.folder, ignore_errors=True)
    print()
    print(f"{'':<4} {'what':<82} {'tries':>6} {'failures':>8} {'seed':>8} {'seconds':>8}")
    for line in lines:
        print_line(*line, seed=options.seed)
    for promise, what in (("R4", "in all of these: report, journal and ledger say the same"), ("R5", "in all of these: a further run sends nothing")):
        if promise in torture.tallies:
            print_line(promise, what, torture.tallies[promise] + broken_promises.get(promise, 0), broken_promises.get(promise, 0), None, None, seed=options.seed)
    if failures:
        print(f"{failures} tries failed; their folders are in {torture.kept}")
    return 1 if failures else 0


def print_line(promise, what, tries, broken, seconds, skipped, seed):
    time_text = "" if seconds is None else f"{seconds:8.1f}"
    print(f"{promise:<4} {what:<82} {tries:>6} {broken:>8} {seed:>8} {time_text:>8}" + (f"  skipped: {skipped}" if skipped else ""), flush=True)


if __name__ == "__main__":
    sys.exit(main())

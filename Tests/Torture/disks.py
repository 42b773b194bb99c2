"""R3 and R11: a disk that forgets, fails, or is full."""

import contextlib
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
import time

import journal
from harness import Broken, Scene, Skipped, Try, require
from jobs import Payouts, Refunds
from parts import part


def prepared(torture, try_, rows=None):
    if torture.disk is None:
        raise Skipped("there is no C compiler")
    make = Payouts if try_.random.random() < 0.2 else Refunds
    scene = Scene(torture, try_, make(try_.random, rows or (10 if torture.small else 40)))
    # The library looks at files beneath a folder that is there.
    os.makedirs(scene.state, mode=0o700)
    scene.count = os.path.join(scene.folder, "count")
    scene.shadow = os.path.join(scene.folder, "shadow")
    os.makedirs(scene.shadow)
    scene.disk = {"LD_PRELOAD": torture.disk, "TORTURE_DIR": scene.state, "TORTURE_COUNT": scene.count, "TORTURE_SHADOW": scene.shadow}
    return scene


def counts(scene):
    """How many syncs and writes there were."""
    with open(scene.count, "rb") as file:
        return struct.unpack("QQ", file.read(16))


def measured(torture, parallel):
    """Syncs and writes of a run that nobody disturbs."""
    key = ("disk", parallel)
    with torture.lock:
        if key not in torture.lengths:
            place = tempfile.mkdtemp(dir=torture.folder)
            try_ = Try(torture, "measured", 0, place)
            try_.random = random.Random(1)  # the same whatever the seed
            try:
                scene = prepared(torture, try_)
                scene.run("--parallel", str(parallel), **scene.disk)
                torture.lengths[key] = counts(scene)
                require("test", torture.lengths[key][0] > len(scene.job.rows) / parallel, "the library on the disk sees no syncs")
            finally:
                try_.close()
        return torture.lengths[key]


def struck(torture, try_, n, parallel, which, variable):
    """A run on a disk whose n-th call of a kind is struck. No two runs make the same number of calls: where there are fewer, another is drawn.
    - Parameter which: 0 for syncs, 1 for writes."""
    while True:
        scene = prepared(torture, try_)
        run = scene.run("--parallel", str(parallel), **scene.disk, **{variable: n})
        found = counts(scene)[which]
        if found >= n:
            try_.notes.append(f"{variable} {n}, {parallel} in flight, exit {run.code} after {len(scene.bank.writes())} writes")
            return scene, run
        n = 1 + try_.random.randrange(found)


def spread(try_, count, tries):
    """The number of the call that this try strikes: all of them in turn, where there are tries enough."""
    return 1 + (try_.number if tries >= count else try_.number * count // tries) % count


def require_recorded(scene, promise, state, writes, what):
    missing = scene.job.unrecorded(writes, journal.read(state))
    require(promise, not missing, f"{what}: {len(missing)} of {len(writes)} requests that the bank saw are not in the journal: {missing[:5]}")


def head_of(scene):
    """The anchor is not forced to the disk: after a power cut it may be as new as it was."""
    path = os.path.join(scene.state, "journal.head")
    if os.path.exists(path):
        shutil.copy(path, os.path.join(scene.shadow, "journal.head"))


@contextlib.contextmanager
def small_disk(folder, kilobytes):
    """A disk of its own at a folder, for as long as it is needed.
    - Returns: what gives it room."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k,mode=700", "none", folder], capture_output=True).returncode != 0:
        raise Skipped("mounting a small disk needs root")
    try:
        yield lambda: subprocess.run(["mount", "-o", "remount,size=64m", folder], check=True)
    finally:
        if subprocess.run(["umount", folder], capture_output=True).returncode != 0:
            raise Broken("test", f"{folder} cannot be unmounted")


def tries_of(torture, part_):
    return part_[1 if torture.small else 0]


KILLS = (160, 10)


@part("R3", "killed at each fsync: what the disk has holds every request the bank saw", tries=KILLS)
def r3_sync(torture, try_):
    parallel = (1, 4)[try_.number % 2]
    n = spread(try_, measured(torture, parallel)[0], tries_of(torture, KILLS))
    scene, run = struck(torture, try_, n, parallel, 0, "TORTURE_KILL_SYNC")
    require("test", run.code == -signal.SIGKILL, f"it was not killed: {run.says()}")
    writes = scene.bank.writes()
    require_recorded(scene, "R3", scene.state, writes, "after the kill")
    require_recorded(scene, "R3", scene.shadow, writes, "on the disk")
    # The power was cut, not only the process: what was not forced to the disk is gone.
    if try_.random.random() < 0.5 and os.path.exists(os.path.join(scene.shadow, "journal.sqlite")):
        head_of(scene)
        shutil.rmtree(scene.state)
        shutil.copytree(scene.shadow, scene.state)
        try_.notes.append("resumed from what the disk had")
    scene.conclude(scene.converge())


FAILURES = (160, 10)


@part("R3", "an fsync that fails, each in turn: the run stops, and nothing that is not on the disk was sent", tries=FAILURES)
def r3_fails(torture, try_):
    parallel = (1, 4)[try_.number % 2]
    n = spread(try_, measured(torture, parallel)[0], tries_of(torture, FAILURES))
    scene, run = struck(torture, try_, n, parallel, 0, "TORTURE_FAIL_SYNC")
    writes = scene.bank.writes()
    require_recorded(scene, "R3", scene.state, writes, "in the files")
    require_recorded(scene, "R3", scene.shadow, writes, "on the disk")
    done = len(writes) >= len(scene.job.rows) and scene.job.is_done(run)
    if not done:
        require("R3", run.code not in (0, 6), f"a run whose journal failed ended with {run.says()}")
    scene.conclude(scene.converge())


@part("R3", "power cut: the files as they are at instants of a run", tries=(4, 1), stage="alone")
def r3_power(torture, try_):
    instants = 8 if torture.small else 25
    job = Refunds(try_.random, max(torture.some_rows, 100))
    scene = Scene(torture, try_, job)
    scene.bank.order({"operation": "payments.refund", "fault": "delay", "milliseconds": 60, "when": try_.random.choice(("before", "after"))})
    run = scene.start("--parallel", str(try_.random.choice((2, 8))))
    scene.wait_for_fault(run)
    taken = 0
    copies = []
    while taken < instants and run.goes_on:
        time.sleep(try_.random.uniform(0.001, 0.05))
        os.kill(run.pid, signal.SIGSTOP)
        try:
            copy = os.path.join(scene.folder, f"copy{taken}")
            shutil.copytree(scene.state, copy)
            writes = scene.bank.writes()
        finally:
            os.kill(run.pid, signal.SIGCONT)
        require_recorded(scene, "R3", copy, writes, f"copy {taken}")
        copies.append((copy, len(writes)))
        taken += 1
    run.wait()
    require("test", taken == instants, f"the run was over after {taken} copies")
    # Every later copy still has what the earlier ones had.
    seen = 0
    for copy, count in copies:
        effects = journal.read(copy)
        require("R3", len(effects) >= max(seen, 0), f"{copy} has {len(effects)} effects, and an earlier one {seen}")
        seen = len(effects)
        shown = journal.shown(scene.program, copy, scene.environment)
        require("R3", len(shown) == len(effects), f"bursar show of {copy} has {len(shown)} effects, and it holds {len(effects)}")
    try_.notes.append(f"{taken} instants")
    scene.bank.forgive()
    scene.conclude(run if job.is_done(run) else scene.converge())


FULL = (160, 12)


@part("R11", "the disk is full from the n-th write on", tries=FULL)
def r11(torture, try_):
    parallel = (1, 4)[try_.number % 2]
    n = spread(try_, measured(torture, parallel)[1], tries_of(torture, FULL))
    scene, run = struck(torture, try_, n, parallel, 1, "TORTURE_FULL_WRITE")
    require_full(scene, run)
    scene.conclude(scene.converge())


def require_full(scene, run):
    """- Returns: true when the room was not enough."""
    writes = scene.bank.writes()
    require_recorded(scene, "R11", scene.state, writes, "with a full disk")
    if scene.job.is_done(run):
        # What was full came after everything was on the disk.
        return False
    require("R11", run.code in (5, 12), f"a full disk ended a run with {run.says()}")
    require("R11", len((run.report.get("failure") or {}).get("message", "")) > 10 or "disk" in run.errors, f"it does not say why: {run.says()}")
    return True


@part("R11", "a small disk that is really full", tries=(24, 4), stage="alone")
def r11_tmpfs(torture, try_):
    scene = Scene(torture, try_, Refunds(try_.random, 40))
    os.makedirs(scene.state, mode=0o700)
    kilobytes = (48, 160, 240, 300, 360, 420, 600, 900)[try_.number * (2 if torture.small else 1) % 8]
    try_.notes.append(f"{kilobytes} KB")
    with small_disk(scene.state, kilobytes) as enlarge:
        run = scene.run("--parallel", "4")
        was_full = require_full(scene, run)
        try_.notes.append(f"exit {run.code}; {'full' if was_full else 'room enough'}")
        if was_full:
            # Still full, nothing may be sent.
            before = len(scene.bank.writes())
            again = scene.run("--parallel", "4")
            require_recorded(scene, "R11", scene.state, scene.bank.writes(), "with a full disk, once more")
            require("R11", again.code != 0, f"a second run on the full disk ended with {again.says()}")
            try_.notes.append(f"{len(scene.bank.writes()) - before} more writes on the full disk")
        # A disk that was just large enough is not for the runs that follow.
        enlarge()
        scene.conclude(scene.converge())

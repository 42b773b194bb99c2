"""R10: a journal that is not what was written."""

import contextlib
import os
import shutil
import sqlite3

import journal
from harness import Scene, require
from jobs import Payouts, Refunds
from kills import kill_at
from parts import part

FILES = ("journal.sqlite", "journal.sqlite-wal", "journal.head")


def size(path):
    return os.path.getsize(path) if os.path.exists(path) else 0


def flip(path, random):
    """One bit of a file."""
    at = random.randrange(size(path))
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ (1 << random.randrange(8))]))
    return f"a bit at {at} of {size(path)}"


def blank(path, random):
    """A stretch of zeros, as a disk gives for what it has lost."""
    at = random.randrange(max(1, size(path) // 512)) * 512
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(bytes(min(512, size(path) - at)))
    return f"512 zeros at {at} of {size(path)}"


def cut(path, random):
    length = random.randrange(size(path))
    os.truncate(path, length)
    return f"cut at {length}"


def lose(path, random):
    os.unlink(path)
    return "lost"


def empty(path, random):
    os.truncate(path, 0)
    return "empty"


def put_back(*names):
    """Files as they were earlier in the run; what is not named stays new. A write-ahead log that did not exist then is gone."""

    def damage(state, old, random):
        for name in names:
            for path in [os.path.join(state, name)]:
                if os.path.exists(path):
                    os.unlink(path)
                if os.path.exists(os.path.join(old, name)):
                    shutil.copy(os.path.join(old, name), path)
        return "put back"

    return damage


def on(name, change):
    return lambda state, old, random: change(os.path.join(state, name), random)


def both(*names):
    def damage(state, old, random):
        for name in names:
            os.unlink(os.path.join(state, name))
        return "lost"

    return damage


# What is done, and in which form of the journal: with a write-ahead log as a kill leaves it, or with everything in the database.
KINDS = (
    ("a bit of journal.sqlite", on("journal.sqlite", flip), "moved"), ("a bit of journal.sqlite-wal", on("journal.sqlite-wal", flip), "log"),
    ("a bit of journal.sqlite", on("journal.sqlite", flip), "log"), ("a bit of journal.head", on("journal.head", flip), "log"),
    ("zeros in journal.sqlite", on("journal.sqlite", blank), "moved"), ("zeros in journal.sqlite-wal", on("journal.sqlite-wal", blank), "log"),
    ("journal.sqlite cut", on("journal.sqlite", cut), "moved"), ("journal.sqlite-wal cut", on("journal.sqlite-wal", cut), "log"),
    ("journal.head cut", on("journal.head", cut), "log"), ("journal.sqlite-wal lost", on("journal.sqlite-wal", lose), "log"),
    ("journal.head lost", on("journal.head", lose), "moved"), ("journal.head empty", on("journal.head", empty), "log"),
    ("journal.sqlite lost", on("journal.sqlite", lose), "log"), ("journal.sqlite lost", on("journal.sqlite", lose), "moved"),
    ("journal.sqlite empty", on("journal.sqlite", empty), "moved"),
    ("journal.sqlite and its log lost", both("journal.sqlite", "journal.sqlite-wal"), "log"),
    ("an old journal.sqlite", put_back("journal.sqlite"), "moved"), ("an old journal.sqlite-wal", put_back("journal.sqlite-wal"), "log"),
    ("an old journal.sqlite with its old log", put_back("journal.sqlite", "journal.sqlite-wal"), "log"),
    ("an old journal.head", put_back("journal.head"), "log"),
    ("everything as it was earlier", put_back(*FILES), "log"),
)


def damaged(torture, try_, kind):
    name, damage, form = kind
    # Some rows more than are read at once.
    job = Refunds(try_.random, 30) if try_.random.random() < 0.8 else Payouts(try_.random, 30)
    scene = Scene(torture, try_, job)
    operation = job.operations[0]
    # An early state, as a backup would have it; then more work, and the end of the process.
    kill_at(scene, operation, try_.random.randrange(4, 10), "after the answer", 1)
    old = os.path.join(scene.folder, "old")
    shutil.copytree(scene.state, old)
    kill_at(scene, operation, try_.random.randrange(6, 12), try_.random.choice(("before the bank acted", "after it acted, before the answer")), try_.random.choice((1, 4)))
    if form == "moved":
        # As if SQLite had moved the log into the database a moment before.
        with contextlib.closing(sqlite3.connect(os.path.join(scene.state, "journal.sqlite"))) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for place in (scene.state,):
            for ending in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(os.path.join(place, "journal.sqlite" + ending))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(scene.state, "journal.sqlite-shm"))
    shutil.copytree(scene.state, os.path.join(scene.folder, "before-damage"))
    try_.notes.append(f"{name}: {damage(scene.state, old, try_.random)}; the journal was {form}")
    scene.is_damaged = True
    before = scene.bank.writes()
    run = scene.run()
    sent = len(scene.bank.writes()) - len(before)
    require("R10", not job.doubles(scene.bank), f"a silent restart: done more than once {job.doubles(scene.bank)}, exit {run.code}")
    if run.code in (3, 5, 12) and sent == 0 and not job.is_done(run):
        said = (run.report.get("failure") or {}).get("message", "")
        is_damage = "damaged" in said or run.code == 12
        try_.notes.append(f"noticed: exit {run.code}: {said[:200]}")
        require("R10", len(said) > 20 and is_damage, f"it was noticed without words: {run.says()}")
        verified = journal.verified(scene.program, scene.state, scene.environment)
        require("R10", verified[0] != 0, f"bursar journal verify finds nothing wrong: {verified}")
        # Not forgotten by the next run.
        again = scene.run()
        require("R10", again.code == run.code and len(scene.bank.writes()) == len(before), f"the next run does not notice: {again.says()}")
        torture.tally("damage that was noticed")
    else:
        try_.notes.append(f"exit {run.code}, {sent} sent: it must have been harmless")
        scene.conclude(run if job.is_done(run) else scene.converge())
        torture.tally("damage that was harmless")


@part("R10", "bits changed, files cut, lost, emptied, older ones put back", tries=(20 * len(KINDS), len(KINDS)))
def r10(torture, try_):
    damaged(torture, try_, KINDS[try_.number % len(KINDS)])

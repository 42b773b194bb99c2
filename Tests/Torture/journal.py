"""What a journal holds, read past the program: SQLite's own words about a copy of the files."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
from decimal import Decimal


class RecordedEffect:
    def __init__(self, row, attempts):
        (self.id, self.job, self.key, self.operation, self.object, self.stamp, self.amount, self.currency, self.request) = row
        self.attempts = attempts

    @property
    def state(self):
        """Its last outcome; `intended` when nothing but the intent is known."""
        return self.attempts[-1]["outcome"] if self.attempts else "intended"

    @property
    def result(self):
        return next((attempt["result"] for attempt in reversed(self.attempts) if attempt["result"]), None)

    @property
    def is_open(self):
        return self.state in ("intended", "begun", "in_doubt")


def read(state):
    """The effects of a journal, in the order of their intents. The files are copied first, so that nothing is disturbed."""
    place = tempfile.mkdtemp(prefix="torture-read-")
    try:
        for name in ("journal.sqlite", "journal.sqlite-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(os.path.join(state, name), place)
        path = os.path.join(place, "journal.sqlite")
        if not os.path.exists(path) or os.path.getsize(path) == 0 and not os.path.exists(path + "-wal"):
            return []
        with contextlib.closing(sqlite3.connect(path)) as db:
            if not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'effects'").fetchone():
                return []
            attempts = {}
            columns = ("effect", "kind", "outcome", "status", "result", "answer", "detail")
            for row in db.execute(f"SELECT {', '.join(columns)} FROM attempts ORDER BY id"):
                attempts.setdefault(row[0], []).append(dict(zip(columns, row)))
            return [
                RecordedEffect(row, attempts.get(row[0], []))
                for row in db.execute(
                    "SELECT id, job, key, operation, object, stamp, amount, currency, request FROM effects ORDER BY id")]
    finally:
        shutil.rmtree(place)


class RecordedEvent:
    def __init__(self, row):
        self.type, self.object, self.state, self.repeats = row


def events(state):
    """The events of a journal in which a listener may be at work, in the order in which they came."""
    with contextlib.closing(sqlite3.connect(f"file:{os.path.join(state, 'journal.sqlite')}?mode=ro", uri=True, timeout=30)) as db:
        return [RecordedEvent(row) for row in db.execute("SELECT type, object, state, repeats FROM events ORDER BY id")]


def totals(effects):
    sums = {}
    for effect in effects:
        if effect.amount is not None:
            sums[effect.currency] = sums.get(effect.currency, Decimal(0)) + Decimal(effect.amount)
    return sums


def _look(program, state, command, environment):
    done = subprocess.run(
        [program.path, *command, "--state", state, "--json"], capture_output=True, text=True, env=environment, timeout=120)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        return done.returncode, {"errors": done.stderr}


def shown(program, state, environment):
    """What `bursar show` says of the effects of all runs that `bursar runs` lists: each effect by its key, as often as it is shown."""
    _, document = _look(program, state, ["runs"], environment)
    effects = {}
    for run in document["runs"]:
        _, one = _look(program, state, ["show", run["run"]], environment)
        for effect in one["effects"]:
            effects.setdefault(effect["key"], []).append(effect)
    return effects


def doubts(program, state, environment):
    """- Returns: the exit code of `bursar doubts`, and the keys it lists."""
    code, document = _look(program, state, ["doubts"], environment)
    return code, {effect["key"] for effect in document["doubts"]}


def verified(program, state, environment):
    """- Returns: the exit code of `bursar journal verify`, and what it says."""
    return _look(program, state, ["journal", "verify"], environment)

"""Compares the firing times of Bursar's schedules with croniter's. Started by scripts/check-schedule.

Where the clocks are changed, Bursar's rule differs from croniter's in two things, and only there:
  repeated  a fixed time that exists twice: croniter fires at both, Bursar at the first
  gap       an expression whose minute or hour begins with *: croniter fires at the end of the gap for what was in it, Bursar
            follows the clock
"""

import argparse
import json
import random
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from croniter import croniter

ZONES = ["America/Santiago", "America/New_York", "Europe/Berlin"]
YEARS = [2026, 2027]
EXPRESSIONS = [
    "30 3 * * 1-5", "0 0 * * *", "30 0 * * *", "30 1 * * *", "30 2 * * *", "0 3 * * sun", "30 23 * * *", "59 23 * * sat",
    "0,20,40 0-3 * * *", "* 0-3 * * *", "*/15 * * * *", "30 * * * *", "* * * * *", "15 */2 * * *", "*/20 2 * * *", "0 9 1,15 * fri",
    "0 9 */2 * fri", "0 6 31 * *", "0 0 29 2 *", "0 12 1-7 * 1", "0 4 * 3,4,9-11 0,6",
]  # fmt: skip


def bursar_times(program, cron, zone, start, count):
    command = [program, "schedule", "next", cron, "--time-zone", zone, "--from", text(start), "--count", str(count), "--json"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        sys.exit(f"check-schedule: {' '.join(command)} ended with {run.returncode}: {run.stderr}")
    return [datetime.fromisoformat(entry["at"].replace("Z", "+00:00")) for entry in json.loads(run.stdout)]


def croniter_times(cron, zone, start, end):
    times = []
    source = croniter(cron, start.astimezone(ZoneInfo(zone)), implement_cron_bug=True, max_years_between_matches=50)
    while True:
        time = source.get_next(datetime).astimezone(timezone.utc)
        if time > end:
            return times
        times.append(time)


def text(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def changes(zone):
    """The instants at which the offset changes, with what it was and what it is."""
    found = []
    instant = datetime(YEARS[0], 1, 1, tzinfo=timezone.utc)
    local = ZoneInfo(zone)
    while instant.year <= YEARS[-1]:
        later = instant + timedelta(minutes=30)
        before, after = (moment.astimezone(local).utcoffset() for moment in (instant, later))
        if before != after:
            found.append((later, before, after))
        instant = later
    return found


def follows_clock(cron):
    minute, hour = cron.split()[:2]
    return minute.startswith("*") or hour.startswith("*")


def reason(instant, cron, zone_changes):
    """Why croniter may fire then and Bursar not; None where there is no reason."""
    for change, before, after in zone_changes:
        if after < before and change <= instant < change + (before - after) and not follows_clock(cron):
            return "repeated"
        if after > before and instant == change and follows_clock(cron):
            return "gap"
    return None


def random_expression(source):
    def field(low, high):
        # A range of one value, 6-6, is the whole week to croniter, so there is none.
        first = source.randint(low, high - 1)
        return source.choice([
            "*", "*", f"*/{source.randint(1, high - low)}", str(first), f"{first}-{source.randint(first + 1, high)}",
            f"{first},{source.randint(low, high)}",
        ])  # fmt: skip

    return " ".join([field(0, 59), field(0, 4), field(1, 28), field(1, 12), field(0, 6)])


def compare(program, cron, zone, start, end, zone_changes, report):
    theirs = croniter_times(cron, zone, start, end)
    # Enough to see also what Bursar has too much.
    ours = [time for time in bursar_times(program, cron, zone, start, min(100_000, len(theirs) + 200)) if time <= end]
    report["instants"] += len(ours)
    for time in sorted(set(ours) ^ set(theirs)):
        why = None if time in set(ours) else reason(time, cron, zone_changes)
        shown = time.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M %z")
        line = f"{zone:17} {cron:22} {shown}  {'only Bursar' if time in set(ours) else 'only croniter'}"
        if why is None:
            report["wrong"].append(line)
        else:
            report[why].append(line)


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/check-schedule", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=".build/debug/bursar")
    parser.add_argument("--random", type=int, default=40, help="random expressions a change of the clocks (default: 40)")
    parser.add_argument("--seed", type=int, default=1, help="of the random expressions")
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    report = {"instants": 0, "wrong": [], "repeated": [], "gap": []}
    windows = 0
    for zone in ZONES:
        zone_changes = changes(zone)
        for change, before, after in zone_changes:
            print(f"{zone:17} {text(change)}  {'forward' if after > before else 'back'} by {abs(after - before)}")
            for cron in EXPRESSIONS + [random_expression(source) for _ in range(arguments.random)]:
                start, end = change - timedelta(days=2), change + timedelta(days=2)
                compare(arguments.program, cron, zone, start, end, zone_changes, report)
                windows += 1
        for cron in EXPRESSIONS:
            if not follows_clock(cron) and "*" not in cron.split()[1]:
                start = datetime(YEARS[0], 1, 1, tzinfo=timezone.utc)
                end = datetime(YEARS[-1], 12, 31, tzinfo=timezone.utc)
                compare(arguments.program, cron, zone, start, end, zone_changes, report)
                windows += 1
    for why in ("repeated", "gap"):
        lines = sorted(set(report[why]))
        print(f"\n{why}: {len(lines)} differences by the stated rule, of which:")
        print("\n".join(lines[:: max(1, len(lines) // 12)][:12]))
    print(f"\nseed {arguments.seed}: {windows} windows, {report['instants']} instants, {len(report['wrong'])} unexplained differences")
    if not report["repeated"] or not report["gap"]:
        sys.exit("check-schedule: no difference was found where there must be some: nothing was compared")
    if report["wrong"]:
        sys.exit("\n".join(report["wrong"][:40]))


if __name__ == "__main__":
    main()

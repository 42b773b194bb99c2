"""Measures the built program beside references. Called by scripts/bench: bench.py FOLDER_OF_PROGRAMS [NAME ...]"""

import json
import os
import re
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

BUILT = sys.argv[1]
WANTED = sys.argv[2:]
BURSAR = os.path.join(BUILT, "bursar")


def seconds(command, repeats=15, **more):
    """The median wall time of a command, after one run to warm up."""
    times = []
    for attempt in range(repeats + 1):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, **more)
        if attempt > 0:
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def row(what, value, reference, ratio, goal):
    print(f"{what:<46} {value:>16} {reference:>30} {ratio:>9} {goal:>9}", flush=True)


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


class Sandbox:
    """A simulated bank in a process of its own."""

    def __init__(self, folder):
        self.process = subprocess.Popen([BURSAR, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.credentials = dict(pair.split("=", 1) for pair in self.process.stdout.readline().split())
        self.environment = {**os.environ, **self.credentials}
        self.folder = folder
        write(folder, "bursar.yaml", f"default_environment: bank\nenvironments:\n  bank:\n    base_url: {self.url}\n")

    def run(self, *arguments, **more):
        return subprocess.run([BURSAR, "run", *arguments], cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True, **more)

    def token(self):
        body = {"clientId": self.credentials["CONOMY_CLIENT_ID"], "clientSecret": self.credentials["CONOMY_CLIENT_SECRET"]}
        request = urllib.request.Request(
            self.url + "/auth", data=json.dumps(body).encode(),
            headers={"x-api-key": self.credentials["CONOMY_API_KEY"], "Content-Type": "application/json", "User-Agent": "bench/1.0"})
        return json.load(urllib.request.urlopen(request))["accessToken"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


TOPUP = """
local page = conomy.accounts.list({ currency = "CLP", limit = 1 })
local account = page.pagination.results[1]
local payment = conomy.payments.create {
  type = "TOPUP_ACCOUNT", product = "CLP:CLP", purchaseAmount = "1000000000", purchaseCurrency = "CLP", currency = "CLP",
  identityId = account.identityId, accountNumber = account.accountNumber, origins = { { type = "FINTOC", currency = "CLP" } },
  destinations = { { type = "ACCOUNT", currency = "CLP", account = { accountNumber = account.accountNumber } } } }
conomy.payments.capture(payment.id)
conomy.payments.simulate_received { id = payment.id }
emit(await(payment, "SETTLED").id)
"""


def start_up(folder):
    python = seconds(["python3", "-c", ""])
    version = seconds([BURSAR, "--version"])
    row("bursar --version", f"{version * 1000:.1f} ms", f"python3 -c '' {python * 1000:.1f} ms", f"{version / python:.2f}x", "<= 0.3x")
    script = write(folder, "hello.lua", "emit(1)\n")

    def first_line():
        times = []
        for attempt in range(16):
            start = time.perf_counter()
            process = subprocess.Popen([BURSAR, "run", script, "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            process.stdout.readline()
            if attempt > 0:
                times.append(time.perf_counter() - start)
            process.wait()
        return statistics.median(times)

    hello = first_line()
    row("bursar run, to the first Lua line", f"{hello * 1000:.1f} ms", f"python3 -c '' {python * 1000:.1f} ms", f"{hello / python:.2f}x", "<= 0.6x")


def worker_start(folder):
    """From the start of a worker to the end of a script that does nothing, spoken to as the host speaks (ScriptWire)."""
    def frame(body):
        return struct.pack("<I", len(body)) + body

    def read(pipe):
        return pipe.read(struct.unpack("<I", pipe.read(4))[0])

    start = json.dumps({"script": "return 1", "name": "nothing.lua", "args": {}, "operations": [], "lists": []}).encode()
    confine = frame(struct.pack("<BQQQQI", 64, 64 << 20, 60_000, 0, 1 << 30, 100))
    times = []
    for attempt in range(101):
        began = time.perf_counter()
        process = subprocess.Popen([os.path.join(BUILT, "bursar-worker")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={})
        process.stdin.write(confine)
        process.stdin.flush()
        assert read(process.stdout)[0] == 7, "the worker did not confine itself"
        process.stdin.write(frame(struct.pack("<BI", 66, len(start)) + start))
        process.stdin.flush()
        assert read(process.stdout)[0] == 4, "the script did not finish"
        process.wait()
        times.append(time.perf_counter() - began)
    worker = statistics.median(times[1:])
    lua = seconds(["lua5.4", "-e", "return 1"], repeats=100)
    row("a worker, from start to the script's end", f"{worker * 1000:.1f} ms", f"lua5.4 -e '' {lua * 1000:.1f} ms", f"{worker / lua:.2f}x", "~ 2.5x")


def round_trips(folder):
    """Requests through the worker that the host answers itself; start-up is taken out by a difference."""
    loop = "local n = {count} local list = {{}} for i = 1, {width} do list[i] = function() for j = 1, n // {width} do now() end end end parallel(list)\n"
    for width in (1, 64, 1000):
        few, many = 2000, 2000 + (40000 if width == 1 else 200000)
        small = write(folder, "few.lua", loop.format(count=few, width=width))
        large = write(folder, "many.lua", loop.format(count=many, width=width))
        cost = seconds([BURSAR, "run", large, "--quiet"], repeats=3) - seconds([BURSAR, "run", small, "--quiet"], repeats=3)
        lua = write(
            folder, "coroutines.lua",
            f"local list = {{}} for i = 1, {width} do list[i] = coroutine.wrap(function() while true do coroutine.yield(i) end end) end"
            f" for j = 1, {many} do list[j % {width} + 1]() end\n")
        plain = seconds(["lua5.4", lua], repeats=3)
        rate, plain_rate = (many - few) / cost, many / plain
        row(f"round trips/s through the worker, {width} coroutines", f"{rate:,.0f}/s", f"Lua alone {plain_rate:,.0f}/s", f"{rate / plain_rate:.3f}x", "stated")


def values(folder):
    """A table of 30 fields to JSON and back, beside lua-cjson; start-up is taken out by a difference."""
    loop = """
local row = {{}}
for i = 1, 10 do row["text" .. i], row["whole" .. i], row["flag" .. i] = "the value of field " .. i, i * 1000003, i % 2 == 0 end
local encode, decode = {encode}, {decode}
for i = 1, {count} do row = decode(encode(row)) end
"""
    def cost(command, name, **functions):
        few = write(folder, "few-" + name, loop.format(count=1000, **functions))
        many = write(folder, "many-" + name, loop.format(count=101_000, **functions))
        return seconds(command + [many], repeats=5) - seconds(command + [few], repeats=5)

    ours = cost([BURSAR, "run", "--quiet"], "ours.lua", encode="json.encode", decode="json.decode")
    theirs = cost(["lua5.4"], "cjson.lua", encode='require("cjson").encode', decode='require("cjson").decode')
    row("30 fields to JSON and back", f"{ours * 10:.1f} us", f"lua-cjson {theirs * 10:.1f} us", f"{ours / theirs:.2f}x", "<= 0.7x")


def bulk(folder):
    """Reads in bulk beside wrk on the same server and the same number of connections."""
    bank = Sandbox(folder)
    try:
        payment = json.loads(bank.run(write(folder, "topup.lua", TOPUP), "--quiet").stdout)
        headers = ["-H", f"Authorization: Bearer {bank.token()}", "-H", f"x-api-key: {bank.credentials['CONOMY_API_KEY']}", "-H", "User-Agent: bench/1.0"]
        script = write(
            folder, "bulk.lua",
            f'local function n() local i = 0 return function() i = i + 1 if i <= tonumber(args.count) then return {{ id = "r" .. i }} end end end\n'
            f'for_each(n(), {{ key = "id", parallel = tonumber(args.parallel) }}, function() conomy.payments.get("{payment}") end)\n')
        for width in (1, 16, 64):
            output = subprocess.run(["wrk", "-t1", f"-c{width}", "-d4s", *headers, f"{bank.url}/payments/{payment}"], capture_output=True, text=True, check=True).stdout
            reference = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
            few, many = 500, 5000 if width == 1 else 30000
            times = {}
            for count in (few, many):
                start = time.perf_counter()
                bank.run(script, f"count={count}", f"parallel={width}", "--quiet")
                times[count] = time.perf_counter() - start
            rate = (many - few) / (times[many] - times[few])
            row(f"bulk calls/s, {width} in flight", f"{rate:,.0f}/s", f"wrk -c{width} {reference:,.0f}/s", f"{rate / reference:.2f}x", ">= 0.40x" if width == 64 else "stated")
    finally:
        bank.stop()


def peak_memory(command, **more):
    """The highest resident memory of a program and of its worker, in MB, with the time it took."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    peaks = {}

    def watch():
        while process.poll() is None:
            for entry in filter(str.isdigit, os.listdir("/proc")):
                try:
                    status = open(f"/proc/{entry}/status", encoding="utf-8").read()
                except OSError:
                    continue
                parent = re.search(r"PPid:\s+(\d+)", status)
                peak = re.search(r"VmHWM:\s+(\d+)", status)
                if peak and (int(entry) == process.pid or (parent and int(parent[1]) == process.pid)):
                    name = "host" if int(entry) == process.pid else "worker"
                    peaks[name] = max(peaks.get(name, 0), int(peak[1]) / 1024)
            time.sleep(0.05)

    thread = threading.Thread(target=watch)
    start = time.perf_counter()
    thread.start()
    code = process.wait()
    took = time.perf_counter() - start
    thread.join()
    assert code == 0, f"exit code {code}"
    return peaks, took


def memory(folder):
    """A CSV with typed columns and a key, each row a refund that a rehearsal checks, and a result file."""
    bank = Sandbox(folder)
    try:
        payment = json.loads(bank.run(write(folder, "topup.lua", TOPUP), "--quiet").stdout)
        script = write(
            folder, "rows.lua",
            'job { args = { input = "file" }, effects = { "payments.refund" } }\n'
            'for_each(csv(args.input, { key = "id", amount = "money(currency)" }), { parallel = 64 }, function(row)\n'
            '  local refund = conomy.payments.refund(row.payment, { amount = row.amount })\n  return { refund = refund.refundId }\nend)\n')
        first = None
        for count in (10_000, 1_000_000):
            path = os.path.join(folder, f"rows-{count}.csv")
            with open(path, "w", encoding="utf-8") as file:
                file.write("id,payment,amount,currency\n")
                file.writelines(f"row-{number:08d},{payment},1,CLP\n" for number in range(count))
            peaks, took = peak_memory(
                [BURSAR, "run", script, f"input={path}", "--dry-run", "--quiet", "--results", os.path.join(folder, f"out-{count}.csv")],
                cwd=folder, env=bank.environment)
            total = sum(peaks.values())
            first = first or total
            row(
                f"memory, {count:,} rows ({count / took:,.0f} rows/s)", f"{total:.0f} MB", f"host {peaks['host']:.0f}, worker {peaks.get('worker', 0):.0f} MB",
                f"{total / first:.2f}x", "<= 1.2x")
    finally:
        bank.stop()


BENCHMARKS = {"start-up": start_up, "worker": worker_start, "round-trips": round_trips, "values": values, "bulk": bulk, "memory": memory}

if __name__ == "__main__":
    unknown = [name for name in WANTED if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"bench: there is no {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    row("what", "measured", "reference", "ratio", "reach")
    for name, benchmark in BENCHMARKS.items():
        if not WANTED or name in WANTED:
            with tempfile.TemporaryDirectory() as temporary:
                benchmark(temporary)

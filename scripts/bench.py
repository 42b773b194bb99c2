"""Measures the built program beside references. Called by scripts/bench: bench.py FOLDER_OF_PROGRAMS [NAME ...]"""

import json
import os
import re
import signal
import socket
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

    def __init__(self, folder, *arguments):
        self.process = subprocess.Popen([BURSAR, "sandbox", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True)
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

    def headers(self):
        return {"Authorization": f"Bearer {self.token()}", "x-api-key": self.credentials["CONOMY_API_KEY"], "User-Agent": "bench/1.0"}

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


def journal(folder):
    """Writes in bulk with the journal on, beside the same with it off; and the whole job, which with the journal reads its effects back at its end."""
    bank = Sandbox(folder)
    try:
        script = write(
            folder, "creates.lua",
            'local account = conomy.accounts.each({ currency = "CLP" })()\n'
            'local function n() local i = 0 return function() i = i + 1 if i <= tonumber(args.count) then return { id = args.run .. "-" .. i } end end end\n'
            'emit("begun")\n'
            'for_each(n(), { key = "id", parallel = tonumber(args.parallel) }, function(row)\n'
            '  conomy.payments.create { type = "TOPUP_ACCOUNT", product = "CLP:CLP", purchaseAmount = money("1000", "CLP"), externalId = row.id,\n'
            '    origins = { { type = "FINTOC", currency = "CLP" } },\n'
            '    destinations = { { type = "ACCOUNT", currency = "CLP", account = { accountNumber = account.accountNumber } } } }\n'
            'end)\n'
            'emit("sent")\n')

        def times(*arguments):
            """Seconds from the first write to the last, and to the end of the run."""
            process = subprocess.Popen([BURSAR, "run", script, *arguments, "--quiet"], cwd=folder, env=bank.environment, stdout=subprocess.PIPE, text=True)
            marks = {json.loads(line): time.perf_counter() for line in process.stdout}
            assert process.wait() == 0
            return marks["sent"] - marks["begun"], time.perf_counter() - marks["begun"]

        modes = {"off": ["--no-journal"], "on": []}
        for width in (1, 16, 64):
            count = 2000 if width == 1 else 10000
            found = {mode: [] for mode in modes}
            # A machine has good moments and bad ones: the two take turns.
            for attempt in range(7):
                for mode, flags in modes.items():
                    found[mode].append(times(f"count={count}", f"parallel={width}", f"run=w{width}a{attempt}{mode}", *flags))
            for index, what in enumerate(("writes/s, journal on", "the same, read back at the end")):
                off, on = (count / statistics.median(pair[index] for pair in found[mode]) for mode in modes)
                goal = {16: ">= 0.55x", 64: ">= 0.80x"}.get(width, "stated") if index == 0 else "stated"
                row(f"{what}, {width} in flight", f"{on:,.0f}/s", f"journal off {off:,.0f}/s", f"{on / off:.2f}x", goal)
    finally:
        bank.stop()


def million_effects(folder):
    """A journal of a million effects: written, opened, its job taken up again, read whole."""
    output = subprocess.run([os.path.join(BUILT, "journal-bench"), "1000000", os.path.join(folder, "state")], check=True, capture_output=True, text=True).stdout
    figures = json.loads(output)
    for name, value in figures.items():
        row(f"a million effects: {name.replace('_', ' ')}", f"{value:,.3f}", "", "", "stated")


class StaticAnswer:
    """An nginx that answers every request with the same bytes."""

    def __init__(self, folder, body):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        text = body.replace("'", "\\'")
        config = write(folder, "nginx.conf", f"""
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  server {{ listen 127.0.0.1:{port}; default_type application/json; location / {{ return 200 '{text}'; }} }}
}}
""")
        environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
        self.process = subprocess.Popen(["nginx", "-p", folder, "-c", config], env=environment)
        self.url = f"http://127.0.0.1:{port}"
        for _ in range(100):
            try:
                urllib.request.urlopen(self.url).read()
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("nginx does not answer")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def wrk(url, width, headers=None, script=None):
    """Requests a second of wrk on one thread."""
    command = ["wrk", "-t1", f"-c{width}", "-d4s", *[word for pair in (headers or {}).items() for word in ("-H", ": ".join(pair))]]
    output = subprocess.run([*command, *(["-s", script] if script else []), url], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in output, output
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


CREATE = {
    "type": "TOPUP_ACCOUNT", "product": "CLP:CLP", "purchaseAmount": "1000", "purchaseCurrency": "CLP",
    "origins": [{"type": "FINTOC", "currency": "CLP", "fintoc": {}}],
    "destinations": [{"type": "ACCOUNT", "currency": "CLP", "account": {"accountNumber": "100000000000000000001"}}],
}


def simulator(folder):
    """The simulated bank in memory, and over HTTP beside an nginx that answers with the same bytes without a thought."""
    figures = json.loads(subprocess.run([os.path.join(BUILT, "simulator-bench")], capture_output=True, text=True, check=True).stdout)
    for name, rate in figures.items():
        row(f"simulator in memory, {name}", f"{rate:,}/s", "", "", "stated")
    bank = Sandbox(folder)
    try:
        headers = bank.headers()
        posted = urllib.request.Request(
            f"{bank.url}/payments", data=json.dumps(CREATE).encode(), headers={**headers, "Content-Type": "application/json"})
        body = urllib.request.urlopen(posted).read().decode()
        payment = json.loads(body)["id"]
        create = write(folder, "create.lua", f"wrk.method = 'POST'\nwrk.body = [[{json.dumps(CREATE)}]]\nwrk.headers['Content-Type'] = 'application/json'\n")
        static = StaticAnswer(folder, body)
        try:
            for width in (1, 64):
                reference = wrk(static.url, width)
                for name, rate in (
                    ("reads", wrk(f"{bank.url}/payments/{payment}", width, headers)),
                    ("creates", wrk(f"{bank.url}/payments", width, headers, create)),
                ):
                    row(f"simulator over HTTP, {name}, {width} connections", f"{rate:,.0f}/s", f"nginx static {reference:,.0f}/s", f"{rate / reference:.2f}x", "stated")
        finally:
            static.stop()
    finally:
        bank.stop()


def million_world(path, count):
    """A bank with many payments: eight accounts, five of a hundred payments refunds, three of a hundred failed."""
    identity = "000000000000000000000001"
    currencies = ["CLP", "ARS", "BRL", "COP", "MXN", "USD", "PEN", "EUR"]
    numbers = [f"10000000000000000000{index + 1}" for index in range(8)]
    start = 1_767_225_600
    with open(path, "w", encoding="utf-8") as file:
        accounts = [
            {"id": f"00000000000000000000010{index + 1}", "identityId": identity, "accountNumber": number, "currency": currency, "balance": "1000000000"}
            for index, (number, currency) in enumerate(zip(numbers, currencies))
        ]
        world = {"clock": "2027-01-01T00:00:00Z", "identities": [{"id": identity, "type": "ORGANIZATION", "name": "Shop"}], "accounts": accounts}
        file.write(json.dumps(world)[:-1] + ', "payments": [')
        for index in range(count):
            account = index % 8
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start + index * 30))
            state = "FAILED" if index % 100 < 3 else "SETTLED"
            # Every twentieth gives back some of the payment before the last eight, which was on the same account.
            is_refund = index % 20 == 19 and index > 100
            kind, more = ("REFUND", f', "parentPaymentId": "{index - 8:024x}"') if is_refund else ("TOPUP_ACCOUNT", "")
            origin = f'{{"type": "CARD", "currency": "{currencies[account]}", "card": {{"token": "t"}}}}'
            target = f'{{"type": "ACCOUNT", "currency": "{currencies[account]}", "account": {{"accountNumber": "{numbers[account]}"}}}}'
            origin, target = (target, origin) if is_refund else (origin, target)
            file.write(
                f'{"," if index else ""}\n{{"id": "{index:024x}", "type": "{kind}", "status": "{state}", "totalAmount": "{100 + (index - 8 * is_refund) % 9000}",'
                f' "currency": "{currencies[account]}", "createdAt": "{when}", "identityId": "{identity}", "accountNumber": "{numbers[account]}",'
                f' "origins": [{origin}], "destinations": [{target}]{more}}}')
        file.write("]}")


def million(folder):
    """A bank with a million payments: opened from a file, then read page by page."""
    count = 1_000_000
    path = os.path.join(folder, "world.json")
    million_world(path, count)
    size = os.path.getsize(path) / 1e6
    start = time.perf_counter()
    with open(path, "rb") as file:
        while file.read(1 << 20):
            pass
    reading = time.perf_counter() - start
    start = time.perf_counter()
    bank = Sandbox(folder, "--world", path)
    try:
        took = time.perf_counter() - start
        row(f"a world of {count:,} payments opens", f"{took:.1f} s", f"{size:.0f} MB to read {reading:.1f} s", f"{took / reading:.0f}x", "stated")
        status = open(f"/proc/{bank.process.pid}/status", encoding="utf-8").read()
        resident, peak = (int(re.search(name + r":\s+(\d+)", status)[1]) / 1024 for name in ("VmRSS", "VmHWM"))
        row("its memory", f"{resident:.0f} MB", f"while it opened {peak:.0f} MB", f"{resident * 1e6 / count:.0f} B/p", "stated")
        headers = bank.headers()
        account = "accountNumber=100000000000000000003"

        def median(query):
            request = urllib.request.Request(bank.url + query, headers=headers)
            times = []
            for attempt in range(8):
                begun = time.perf_counter()
                answer = json.load(urllib.request.urlopen(request))
                if attempt > 0:
                    times.append(time.perf_counter() - begun)
            return statistics.median(times), answer

        single, _ = median("/payments/000000000000000000000007")
        for name, query in (
            ("first page", "/payments?limit=50"), ("page at offset 900,000", "/payments?limit=50&offset=900000"),
            ("oldest first", "/payments?limit=50&sort=createdAt:asc"), ("of one account", f"/payments?limit=50&{account}"),
            ("of one account, offset 100,000", f"/payments?limit=50&offset=100000&{account}"),
            ("of one status", "/payments?limit=50&status=FAILED"), ("of one account and status", f"/payments?limit=50&status=FAILED&{account}"),
            ("of one day", "/payments?limit=50&startDate=05/06/2026&endDate=05/06/2026"),
            ("sorted by amount", "/payments?limit=50&sort=totalAmount:desc"), ("of refunds", "/refunds?limit=50"),
            ("of refunds of one payment", f"/refunds?parentPaymentId={119 - 8:024x}"),
        ):
            taken, answer = median(query)
            total = answer["pagination"]["total"]
            assert total > 0, query
            row(f"a page {name}", f"{taken * 1000:.2f} ms", f"one payment {single * 1000:.2f} ms", f"{taken / single:.1f}x", "stated")
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


MEMORY_HEAD = 'job { args = { input = "file" }, effects = { "payments.refund" } }\n'
MEMORY_LOOP = 'for_each(csv(args.input, { key = "id", amount = "money(currency)" }), { parallel = 64 }, function(row)\n'


def rehearse(bank, folder, script, count, payment):
    """The peak memory of a rehearsal over a file of so many rows, and its rows a second. `payment` gives the payment of a row."""
    path = os.path.join(folder, f"rows-{count}.csv")
    if not os.path.exists(path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("id,payment,amount,currency\n")
            file.writelines(f"row-{number:08d},{payment(number)},1,CLP\n" for number in range(count))
    results = os.path.join(folder, f"{os.path.basename(script)}-{count}.csv")
    peaks, took = peak_memory(
        [BURSAR, "run", script, f"input={path}", "--dry-run", "--quiet", "--results", results], cwd=folder, env=bank.environment)
    return sum(peaks.values()), f"host {peaks['host']:.0f}, worker {peaks.get('worker', 0):.0f} MB", count / took


def memory(folder):
    """A CSV with typed columns and a key, read to its end with a result file."""
    bank = Sandbox(folder)
    try:
        reading = write(folder, "rows.lua", MEMORY_HEAD + MEMORY_LOOP + '  return { twice = (row.amount * 2).amount }\nend)\n')
        first = None
        for count in (10_000, 1_000_000, 5_000_000):
            total, parts, rate = rehearse(bank, folder, reading, count, lambda number: f"{number:024x}")
            first = first or total
            row(f"memory, {count:,} rows ({rate:,.0f} rows/s)", f"{total:.0f} MB", parts, f"{total / first:.2f}x", "<= 1.2x")
    finally:
        bank.stop()


def refundable_world(path, count):
    """A bank with so many payments, all of them settled on one account."""
    identity, number = "000000000000000000000001", "100000000000000000001"
    account = {"id": "000000000000000000000101", "identityId": identity, "accountNumber": number, "currency": "CLP", "balance": "1000000000000"}
    world = {"clock": "2027-01-01T00:00:00Z", "identities": [{"id": identity, "type": "ORGANIZATION", "name": "Shop"}], "accounts": [account]}
    with open(path, "w", encoding="utf-8") as file:
        file.write(json.dumps(world)[:-1] + ', "payments": [')
        file.writelines(
            f'{"," if index else ""}\n{{"id": "{index + 4096:024x}", "type": "TOPUP_ACCOUNT", "status": "SETTLED", "totalAmount": "900000000", "currency": "CLP",'
            f' "createdAt": "2026-06-01T00:00:00Z", "identityId": "{identity}", "accountNumber": "{number}", "origins": [{{"type": "FINTOC", "currency": "CLP"}}],'
            f' "destinations": [{{"type": "ACCOUNT", "currency": "CLP", "account": {{"accountNumber": "{number}"}}}}]}}'
            for index in range(count))
        file.write("]}")


def rehearsal(folder):
    """What a rehearsal keeps of refunds: each of a payment of its own, and all of one payment."""
    counts = [int(text) for text in os.environ.get("BENCH_ROWS", "10000 100000 1000000").split()]
    world = os.path.join(folder, "world.json")
    refundable_world(world, max(counts))
    bank = Sandbox(folder, "--world", world)
    try:
        lines = '  local refund = conomy.payments.refund(row.payment, { amount = row.amount })\n  return { refund = refund.refundId }\nend)\n'
        own = write(folder, "refunds.lua", MEMORY_HEAD + MEMORY_LOOP + lines)
        first = None
        for count in counts:
            total, parts, rate = rehearse(bank, folder, own, count, lambda number: f"{number + 4096:024x}")
            first = first or total
            row(f"rehearsal, {count:,} payments refunded ({rate:,.0f} rows/s)", f"{total:.0f} MB", parts, f"{total / first:.2f}x", "stated")
            os.remove(os.path.join(folder, f"rows-{count}.csv"))
        less, _, _ = rehearse(bank, folder, own, 9_000, lambda number: f"{4096:024x}")
        more, _, rate = rehearse(bank, folder, own, 99_000, lambda number: f"{4096:024x}")
        row(f"rehearsal, 99,000 refunds of one payment ({rate:,.0f} rows/s)", f"{more:.0f} MB", f"{(more - less) * 1e6 / 90_000:,.0f} bytes each", "", "stated")
    finally:
        bank.stop()


BENCHMARKS = {"start-up": start_up, "worker": worker_start, "round-trips": round_trips, "values": values, "bulk": bulk, "journal": journal, "million-effects": million_effects, "simulator": simulator, "million": million, "memory": memory, "rehearsal": rehearsal}

if __name__ == "__main__":
    unknown = [name for name in WANTED if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"bench: there is no {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    row("what", "measured", "reference", "ratio", "reach")
    for name, benchmark in BENCHMARKS.items():
        if not WANTED or name in WANTED:
            with tempfile.TemporaryDirectory() as temporary:
                benchmark(temporary)

"""The jobs that are tortured: a world and a list for each, and what the bank must look like in the end."""

import csv
import io
import os
from decimal import Decimal

import journal
from harness import ROOT, require

IDENTITY = "65b0a1000000000000000001"
EXPONENTS = {"ARS": 2, "BRL": 2, "CLP": 0, "COP": 2, "MXN": 2, "USD": 2}
PAY_IN = {"ARS": "CVU", "BRL": "PIX", "CLP": "FINTOC", "COP": "PSE", "MXN": "SPEI", "USD": "ACH"}
OPENING = Decimal(900_000_000)


def text(amount, currency):
    return f"{amount:.{EXPONENTS[currency]}f}"


def account_number(currency):
    return "2000000000000000000" + f"{sorted(EXPONENTS).index(currency):02}"


def add(sums, currency, amount):
    sums[currency] = sums.get(currency, Decimal(0)) + Decimal(amount)


class Row:
    """One line of the list. `wanted` is false where the bank must decline."""

    def __init__(self, key, amount, currency, wanted, **more):
        self.key = key
        self.amount = amount
        self.currency = currency
        self.wanted = wanted
        self.__dict__.update(more)


class Job:
    """What the three have in common."""

    columns = ()
    # Operations that write, in the order in which a row makes them.
    operations = ()

    def __init__(self, rows):
        self.rows = rows

    @property
    def wanted(self):
        return [row for row in self.rows if row.wanted]

    @property
    def unwanted(self):
        return [row for row in self.rows if not row.wanted]

    def csv(self):
        sheet = io.StringIO()
        writer = csv.writer(sheet, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(self.line(row) for row in self.rows)
        return sheet.getvalue()

    def is_done(self, run):
        """True when nothing is left to do: all succeeded but what the bank declines."""
        report = run.report
        rows = report.get("rows") or {}
        if run.code == 0:
            return True
        # A row that could not be sent, because its calls were lost as often as a run tries, is not done.
        if any(tally["state"] == "unsent" for tally in report.get("effects", {}).get("by_operation", [])):
            return False
        return (
            run.code == 6 and not report.get("failure") and rows.get("succeeded") == len(self.wanted)
            and rows.get("failed") == len(self.unwanted) > 0)

    def opening(self):
        return {
            "identities": [{
                "id": IDENTITY, "type": "ORGANIZATION", "name": "Tienda Austral SpA", "email": "finanzas@austral.example",
                "phone": "+56911112222", "documentType": "RUT", "documentNumber": "76543210-3", "country": "CHL",
                "externalId": "austral", "status": "ACTIVE"}],
            "accounts": [{
                "id": f"65b0a10000000000000001{number:02}", "identityId": IDENTITY, "externalId": f"main-{currency.lower()}",
                "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": currency, "name": f"Main {currency}",
                "accountNumber": account_number(currency), "balance": text(OPENING, currency)}
                for number, currency in enumerate(sorted(EXPONENTS))],
        }

    def sums(self):
        sums = {}
        for row in self.wanted:
            add(sums, row.currency, row.amount)
        return sums

    def require_balances(self, world):
        sums = self.sums()
        for account in world["accounts"]:
            expected = OPENING - sums.get(account["currency"], Decimal(0))
            for member in ("balance", "availableFunds"):
                require(
                    "R1", Decimal(account[member]) == expected,
                    f"{member} of {account['currency']} is {account[member]}, and {expected} is right")

    def require_movements(self, ledger, expected):
        """- Parameter expected: amount and currency by the id of the payment that moves them."""
        found = {}
        for entry in ledger:
            found.setdefault(entry["paymentId"], []).append((Decimal(entry["amount"]), entry["currency"]))
        for payment, movement in expected.items():
            moved = found.pop(payment, [])
            require("R1", moved == [movement], f"payment {payment} moved {moved}, and {movement} is right")
        require("R1", not found, f"the ledger has movements nobody wanted: {found}")

    def require_report(self, run):
        """The last report and the journal say what the bank says."""
        report = run.report
        rows = report.get("rows") or {}
        if "done_before" not in report:
            numbers = {"succeeded": len(self.wanted), "failed": len(self.unwanted), "in_doubt": 0, "partly_done": 0, "not_run": 0}
            for name, number in numbers.items():
                require("R4", rows.get(name) == number, f"the report has {rows.get(name)} rows {name}, and {number} is right")
            for operation in self.operations:
                count, sums = 0, {}
                for tally in report["effects"]["by_operation"]:
                    if tally["operation"] == operation and tally["state"] == "settled":
                        count += tally["count"]
                        for currency, amount in tally["totals"].items():
                            add(sums, currency, amount)
                require("R4", count == len(self.wanted), f"the report has {count} {operation} settled, and {len(self.wanted)} is right")
                if operation in self.moving:
                    require("R4", sums == self.sums(), f"the report has {operation} of {sums}, and {self.sums()} is right")
            require("R4", report.get("in_doubt") == 0, f"the report has {report.get('in_doubt')} in doubt")
            read_back = report.get("read_back") or {}
            require("R4", not read_back.get("difference_count"), f"the report has differences: {read_back}")
        expected = 6 if self.unwanted else 0
        require("R4", run.code == expected, f"the exit code is {run.code}, and {expected} is right: {run.says()}")
        require("R4", report.get("ok") == (expected == 0), f"the report says ok {report.get('ok')} with the exit code {run.code}")

    def require_journal(self, scene, results):
        """- Parameter results: for each operation, the ids of what it made, by the row's key."""
        effects = journal.read(scene.state)
        for operation, made in results.items():
            settled = [effect for effect in effects if effect.operation == operation and effect.state == "settled"]
            keys = {}
            for effect in settled:
                keys.setdefault(effect.key.split("/")[1], []).append(effect)
            require(
                "R4", set(keys) == set(made) and all(len(found) == 1 for found in keys.values()),
                f"the journal has {operation} settled for {len(settled)} effects of {len(keys)} rows, and the bank for {len(made)}; "
                f"they differ in {sorted(set(keys) ^ set(made))[:5]}")
            for key, identifier in made.items():
                result = keys[key][0].result
                require("R4", result == identifier, f"the journal has {result} for {operation} of {key}, and the bank {identifier}")
            if operation in self.moving:
                require("R4", journal.totals(settled) == self.sums(), f"the journal has {journal.totals(settled)}, and {self.sums()} is right")
        still = [effect.key for effect in effects if effect.is_open]
        require("R4", not still, f"the journal has open effects at the end: {still[:5]}")
        self.require_shown(scene, effects)

    def require_shown(self, scene, effects):
        """`bursar show` says what the journal says, and there is nothing left to do."""
        shown = journal.shown(scene.program, scene.state, scene.environment)
        for effect in effects:
            others = shown.pop(effect.key, [])
            require("R4", others, f"bursar show lacks {effect.key}")
            for other in others:
                require("R4", effect.state == other["state"], f"{effect.key} is {effect.state} in the journal, and {other['state']} in bursar show")
                require("R4", effect.amount == other.get("amount"), f"{effect.key} is {effect.amount} in the journal, and {other.get('amount')} in bursar show")
                require("R4", effect.result == other.get("made"), f"{effect.key} made {effect.result}, and {other.get('made')} in bursar show")
        require("R4", not shown, f"bursar show has effects that the journal lacks: {list(shown)[:5]}")
        self.require_whole(scene)

    def require_whole(self, scene):
        """`bursar doubts` has nothing, and the journal is whole."""
        found = journal.doubts(scene.program, scene.state, scene.environment)
        require("R4", found == (0, set()), f"bursar doubts lists {found} at the end")
        verified = journal.verified(scene.program, scene.state, scene.environment)
        # Of a damage that did no harm, it may well be the only one to speak.
        require("R10", scene.is_damaged or verified[0] == 0 and verified[1].get("ok") is True, f"bursar journal verify says {verified} of a journal that nobody damaged")


class Refunds(Job):
    """One refund a row, most of them of a part: so a second one would be possible, and seen."""

    script = os.path.join(ROOT, "examples", "bulk-refunds", "refund.lua")
    columns = ("payment_id", "amount", "currency", "reason")
    operations = ("payments.refund",)
    moving = ("payments.refund",)
    # Reads by which an effect is looked for.
    probes = ("payments.refund_summary", "refunds.list")

    def __init__(self, random, count, declined=None):
        rows = []
        unwanted = set(random.sample(range(count), declined if declined is not None else max(1, count // 25)))
        for number in range(count):
            currency = random.choice(sorted(EXPONENTS))
            unit = Decimal(1).scaleb(-EXPONENTS[currency])
            # Distinct, so that a swapped amount shows.
            amount = (Decimal(1000 + number * 7) + random.randrange(100) * unit).quantize(unit)
            wanted = number not in unwanted
            paid = amount * random.choice((1, 3, 3, 4, 5)) if wanted else amount
            status = "SETTLED"
            if not wanted:
                if random.random() < 0.5:
                    amount += unit  # more than was paid
                else:
                    status = "CREATED"
            reason = random.choice(("", "order cancelled", "Producto dañado, \"sin caja\"", "退款"))
            rows.append(Row(f"65b0a2{number:018x}", amount, currency, wanted, paid=paid, status=status, reason=reason))
        super().__init__(rows)

    def line(self, row):
        return (row.key, text(row.amount, row.currency), row.currency, row.reason)

    def world(self):
        world = self.opening()
        world["payments"] = [{
            "id": row.key, "externalId": f"order-{number}", "identityId": IDENTITY, "accountNumber": account_number(row.currency),
            "type": "TOPUP_ACCOUNT", "product": f"{row.currency}:{row.currency}", "status": row.status,
            "totalAmount": text(row.paid, row.currency), "currency": row.currency,
            "origins": [{"type": PAY_IN[row.currency], "currency": row.currency}],
            "destinations": [{"type": "ACCOUNT", "currency": row.currency, "account": {"accountNumber": account_number(row.currency)}}],
            "createdAt": "2026-03-03T14:05:00Z", "updatedAt": "2026-03-03T14:05:00Z"} for number, row in enumerate(self.rows)]
        return world

    def made(self, world):
        """The refunds that the bank has, by payment."""
        made = {}
        for payment in world["payments"]:
            if payment["type"] == "REFUND":
                made.setdefault(payment["parentPaymentId"], []).append(payment)
        return made

    def doubles(self, bank):
        """Rows that the bank did more than once."""
        return {key: len(refunds) for key, refunds in self.made(bank.world()).items() if len(refunds) > 1}

    def require_bank(self, bank):
        """Each row is done once, with its amount, and nothing else.
        - Returns: the refunds that the bank has, by payment."""
        ledger, world = bank.ledger(), bank.world()
        made = self.made(world)
        movements = {}
        for row in self.rows:
            refunds = made.get(row.key, [])
            if row.wanted:
                require("R1", len(refunds) > 0, f"the refund of {row.key} is lost")
                require("R1", len(refunds) == 1, f"{row.key} was refunded {len(refunds)} times")
                amount = (Decimal(refunds[0]["totalAmount"]), refunds[0]["currency"])
                require("R1", amount == (row.amount, row.currency), f"{row.key} was refunded with {amount}, and {row.amount} {row.currency} was wanted")
                movements[refunds[0]["id"]] = amount
            else:
                require("R1", not refunds, f"{row.key}, which nobody may refund, was refunded")
        self.require_movements(ledger, movements)
        self.require_balances(world)
        return made

    def judge(self, scene, last):
        made = self.require_bank(scene.bank)
        self.require_report(last)
        self.require_journal(scene, {"payments.refund": {row.key: made[row.key][0]["id"] for row in self.wanted}})

    def unasked_resends(self, calls):
        """Writes that were sent again without a look for the one before."""
        found, last = [], {}
        for place, call in enumerate(calls):
            if call.get("operation") == "payments.refund":
                parent = call["target"].split("/")[-2]
                before = last.get(parent)
                if before is not None and before[1] not in (401, 429):
                    looks = [
                        other for other in calls[before[0] + 1:place] if other.get("operation") in self.probes and parent in other["target"]]
                    if not looks:
                        found.append(f"{parent} at call {call['sequence']}, after {before[1]} at call {calls[before[0]]['sequence']}")
                last[parent] = (place, call.get("status") if call.get("fault") in (None, "status", "expire_token") else None)
        return found

    def unrecorded(self, bank_writes, effects):
        """What the bank was asked and the journal knows nothing of."""
        known = {effect.object for effect in effects if effect.operation == "payments.refund"}
        return [call["target"] for call in bank_writes if call["target"].split("/")[-2] not in known]


class Payouts(Job):
    """A payment to a bank account a row: created, then captured. The API keeps nobody from creating it twice."""

    script = os.path.join(ROOT, "examples", "payouts", "payouts.lua")
    columns = ("payout_id", "country", "currency", "amount", "first_name", "last_name", "email", "document_type", "document", "bank", "account")
    operations = ("payments.create", "payments.capture")
    moving = ("payments.create",)
    places = {
        "BRA": ("BRL", "CPF", "39053344705", "", ""), "MEX": ("MXN", "CURP", "HEGL850101MDFRRC09", "40012", "012180001234567897"),
        "COL": ("COP", "CED_CIU", "1018456789", "1007", "00123456789"), "CHL": ("CLP", "RUT", "12345678-5", "BANCO_ESTADO", "00112233445"),
        "ARG": ("ARS", "CUIL", "20-12345678-6", "BANCO_NACION", "0110599520000001234567")}

    def __init__(self, random, count, declined=None):
        rows = []
        unwanted = set(random.sample(range(count), declined if declined is not None else max(1, count // 25)))
        for number in range(count):
            country = random.choice(sorted(self.places))
            currency = self.places[country][0]
            unit = Decimal(1).scaleb(-EXPONENTS[currency])
            # Few different amounts: so payouts are alike but for their reference.
            amount = Decimal(500 + number % 5).quantize(unit)
            wanted = number not in unwanted
            if not wanted:
                amount = OPENING * 2
            rows.append(Row(f"po-{number:05}", amount, currency, wanted, country=country))
        super().__init__(rows)

    def line(self, row):
        _, kind, document, bank, account = self.places[row.country]
        return (
            row.key, row.country, row.currency, text(row.amount, row.currency), "João", "Gonçalves", "joao@seller.example", kind, document,
            bank, account)

    def world(self):
        return self.opening()

    def made(self, world):
        made = {}
        for payment in world.get("payments", []):
            made.setdefault(payment.get("externalId"), []).append(payment)
        return made

    def doubles(self, bank):
        return {key: len(payments) for key, payments in self.made(bank.world()).items() if len(payments) > 1}

    def judge(self, scene, last):
        ledger, world = scene.bank.ledger(), scene.bank.world()
        made = self.made(world)
        movements = {}
        for row in self.rows:
            payments = made.pop(row.key, [])
            if row.wanted:
                require("R1", len(payments) > 0, f"the payout {row.key} is lost")
                require("R1", len(payments) == 1, f"{row.key} was paid out {len(payments)} times")
                payment = payments[0]
                amount = (Decimal(payment["totalAmount"]), payment["currency"])
                require("R1", amount == (row.amount, row.currency), f"{row.key} was paid out with {amount}, and {row.amount} {row.currency} was wanted")
                require("R1", payment["status"] not in ("CREATED", "FAILED", "EXPIRED"), f"{row.key} is {payment['status']}")
                movements[payment["id"]] = amount
            else:
                require("R1", not payments, f"{row.key}, which cannot be paid out, was")
        require("R1", not made, f"the bank has payments nobody wanted: {list(made)[:5]}")
        # What was captured has left the accounts, and stands in the ledger once the other bank has it.
        self.require_balances(world)
        if ledger:
            self.require_movements(ledger, movements)
        self.require_report(last)
        first = {payment["externalId"]: payment["id"] for payment in world["payments"]}
        ids = {row.key: first[row.key] for row in self.wanted}
        self.require_journal(scene, {"payments.create": ids, "payments.capture": ids})

    def looks(self, write, read):
        """True when a read looks for what a write did."""
        return read.target.startswith("/payments" if write.target == "/payments" else "/".join(write.target.split("/")[:3]))

    def unrecorded(self, bank_writes, effects):
        creates = sum(1 for call in bank_writes if call.get("operation") == "payments.create")
        known = [effect for effect in effects if effect.operation == "payments.create"]
        captured = {effect.object for effect in effects if effect.operation == "payments.capture"}
        found = [call["target"] for call in bank_writes if call.get("operation") == "payments.capture" and call["target"].split("/")[-2] not in captured]
        sendings = sum(1 + sum(attempt["outcome"] == "begun" for attempt in effect.attempts) for effect in known)
        if creates > sendings:
            found.append(f"{creates} payments.create, and the journal has {sendings}")
        return found


class Sessions(Job):
    """A payment link and a checkout session a row. No money moves; a link or a session too many is a customer who pays twice."""

    script = os.path.join(ROOT, "examples", "checkout-sessions", "invoices.lua")
    columns = ("invoice", "customer", "email", "net", "tax", "currency", "about")
    operations = ("payment_links.create", "payment_links.open_session")
    moving = ()

    def __init__(self, random, count, declined=0):
        rows = []
        for number in range(count):
            currency = random.choice(("BRL", "CLP", "MXN"))
            net = Decimal(1000 + number)
            rows.append(Row(f"F-{number:05}", net, currency, True))
        super().__init__(rows)

    def line(self, row):
        return (row.key, "Camila", "camila@buyer.example", text(row.amount, row.currency), text(Decimal(100), row.currency), row.currency, "Oak table")

    def world(self):
        return self.opening()

    def made(self, world):
        links, sessions = {}, {}
        for link in world.get("paymentLinks", []):
            links.setdefault(link["checkoutToken"], []).append(link)
        for session in world.get("checkoutSessions", []):
            token = session.get("checkoutToken") or (session.get("paymentLink") or {}).get("checkoutToken")
            sessions.setdefault(token, []).append(session)
        return links, sessions

    def doubles(self, bank):
        links, sessions = self.made(bank.world())
        return {key: len(found) for part in (links, sessions) for key, found in part.items() if len(found) > 1}

    def judge(self, scene, last):
        world = scene.bank.world()
        links, sessions = self.made(world)
        for row in self.rows:
            for what, found in (("link", links.get(row.key, [])), ("session", sessions.get(row.key, []))):
                require("R1", len(found) > 0, f"the {what} of {row.key} is lost")
                require("R1", len(found) == 1, f"{row.key} has {len(found)} {what}s")
        require("R1", len(links) == len(sessions) == len(self.rows), f"the bank has {len(links)} links and {len(sessions)} sessions")
        self.require_report(last)
        self.require_journal(scene, {
            "payment_links.create": {row.key: links[row.key][0]["id"] for row in self.rows},
            "payment_links.open_session": {row.key: sessions[row.key][0]["id"] for row in self.rows}})

    def looks(self, write, read):
        """True when a read looks for what a write did."""
        return read.target.startswith("/payment-links" if write.target == "/payment-links" else "/checkout-sessions")

    def unrecorded(self, bank_writes, effects):
        found = []
        for operation in self.operations:
            sent = sum(1 for call in bank_writes if call.get("operation") == operation)
            known = [effect for effect in effects if effect.operation == operation]
            sendings = sum(1 + sum(attempt["outcome"] == "begun" for attempt in effect.attempts) for effect in known)
            if sent > sendings:
                found.append(f"{sent} {operation}, and the journal has {sendings}")
        return found

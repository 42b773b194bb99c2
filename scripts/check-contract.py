"""Walks through every operation of the contract over HTTP and validates every answer; then lets schemathesis attack the same
server with requests made from the contract. Started by scripts/check-contract; --help says what can be asked for.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

CONTRACT = "Sources/ConomyAPI/Contract/openapi.yaml"
CREDENTIALS = {"clientId": "local-client", "clientSecret": "local-secret"}
# Random requests an operation; with the rest of the phases about two minutes on two cores.
EXAMPLES = 15
TENANT = CREDENTIALS["clientId"]
IDENTITY = "000000000000000000000001"
NUMBER = {code: f"10000000000000000000{i + 1}" for i, code in enumerate("CLP ARS BRL COP MXN USD PEN EUR".split())}


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            # Dates stay text, as they are on the wire.
            loader = type("Loader", (yaml.SafeLoader,), {})
            loader.yaml_implicit_resolvers = {
                key: [entry for entry in entries if entry[0] != "tag:yaml.org,2002:timestamp"]
                for key, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
            }
            self.document = yaml.load(file, loader)
        self.registry = Registry().with_resource("urn:contract", Resource(self.document, DRAFT202012))
        self.operations = {}
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method in ("get", "post", "patch", "delete"):
                    self.operations[operation["operationId"]] = (method, path, operation)

    def problems(self, operation_id, status, body):
        method, path, operation = self.operations[operation_id]
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"{status} is not documented"]
        place = f"#/paths/{escaped(path)}/{method}/responses/{status}"
        if "$ref" in response:
            place = response["$ref"]
            response = self.document["components"]["responses"][place.rsplit("/", 1)[1]]
        if "content" not in response:
            return [] if body is None else ["a body where none is documented"]
        schema = {"$ref": f"urn:contract{place}/content/application~1json/schema"}
        validator = OAS31Validator(schema, registry=self.registry, format_checker=oas31_format_checker)
        return [f"{error.json_path}: {error.message[:160]}" for error in validator.iter_errors(body)]


def escaped(path):
    return urllib.parse.quote(path.replace("~", "~0").replace("/", "~1"))


class Walk:
    """Performs operations, validates their answers, and keeps the table."""

    def __init__(self, base, contract):
        self.base, self.contract = base, contract
        self.token = None
        self.rows = []
        # By operation, the requests that succeeded.
        self.successes = {}

    def send(self, method, path, body=None):
        headers = {"x-api-key": "local-key", "User-Agent": "check-contract/1.0", "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method.upper())
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        return status, json.loads(text) if text else None

    def __call__(self, operation_id, *path, expect=None, query=None, body=None):
        method, template, operation = self.contract.operations[operation_id]
        names = re.findall(r"\{([^}]*)\}", template)
        for value in path:
            template = re.sub(r"\{[^}]*\}", urllib.parse.quote(value, safe=""), template, count=1)
        if query:
            template += "?" + urllib.parse.urlencode(query)
        status, answer = self.send(method, template, body)
        problems = self.contract.problems(operation_id, status, answer)
        expect = expect or min(int(code) for code in operation["responses"] if code.isdigit())
        if status != expect:
            problems.append(f"expected {expect}: {json.dumps(answer)[:200]}")
        self.rows.append((operation_id, status, problems))
        if status < 300:
            success = {"path": dict(zip(names, path)), "query": {k: str(v) for k, v in (query or {}).items()}, "body": body}
            self.successes.setdefault(operation_id, []).append(success)
        return answer or {}

    def control(self, path, body):
        status, answer = self.send("post", "/_sim/" + path, body)
        assert status == 200, answer
        return answer


    def report(self):
        """Prints the table; True when every operation was performed and every answer fits."""
        for operation_id, status, problems in self.rows:
            print(f"{operation_id:32} {status}  {'ok' if not problems else 'FAILED ' + '; '.join(problems)}")
        silent = sorted(set(self.contract.operations) - {row[0] for row in self.rows})
        for operation_id in silent:
            print(f"{operation_id:32} ---  FAILED not performed")
        failed = sum(1 for row in self.rows if row[2]) + len(silent)
        print(f"{len(self.rows) + len(silent) - failed} passed, {failed} failed", flush=True)
        return failed == 0


def account(currency, **more):
    return {"type": "ACCOUNT", "currency": currency, "account": {"accountNumber": NUMBER[currency]}, **more}


def topup(**more):
    return {
        "type": "TOPUP_ACCOUNT", "product": "ARS:ARS", "purchaseAmount": "100.00", "purchaseCurrency": "ARS", "externalId": "order-1",
        "origins": [{"type": "CVU", "currency": "ARS", "cvu": {}}], "destinations": [account("ARS")], **more,
    }


def walk_through(do):
    do.token = do("authenticate", body=CREDENTIALS)["accessToken"]

    person = {
        "name": "Ana", "lastname": "Diaz", "email": "ana@example.com", "phone": "+5491155550000", "documentNumber": "30111222",
        "documentType": "DNI", "idv": "none", "country": "ARG",
    }
    child = do("createIdentity", body=person)["id"]
    do("createIdentity", body=person, expect=409)
    do("createIdentity", body={"name": "x"}, expect=400)
    do("getIdentity", child)
    do("getIdentity", "nobody", expect=404)
    do("listIdentities", query={"type": "USER"})
    do("updateIdentity", child, body={"nickname": "ani"})
    do("addIdentityChildren", IDENTITY, body={"children": [child]})
    do("removeIdentityChildren", IDENTITY, body={"children": [child]})
    do("addIdentityPermissions", child, body=[{"resource": "IDENTITY", "reference": IDENTITY, "permissions": ["admin"]}])
    do("listIdentityPermissions", child)
    do("removeIdentityPermission", child, IDENTITY)
    ruled = do("addIdentityFeeRule", child, body={"type": "PERCENTAGE", "transactionType": "PURCHASE", "amount": "1.50"})
    do("removeIdentityFeeRule", child, ruled["rules"][0]["id"])
    do("deleteIdentity", child)
    # The flag of these is off in the simulator; the documents answer that with 404.
    do("getOrganizationBrand", IDENTITY, expect=404)
    do("updateOrganizationBrand", IDENTITY, body={"displayName": "x"}, expect=404)
    do("deleteOrganizationBrand", IDENTITY, expect=404)

    made = do("createAccount", body={"identityId": IDENTITY, "type": "CHECKING", "custody": "BANK_ACCOUNT", "currency": "GBP", "name": "Pounds"})
    do("listAccounts", query={"limit": 3})
    do("updateAccount", made["id"], body={"name": "Quid"})
    do("getAccount", made["id"])
    do("deleteAccount", made["id"])

    customer = do("createCustomer", body={"firstName": "Ana", "documentNumber": "30111222"})["id"]
    do("listCustomers")
    do("updateCustomer", customer, body={"email": "ana@example.com"})
    do("attachCustomerDocument", customer, body={"type": "kyc", "url": "https://example.com/a"})
    do("getCustomer", customer)
    rule = do("createRule", body={"type": "FEE", "identityId": IDENTITY, "overwrites": False, "feeRule": {"feeType": "FIXED", "value": "1.00"}})["id"]
    do("listRules")
    do("getRule", rule)
    do("deleteRule", rule)

    do("listPaymentOrigins", query={"accountNumber": NUMBER["BRL"]})
    do("listPaymentDestinations", query={"accountNumber": NUMBER["EUR"]})
    do("getAvailableProducts", query={"identityId": IDENTITY, "currencies": "CLP,ARS"})
    do("listBanks", "CHL")
    do("listBanks", "XXX", expect=404)

    attempt = do("createPaymentAttempt", body=topup())["id"]
    do("getPaymentAttempt", attempt)
    do("listPaymentAttempts")

    payment = do("createPayment", body=topup())["id"]
    do("createPayment", body=topup(purchaseAmount="0"), expect=400)
    do("createPayment", body=topup(destinations=[{"type": "ACCOUNT", "currency": "ARS", "account": {"accountNumber": "1"}}]), expect=404)
    do("authorizePayment", payment)
    do("capturePayment", payment, body={})
    do("capturePayment", payment, expect=422)
    do("refundPayment", payment, body={"amount": "1.00"}, expect=422)
    do("simulatePaymentReceived", body={"id": payment})
    do("getPayment", payment)
    do("listPayments", query={"status": "SETTLED", "sort": "createdAt:desc", "limit": 5})
    do("listPayments", query={"startDate": "31/02/2026"}, expect=400)
    do("getPaymentCustomer", payment)

    do("refundPayment", payment, body={"amount": "10.00", "reason": "damaged"})
    do("refundPayment", payment, body={"amount": "90.01"}, expect=422)
    do("createPayment", body={"type": "REFUND", "parentPaymentId": payment, "totalAmount": "5.00", "currency": "ARS"})
    do("getPaymentRefundSummary", payment)
    do("getPaymentRefundSummaryPlural", payment)
    do("listRefunds", query={"parentPaymentId": payment})
    do("listRefundsLegacy")

    deposit = do.control("deposits", {"rail": "CVU", "amount": "80.00", "currency": "ARS", "originator": {"firstName": "Eva", "documentNumber": "4"}})
    do("getUnassignedBalance", query={"clientId": TENANT})
    do("listUnassignedPayments", query={"clientId": TENANT})
    do("assignPayment", deposit["paymentId"], body={"accountNumber": NUMBER["ARS"], "expectedAmount": "100.00"})
    do("getPaymentCustomer", deposit["paymentId"])

    watched = do("createPayment", body=topup())["id"]
    do("requestPaymentReview", watched, body={"reason": "odd"}, expect=202)
    do("requestPaymentReview", watched, expect=200)
    do("attachPaymentDocument", watched, body={"type": "invoice", "url": "https://example.com/i"})
    do("presignPaymentDocument", watched, body={"type": "invoice", "contentType": "image/png"})
    do("resolvePaymentReview", watched, body={"decision": "APPROVED"})
    do("markPaymentUnsettled", watched, body={"reason": "lost"}, expect=422)
    lost = do("createPayment", body=topup())["id"]
    do("capturePayment", lost)
    now = do.control("clock", {"advanceSeconds": 0})["now"]
    do("simulatePaymentReceived", body={"id": lost})
    # Before its time a received payment does not settle, so it can be caught on its way.
    do.control("clock", {"set": "2020-01-01T00:00:00Z"})
    do("markPaymentUnsettled", lost, body={"reason": "lost"})
    do.control("clock", {"set": now})
    do("reconcileTransactions", body={"transactions": []})
    do("deleteCustomer", customer)

    offer = {
        "checkoutToken": "spring", "currency": "CLP", "duration": 3600, "paymentMethodsAllowed": ["ETPAY"], "owner": {"identityId": IDENTITY},
        "items": [{"preTaxAmount": "1000", "totalAmount": "1000", "description": "Shoes"}], "destinations": [account("CLP", amount="1000")],
    }
    link = do("createPaymentLink", body=offer)["id"]
    do("listPaymentLinks", query={"status": "ACTIVE"})
    do("getPaymentLink", link)
    do("deletePaymentLink", link, expect=422)
    do.control("clock", {"advanceSeconds": 3600})
    do("createCheckoutSessionFromLink", "spring", expect=401)
    do.token = do("authenticate", body=CREDENTIALS)["accessToken"]
    do("activatePaymentLink", link)
    do("deleteCheckoutSession", do("createCheckoutSessionFromLink", "spring")["id"])
    session = do("createCheckoutSession", body={"checkoutToken": "spring"})["id"]
    do("refreshCheckoutSession", "spring")
    do("getCheckoutSession", session)
    payer = {"firstName": "Ana", "email": "ana@example.com"}
    do("payCheckoutSession", session, body={"paymentMethod": "ETPAY", "customer": payer})
    do("listCheckoutSessions", query={"status": "PROCESSING_PAYMENT"})
    short = do("createPaymentLink", body={**offer, "checkoutToken": "short", "duration": 30})["id"]
    do.control("clock", {"advanceSeconds": 30})
    do("deletePaymentLink", short)


def serve(command):
    """Starts the sandbox; its address is the first one it prints."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout:
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return process, found.group()
    sys.exit(f"{' '.join(command)} ended with {process.wait()} and printed no address")


def attack(base, token, successes, seed, examples, phases):
    """Runs schemathesis over the server; its rules are in check-contract.toml and check-contract-hooks.py.

    What succeeded in the walk is where many of its requests start from. Prints what it found, then a table; True when nothing was found.
    """
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder:
        counts = os.path.join(folder, "counts.json")
        known = os.path.join(folder, "successes.json")
        with open(known, "w", encoding="utf-8") as file:
            json.dump(successes, file)
        environment = {
            **os.environ, "SCHEMATHESIS_HOOKS": os.path.join(here, "check-contract-hooks.py"), "CHECK_CONTRACT_COUNTS": counts,
            "CHECK_CONTRACT_KEY": "local-key", "CHECK_CONTRACT_TOKEN": token, "CHECK_CONTRACT_SUCCESSES": known,
            "PYTHONHASHSEED": "0",
        }
        command = [
            os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file", os.path.join(here, "check-contract.toml"),
            "run", CONTRACT, "--url", base, "--seed", str(seed), "--max-examples", str(examples), "--phases", phases, "--no-color",
        ]
        started = time.monotonic()
        status = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL).returncode
        seconds = time.monotonic() - started
        if not os.path.exists(counts):
            print(f"schemathesis ended with {status} before its first request")
            return False
        with open(counts, encoding="utf-8") as file:
            counts = json.load(file)
    table(counts)
    requests = sum(sum(answers.values()) for answers in counts["answers"].values())
    passed = sum(results.get("SUCCESS", 0) for results in counts["checks"].values())
    failed = sum(sum(results.values()) for results in counts["checks"].values()) - passed
    print(f"seed {seed}: {len(counts['answers'])} operations, {requests} requests, {passed + failed} checks, {failed} failures, "
          f"{seconds:.0f} s")
    return status == 0


def table(counts):
    statuses = sorted({status for answers in counts["answers"].values() for status in answers})
    print(f"{'answers':32}" + "".join(f"{status:>7}" for status in statuses))
    for operation_id, answers in sorted(counts["answers"].items()):
        print(f"{operation_id:32}" + "".join(f"{answers.get(status, ''):>7}" for status in statuses))
    print(f"{'checks':32}{'passed':>10}{'failed':>10}")
    for name, results in sorted(counts["checks"].items()):
        passed = results.get("SUCCESS", 0)
        print(f"{name:32}{passed:>10}{sum(results.values()) - passed:>10}")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/check-contract", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the requests; the same seed sends the same (default: 1)")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help=f"random requests an operation (default: {EXAMPLES})")
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful", help="of schemathesis, with commas between them")
    parser.add_argument("--walk-only", action="store_true", help="leave out schemathesis")
    parser.add_argument(
        "command", nargs="*", default=[".build/debug/bursar", "sandbox", "--port", "0"],
        help="serves the sandbox and prints its address, http://127.0.0.1:PORT (default: %(default)s)")
    return parser.parse_args()


def main():
    options = arguments()
    contract = Contract(CONTRACT)
    process, base = serve(options.command)
    try:
        do = Walk(base, contract)
        # The sandbox's clock may be the machine's; from here on it stands still.
        do.control("clock", {"set": "2030-01-01T00:00:00Z"})
        # One that must be found even when nothing else is: a stranger is refused.
        do("listPayments", expect=401)
        walk_through(do)
        walked = do.report()
        if options.walk_only:
            return 0 if walked else 1
        # Time stands still, so this token is good to the end.
        token = do("authenticate", body=CREDENTIALS)["accessToken"]
        withstood = attack(base, token, do.successes, options.seed, options.examples, options.phases)
        if process.poll() is not None:
            print(f"the sandbox ended with {process.returncode}")
        return 0 if walked and withstood and process.poll() is None else 1
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())

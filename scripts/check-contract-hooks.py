"""What schemathesis is told about this contract: rules of our own, and a count of what was done. Loaded by scripts/check-contract."""

import collections
import json
import os
import random
import re

import schemathesis.cli
import urllib3.connection
from schemathesis.engine import events
from schemathesis.generation.meta import CoverageScenario, TestPhase
from schemathesis.transport import prepare
from urllib3.util import SKIP_HEADER

with open(os.environ["CHECK_CONTRACT_SUCCESSES"], encoding="utf-8") as file:
    SUCCESSES = json.load(file)

# FACTS 15: the code of an error decides its type and its status.
ERRORS = {
    "01": ("serverError", 500), "02": ("unknown", 500), "11": ("invalidParam", 400), "12": ("missingParam", 400),
    "13": ("alreadyExist", 409), "14": ("parsingResource", 400), "21": ("failedPrecondition", 422), "31": ("notFound", 404),
    "32": ("tooManyRequests", 429), "41": ("unauthorized", 401), "42": ("unimplemented", 501), "43": ("forbiddenOperation", 403),
}
# How the simulator words a value that breaks its schema. A request that another validator calls conforming must not hear these.
SCHEMA_REFUSAL = re.compile(r"is not a field of the contract|\bbelongs\b|must be (one of )?\"|must be one of|, which is not|the least is")
# JSON Schema calls 60.0 a whole number. The simulator keeps numbers as they are written, so to it that is a decimal one.
WRITTEN_AS_DECIMAL = re.compile(r"is the number -?\d+(\.0+)?([eE][+-]?\d+)? where a whole number belongs")

# A case without User-Agent is sent without: schemathesis, requests and urllib3 would each add their own.
del prepare.get_default_headers()["User-Agent"]
urllib3.connection._get_default_user_agent = lambda: SKIP_HEADER


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """The simulator knows every field and refuses others, so a request with an unknown field does not conform here.

    Nor does an answer: what the bank says is all in the contract.
    """
    schemas = raw_schema["components"]["schemas"]
    close(raw_schema, schemas)
    few_nodes(schemas)
    # Several types of payments share one form, and schemathesis would try only one of them; the form's own list has all.
    del schemas["CreatePaymentRequest"]["discriminator"]


def few_nodes(schemas):
    """The origins of POST /payments go through the nodes of all rails; everywhere else three stand for all.

    It is the same schema each time, and trying every field of 28 nodes in nine places would take most of the time there is.
    """
    names = {"ACCOUNT": "AccountNode", "CVU": "CvuNode", "SEPA": "SepaNode"}
    references = {kind: f"#/components/schemas/{name}" for kind, name in names.items()}
    schemas["FewNodes"] = {
        "oneOf": [{"$ref": reference} for reference in references.values()],
        "discriminator": {"propertyName": "type", "mapping": references},
    }
    for name in ("PaymentInstructionRequest", "RefundInstructionRequest", "CreatePaymentAttemptRequest", "CheckoutPaymentRequest",
                 "ExternalTransaction"):
        properties = schemas[name]["properties"]
        for side in {"origins", "destinations"} & properties.keys():
            if (name, side) != ("PaymentInstructionRequest", "origins"):
                assert properties[side]["items"] == {"$ref": "#/components/schemas/PaymentNode"}, (name, side)
                properties[side]["items"] = {"$ref": "#/components/schemas/FewNodes"}


def close(node, schemas):
    if isinstance(node, list):
        for item in node:
            close(item, schemas)
    elif isinstance(node, dict):
        merge(node, schemas)
        if node.get("type") == "object" and node.get("properties"):
            node.setdefault("additionalProperties", False)
        for value in node.values():
            close(value, schemas)


def merge(schema, schemas):
    """Objects that are put together with allOf become one object: only that can say which fields are all."""
    parts = [schemas[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part for part in schema.get("allOf", [])]
    for part in parts:
        merge(part, schemas)
    if not any(part.get("type") == "object" for part in parts):
        return
    del schema["allOf"]
    schema["type"] = "object"
    # A later part says more about a field than the one before.
    schema["properties"] = {name: value for part in parts for name, value in part.get("properties", {}).items()}
    schema["required"] = sorted({name for part in parts for name in part.get("required", [])})


@schemathesis.hook
def before_add_examples(context, examples):
    """What succeeded in the walk is asked for again, so that there are objects and their ids to go on with."""
    for success in successes(context.operation):
        more = {} if success["body"] is None else {"body": success["body"], "media_type": "application/json"}
        examples.append(
            context.operation.Case(
                path_parameters=dict(success["path"]), query=dict(success["query"]), headers={"User-Agent": "check-contract/1.0"},
                **more))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Three of four random conforming requests start from one that succeeded in the walk, and keep only some of what chance says.

    Pure chance hardly ever names an account there is, or amounts that add up, and so would learn nothing behind that.
    """
    if not case.meta or case.meta.phase.name != TestPhase.FUZZING or not case.meta.generation.mode.is_positive:
        return
    known = successes(case.operation)
    # Chance comes from the request itself, so that the seed decides here too. What is no JSON stands for "no body".
    chance = random.Random(json.dumps([case.path_parameters, case.query, case.body], sort_keys=True, default=lambda _: None))
    if not known or chance.random() < 0.25:
        return
    success = chance.choice(known)

    def some(fields):
        return {name: value for name, value in fields.items() if chance.random() < 0.3}

    case.path_parameters = {**case.path_parameters, **success["path"]}
    case.query = {**some(case.query), **success["query"]}
    if success["body"] is not None:
        case.media_type = "application/json"
    if isinstance(case.body, dict) and isinstance(success["body"], dict):
        case.body = {**some(case.body), **success["body"]}
    elif success["body"] is not None:
        case.body = success["body"]


def successes(operation):
    return SUCCESSES.get(operation.definition.raw["operationId"], [])


@schemathesis.cli.handler()
class Count(schemathesis.cli.EventHandler):
    """Counts answers by operation and status, and checks by name and result, and writes them where the caller says."""

    def __init__(self, *args, **params):
        self.answers = collections.defaultdict(collections.Counter)
        self.checks = collections.defaultdict(collections.Counter)

    def handle_event(self, ctx, event):
        if not isinstance(event, events.ScenarioFinished):
            return
        for case_id, interaction in event.recorder.interactions.items():
            operation = event.recorder.cases[case_id].value.operation
            status = interaction.response.status_code if interaction.response else "none"
            self.answers[operation.definition.raw["operationId"]][status] += 1
        for results in event.recorder.checks.values():
            for result in results:
                self.checks[result.name][result.status.name] += 1

    def shutdown(self, ctx):
        with open(os.environ["CHECK_CONTRACT_COUNTS"], "w", encoding="utf-8") as file:
            json.dump({"answers": self.answers, "checks": self.checks}, file)


def scenario(case):
    return getattr(case.meta.phase.data, "scenario", None) if case.meta else None


@schemathesis.check
def undeclared_method_is_not_found(ctx, response, case):
    if scenario(case) == CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        body = response.json()
        assert (response.status_code, body["code"]) == (404, "31"), f"{response.status_code} where a 404 with code 31 belongs"


@schemathesis.check
def conforming_data_is_understood(ctx, response, case):
    if response.status_code != 400 or scenario(case) or not case.meta or not case.meta.generation.mode.is_positive:
        return
    body = response.json()
    detail = WRITTEN_AS_DECIMAL.sub("", body["detail"])
    assert body["code"] != "14" and not SCHEMA_REFUSAL.search(detail), f"conforming data was refused: {body['detail']}"


@schemathesis.check
def error_fits_the_table(ctx, response, case):
    if response.status_code < 400:
        return
    body = response.json()
    assert body["status"] == response.status_code, f"the body says {body['status']} under status {response.status_code}"
    expected = ERRORS.get(body["code"])
    assert expected == (body["type"], response.status_code), f"code {body['code']} goes with {expected}"

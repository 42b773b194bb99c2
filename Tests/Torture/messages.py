"""The API's events as they are posted: signed in both forms, spelt in many ways, and forged."""

import base64
import hashlib
import hmac
import json

SECRET = "whsec-5ñ/old"
NEW_SECRET = "whsec-6ñ/new"  # while a secret is being changed there are two
HEADER = "X-Webhook-Signature"


def write(value, **how):
    # Numbers as JavaScript writes them, which Python does not.
    return json.dumps(value, **how).replace('"NUMBERS"', "[0,-1,0.1,1e-7,1e+21,12345678901234567000]")


def compact(value):
    """As the API writes it: what JavaScript's JSON.stringify gives."""
    return write(value, ensure_ascii=False, separators=(",", ":"))


def sign(signed, secret=SECRET, digest="sha256"):
    return hmac.new(secret.encode(), signed.encode(), digest).hexdigest()


class Message:
    """What is posted: a body, and the values of the header that carries a signature."""

    def __init__(self, body, *signatures, header=HEADER):
        self.body = body.encode()
        self.headers = [(header, signature) for signature in signatures]


class Event:
    """An event about a payment, before it is signed."""

    def __init__(self, payment, type, amount="10.00", currency="USD", **more):
        self.type = type
        self.payment = payment
        # What the listener takes for the object that it is about.
        self.object = payment
        self.transaction = {
            "id": payment, "purchaseAmount": amount, "totalAmount": amount, "externalId": f"order-{payment}", "currency": currency,
            "status": type.rsplit(".", 1)[-1].upper(), "numbers": "NUMBERS", "": [], "__proto__": [None, True, {}],
            "note": "Producto dañado \"sin caja\" \\ a/b 退款 💸\t\n\b\f\u2028\x7f\x01", **more}

    def forget_object(self):
        """It names no object any more: only by all it says is it told apart from others."""
        self.object = None
        del self.transaction["id"]


class OlderEvent(Event):
    """`{eventType, timestamp, ...}`: the header has the signature of the bytes."""

    handled = "payment.settled"

    def __init__(self, payment, type=handled, timestamp="2026-11-25T00:00:00Z", **more):
        super().__init__(payment, type, **more)
        self.content = {"eventType": type, "timestamp": timestamp, "transaction": self.transaction, "identity": {"id": "i1"}}

    def message(self, spell=compact, secret=SECRET):
        body = spell(self.content)
        return Message(body, sign(body, secret))


class CurrentEvent(Event):
    """`{event, data, signature}`: the member has the signature of the other two in their compact form."""

    handled = "Transaction.Captured"

    def __init__(self, payment, type=handled, **more):
        super().__init__(payment, type, **more)
        self.content = {"event": type, "data": {"transaction": self.transaction}}

    def message(self, spell=compact, secret=SECRET):
        return Message(spell({**self.content, "signature": sign(compact(self.content), secret)}))


FORMS = (OlderEvent, CurrentEvent)

# The same JSON in other bytes, with its members in the same order.
SPELLINGS = {
    "blanks": lambda value: write(value, ensure_ascii=False, separators=(" ,\t", " :\r\n ")),
    "lines": lambda value: write(value, ensure_ascii=False, indent=2),
    "a blank before it": lambda value: " " + compact(value),
    "a line break behind it": lambda value: compact(value) + "\n",
    "escapes of what is not ASCII": lambda value: write(value, separators=(",", ":")),
    "escapes of slashes": lambda value: compact(value).replace("/", "\\/"),
    "escapes of letters": lambda value: compact(value).replace("order", "\\u006frder").replace('"id"', '"\\u0069\\u0064"'),
}


def turned(value):
    """The same with the members of each object in the opposite order."""
    if isinstance(value, dict):
        return {name: turned(value[name]) for name in reversed(value)}
    return value


def with_another_digit(random, signature):
    at = random.randrange(len(signature))
    return signature[:at] + random.choice([digit for digit in "0123456789abcdef" if digit != signature[at]]) + signature[at + 1:]


# What is no signature of a text, by what is wrong with it: made of the right one and of the text.
WRONG_SIGNATURES = {
    "that is empty": lambda random, right, signed: "",
    "with another digit": lambda random, right, signed: with_another_digit(random, right),
    "without its last digit": lambda random, right, signed: right[:-1],
    "without its first digit": lambda random, right, signed: right[1:],
    "that is cut": lambda random, right, signed: right[:random.randrange(1, 64)],
    "with one digit more": lambda random, right, signed: right + "0",
    "written twice": lambda random, right, signed: right + right,
    "turned round": lambda random, right, signed: right[::-1],
    "of zeros": lambda random, right, signed: "0" * 64,
    "with the name of its algorithm": lambda random, right, signed: "sha256=" + right,
    "with 0x": lambda random, right, signed: "0x" + right[2:],
    "in base64": lambda random, right, signed: base64.b64encode(bytes.fromhex(right)).decode(),
    "with a letter that is no digit": lambda random, right, signed: right[:-1] + "g",
    "by another secret": lambda random, right, signed: sign(signed, "whsec-7"),
    "by an empty secret": lambda random, right, signed: sign(signed, ""),
    "by a secret with a line break": lambda random, right, signed: sign(signed, SECRET + "\n"),
    "by both secrets in one": lambda random, right, signed: sign(signed, f"{SECRET},{NEW_SECRET}"),
    "by no secret": lambda random, right, signed: hashlib.sha256(signed.encode()).hexdigest(),
    "by SHA-1": lambda random, right, signed: sign(signed, digest="sha1"),
    "by SHA-512": lambda random, right, signed: sign(signed, digest="sha512"),
    "by SHA-512, cut": lambda random, right, signed: sign(signed, digest="sha512")[:64],
    "of another text": lambda random, right, signed: sign(signed + " "),
}


def forged_older(random, payments):
    """- Parameter payments: each forgery takes one of its own.
    - Returns: what is wrong with each message, and the message."""

    def forge(what, change):
        content = OlderEvent(next(payments)).content
        body = compact(content)
        return f"older, {what}", change(content, body, sign(body))

    wrong = sign("nothing")
    for what, make in WRONG_SIGNATURES.items():
        yield forge(f"a signature {what}", lambda content, body, right: Message(body, make(random, right, body)))
    for what, spell in SPELLINGS.items():
        yield forge(f"the signature of another spelling, and {what}", lambda content, body, right: Message(spell(content), right))
    yield forge("members in another order", lambda content, body, right: Message(compact(turned(content)), right))
    yield forge("no signature", lambda content, body, right: Message(body))
    yield forge("the signature in two headers", lambda content, body, right: Message(body, right, right))
    yield forge("the signature twice in one header", lambda content, body, right: Message(body, f"{right},{right}"))
    yield forge("the signature before a wrong one", lambda content, body, right: Message(body, right, wrong))
    yield forge("the signature behind a wrong one", lambda content, body, right: Message(body, wrong, right))
    yield forge("the signature in a header of another name", lambda content, body, right: Message(body, right, header="X-Signature"))
    yield forge("the signature in the body", lambda content, body, right: Message(compact({**content, "signature": right})))
    yield forge("another amount", lambda content, body, right: Message(body.replace('"totalAmount":"10', '"totalAmount":"20'), right))
    yield forge("a member more", lambda content, body, right: Message(body[:-1] + ',"more":1}', right))
    yield forge("a member twice", lambda content, body, right: Message('{"eventType":"payment.settled",' + body[1:], right))
    yield forge("a byte more", lambda content, body, right: Message(body + "x", right))
    yield forge("a byte less", lambda content, body, right: Message(body[:-1], right))
    yield forge("a mark of byte order before it", lambda content, body, right: Message("\ufeff" + body, right))


def forged_current(random, payments):
    """The same in the current form."""

    def forge(what, change, spell=compact):
        content = CurrentEvent(next(payments)).content
        return f"current, {what}", Message(spell(change(content, sign(compact(content)))))

    def doubled(value):
        """Members of which there are several become several members."""
        members = [(name, one) for name, item in value.items() for one in (item if isinstance(item, tuple) else (item,))]
        return "{" + ",".join(f"{compact(name)}:{compact(item)}" for name, item in members) + "}"

    wrong = sign("nothing")
    for what, make in WRONG_SIGNATURES.items():
        yield forge(f"a signature {what}", lambda content, right: {**content, "signature": make(random, right, compact(content))})
    for what in ("blanks", "lines", "escapes of what is not ASCII", "escapes of slashes"):
        # What is signed is the compact form, whatever is sent.
        yield forge(f"the signature of the spelling with {what}", lambda content, right: {**content, "signature": sign(SPELLINGS[what](content))})
    for what, signature in (("null", None), ("a number", 7), ("an object", {})):
        yield forge(f"a signature that is {what}", lambda content, right: {**content, "signature": signature})
    yield forge("no signature", lambda content, right: content)
    yield forge("the signature in a list", lambda content, right: {**content, "signature": [right]})
    yield forge("the signature in a member of another name", lambda content, right: {**content, "Signature": right})
    yield forge("the signature in the data", lambda content, right: {"event": content["event"], "data": {**content["data"], "signature": right}})
    yield forge("the signature twice", lambda content, right: {**content, "signature": (right, right)}, doubled)
    yield forge("the signature before a wrong one", lambda content, right: {**content, "signature": (right, wrong)}, doubled)
    yield forge("the signature behind a wrong one", lambda content, right: {**content, "signature": (wrong, right)}, doubled)
    yield forge("the data twice", lambda content, right: {**content, "data": (content["data"], {}), "signature": right}, doubled)
    yield forge("the event twice", lambda content, right: {**content, "event": ("payment.settled", content["event"]), "signature": right}, doubled)
    yield forge("the signature of the data alone", lambda content, right: {**content, "signature": sign(compact(content["data"]))})
    yield forge("the signature of data and event in the opposite order", lambda content, right: {
        **content, "signature": sign(compact({"data": content["data"], "event": content["event"]}))})
    yield forge("members of the data in another order", lambda content, right: {**content, "data": turned(content["data"]), "signature": right})
    yield forge("another amount", lambda content, right: {
        **content, "data": {"transaction": {**content["data"]["transaction"], "totalAmount": "20.00"}}, "signature": right})
    yield forge("another event", lambda content, right: {**content, "event": "payment.settled", "signature": right})
    yield forge("a member more in the data", lambda content, right: {**content, "data": {**content["data"], "more": 1}, "signature": right})
    body = CurrentEvent(next(payments)).message().body.decode()
    yield "current, a wrong signature in the header beside the right one", Message(body, wrong)
    body = compact({**CurrentEvent(next(payments)).content, "signature": wrong})
    yield "current, a wrong signature beside the right one in the header", Message(body, sign(body))


# What the handlers of the test are not for: of these the bank learns nothing.
UNHANDLED = (
    "Transaction.Received", "Transaction.Failed", "transaction.status_changed", "payment.expired", "payment.unsettled",
    "payment.requiresReview", "payment.refund.created", "purchase.attempted", "something.new")


def well_signed(random, payments):
    """- Returns: messages that have to be taken; what each is, and the message."""

    def new(form):
        return form(next(payments), random.choice(UNHANDLED))

    for form in FORMS:
        yield f"{form.__name__} as it is", new(form).message()
        yield f"{form.__name__} by the other secret", new(form).message(secret=NEW_SECRET)
        # In the older form it is the sender's own spelling that is signed; in the current one all have the same compact form.
        for what, spell in SPELLINGS.items():
            yield f"{form.__name__} with {what}", new(form).message(spell)
    body = compact(new(OlderEvent).content)
    yield "older, in capital digits", Message(body, sign(body).upper())
    body = compact(new(OlderEvent).content)
    yield "older, in a header that is written small", Message(body, sign(body), header=HEADER.lower())
    content = new(CurrentEvent).content
    yield "current, with members in another order", Message(compact({
        "signature": sign(compact(content)), "data": content["data"], "event": content["event"]}))
    body = compact(new(CurrentEvent).content)
    yield "current, signed in the header alone", Message(body, sign(body))
    body = new(CurrentEvent).message().body.decode()
    yield "current, signed in the header, too", Message(body, sign(body))

"""The list of parts: each is a function that makes one try."""

PARTS = {}


class Part:
    def __init__(self, name, promise, what, tries, at_once, make):
        self.name = name
        self.promise = promise
        self.what = what
        self.tries = tries
        self.at_once = at_once
        self.make = make


def part(promise, what, tries, at_once=2):
    """Makes a function a part.
    - Parameters:
      - tries: how many in full, and how many in small.
      - at_once: how many run beside each other; more where a try mostly waits, one where time decides."""

    def register(make):
        name = make.__name__.replace("_", "-")
        PARTS[name] = Part(name, promise, what, tries, at_once, make)
        return make

    return register

"""The list of parts: each is a function that makes one try."""

PARTS = {}


class Part:
    def __init__(self, name, promise, what, tries, stage, make):
        self.name = name
        self.promise = promise
        self.what = what
        self.tries = tries
        self.stage = stage
        self.make = make


# How many tries run beside each other. Most of them wait most of the time; where an instant is measured, the machine is left in peace.
STAGES = {"crowd": 6, "few": 3, "alone": 1}


def part(promise, what, tries, stage="crowd"):
    """Makes a function a part.
    - Parameter tries: how many in full, and how many in small."""

    def register(make):
        name = make.__name__.replace("_", "-")
        PARTS[name] = Part(name, promise, what, tries, stage, make)
        return make

    return register

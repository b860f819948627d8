"""Ways to take a guard out of its line: a pattern, and what is put in its place."""

import re

NO_KEY = (r"(?<=    )(UNIQUE|FOREIGN KEY) \(.*?(?=,?( --|$))", "CHECK (TRUE)")


def literally(old, new):
    return (re.escape(old), new)


def unless(parameter):
    """A condition on a parameter that always holds, so that the parameters stay the same."""
    return f"?{parameter} IS NOT NULL"

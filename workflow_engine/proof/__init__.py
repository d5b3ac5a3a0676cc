"""What can be shown of a workflow before it is published, each with a counter-example (meaning.md section 5).

`prove` is the only door. It reads the definition, what the form allows and, if it is given, who is in the organisation;
it never guesses: what it cannot decide it says.
"""

from .proving import Proof, prove

__all__ = ["Proof", "prove"]

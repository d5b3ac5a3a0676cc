"""What is wrong with a formula, and at which character."""

from ...errors import FormloomError


class FormulaError(FormloomError):
    """A formula that cannot be read. `offset` counts characters from 0, `line` and `column` from 1."""

    def __init__(self, message: str, text: str, offset: int) -> None:
        self.message = message
        self.offset = offset
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - (text.rfind("\n", 0, offset) + 1) + 1
        super().__init__(message)

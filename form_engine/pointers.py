"""JSON Pointers (RFC 6901): where in a document something stands. Every problem and every error carries one."""


def tokens(pointer: str) -> list[str]:
    """The object keys and array indexes that `pointer` is made of, unescaped."""
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def join(pointer: str, *tokens: str | int) -> str:
    """`pointer` extended by `tokens`: object keys or array indexes, escaped."""
    return pointer + "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)

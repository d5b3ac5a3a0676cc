"""JSON Pointers (RFC 6901): where in a document something stands. Every problem and every error carries one."""


def join(pointer: str, *tokens: str | int) -> str:
    """`pointer` extended by `tokens`: object keys or array indexes, escaped."""
    return pointer + "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)

"""How wide text is in a terminal, where a Japanese character takes two columns."""


def columns(text: str) -> int:
    """How many columns a line takes."""
    from rich.cells import cell_len  # here, so that those who list scenarios need not wait for it

    return cell_len(text)


def padded(text: str, width: int) -> str:
    """The line with as many spaces behind it as make it so many columns wide."""
    return text + " " * (width - columns(text))

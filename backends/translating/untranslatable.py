"""Why a call has no translation."""


class Untranslatable(Exception):
    """A function, or something that it was told, has no counterpart among the ops. The message says what."""


def refuse(is_given: object, what: str) -> None:
    """Raise Untranslatable, which names what was given, if it was."""
    if is_given:
        raise Untranslatable(what)

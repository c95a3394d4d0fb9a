"""Language: gettext for code that may run without a request, and which language a request is in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import flask_babel
from babel import Locale
from flask import Flask, g, has_app_context, has_request_context, request

LANGUAGES = ("en", "nl", "es")
"""Languages of the interface. English is the source; the others have a folder in `translations/`."""
TRANSLATIONS = Path(__file__).parents[2] / "translations"
_RTL = {"ar", "fa", "he", "ur"}
_SPOKEN = ContextVar("spoken", default=False)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """Translate into this language inside, in a request or without one, as the clock's jobs are."""
    before = _SPOKEN.set(True)
    try:
        with flask_babel.force_locale(lang):
            yield
    finally:
        _SPOKEN.reset(before)


def _may_translate() -> bool:
    return has_request_context() or (_SPOKEN.get() and has_app_context())


def gettext(message: str, **values: object) -> str:
    """Translate into the language in force; with none in force (command line, tests) stay English."""
    if not _may_translate():
        return message % values if values else message
    translated: str = flask_babel.gettext(message, **values)
    return translated


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """Translate the singular or plural that fits `num`, which is also a value in the text."""
    if not _may_translate():
        return (one if num == 1 else many) % {"num": num, **values}
    translated: str = flask_babel.ngettext(one, many, num, **values)
    return translated


def language() -> str:
    """Say which language the current request is answered in."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        g.language = _from_path() or preferred()
    chosen: str = g.language
    return chosen


def _from_path() -> str | None:
    chosen = (request.view_args or {}).get("lang") or request.args.get("lang")
    return chosen if chosen in LANGUAGES else None


def preferred() -> str:
    """Negotiate by Accept-Language; English when nothing fits."""
    return request.accept_languages.best_match(LANGUAGES) or "en"


def pick(texts: Mapping[str, str] | None, lang: str | None = None) -> str:
    """Choose the text in a language, else English, else whichever there is; empty when there is none."""
    if not texts:
        return ""
    return texts.get(lang or language()) or texts.get("en") or next(iter(texts.values()), "")


def direction(lang: str) -> str:
    return "rtl" if lang in _RTL else "ltr"


def language_name(lang: str) -> str:
    """The language's own name for itself: Nederlands."""
    return (Locale.parse(lang).get_language_name(lang) or lang).capitalize()


def init_app(app: Flask) -> None:
    flask_babel.Babel(app, locale_selector=language, default_translation_directories=str(TRANSLATIONS))
    app.jinja_env.globals.update(
        pick=pick, language=language, language_name=language_name, direction=direction, LANGUAGES=LANGUAGES
    )

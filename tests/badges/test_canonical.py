"""Safe mode: what has no defined meaning is refused, never left out of a signature."""

from typing import Any

import pytest

from server.badges import contexts, credential
from server.badges.canonical import DocumentUnclear, jcs_hash, n_quads
from server.badges.contexts import CREDENTIALS_V2, OPEN_BADGES, ContextUnknown
from server.core.errors import TooLarge
from tests.badges.making import STATEMENT

GOOD = credential.build(STATEMENT)


def test_every_word_of_our_badge_is_defined() -> None:
    assert "<https://purl.imsglobal.org/spec/vc/ob/vocab.html#achievedLevel>" in n_quads(GOOD)


@pytest.mark.parametrize(
    "extra",
    [
        {"jti": "1"},
        {"mood": "happy"},
        {"type": ["VerifiableCredential", "OpenBadgeCredential", "Invented"]},
        {"id": "credentials/1"},
        {"id": "_:b0"},
        {"issuer": {**GOOD["issuer"], "favouriteColour": "blue"}},
        {"issuer": {**GOOD["issuer"], "id": "not an address"}},
    ],
)
def test_an_undefined_word_is_an_error(extra: dict[str, Any]) -> None:
    with pytest.raises(DocumentUnclear):
        n_quads({**GOOD, **extra})


@pytest.mark.parametrize(
    "given",
    [
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
        "http://localhost:9/context",
        {"@vocab": "https://evil.example/#"},
    ],
)
def test_other_contexts_are_refused_not_fetched(given: Any) -> None:
    with pytest.raises(ContextUnknown):
        n_quads({**GOOD, "@context": [CREDENTIALS_V2, OPEN_BADGES, given]})


def test_a_context_deep_inside_is_refused_too() -> None:
    with pytest.raises(ContextUnknown):
        n_quads({**GOOD, "issuer": {**GOOD["issuer"], "@context": {"name": "https://evil.example/#name"}}})


def test_a_context_that_was_changed_on_disk_is_refused(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "credentials-v2.json").write_text("{}")
    monkeypatch.setattr(contexts, "FOLDER", tmp_path)
    contexts.context.cache_clear()
    with pytest.raises(Exception, match="not the pinned one"):
        contexts.context(CREDENTIALS_V2)
    contexts.context.cache_clear()


def test_a_document_made_to_keep_us_busy_is_refused() -> None:
    with pytest.raises(TooLarge):
        n_quads({**GOOD, "name": ["x"] * 20_000})


def test_text_is_escaped_as_the_standard_says() -> None:
    assert '"tab\\tline\\n quote\\" é 😀"' in n_quads({**GOOD, "name": 'tab\tline\n quote" é 😀'})


def test_numbers_too_large_for_javascript_have_no_canonical_form() -> None:
    with pytest.raises(DocumentUnclear):
        jcs_hash({"n": 2**60})

"""Text that people type becomes safe and comparable."""

from hypothesis import given
from hypothesis import strategies as st

from server.core.text import clean, fold, markdown, plain


def test_markdown_cannot_run_anything() -> None:
    html = markdown("# Hi\n<script>alert(1)</script> [x](javascript:alert(1)) ![p](x onerror=1) **bold**")
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "<strong>bold</strong>" in html


def test_links_keep_their_address() -> None:
    assert '<a href="https://example.org/"' in markdown("[x](https://example.org/)")


def test_markdown_is_read_as_lines_of_plain_text() -> None:
    assert plain("Do **this**:\n\n- [Walk](https://a.example)\n- Run") == "Do this:\n• Walk\n• Run"
    assert plain("So:\n\n    one\n    two\n\n```\nthree\n```") == "So:\none\ntwo\nthree"
    assert plain("<b>1 < 2</b>") == "<b>1 < 2</b>"


def test_answers_compare_without_marks_case_and_punctuation() -> None:
    assert fold("  De  Reünie!") == fold("de reunie")
    assert fold("Straße") == "strasse"
    assert fold("ISPARTA ı") == "isparta i"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_cleaning_drops_what_verifiers_disagree_on() -> None:
    assert clean("a\x00b\x7fc\ufffed\ud800e\tf\r\ng") == "abcde\tf\ng"

"""Behind a link to a CV: the page, the same as PDF, and one signed record, all as long as the link holds."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from server.badges.printing.check import read_all
from tests.badges.printing.test_certificate import words_of
from tests.phone import Phone
from tests.portfolio.conftest import Made, make_link, path

pytestmark = pytest.mark.parametrize("config", ["sqlite"], indirect=True)


def pdf(made: Made) -> str:
    return made.path.replace("/l/", "/cv/") + ".pdf"


def record(made: Made) -> str:
    return made.path.replace("/l/", "/clr/portfolio/")


def test_a_cv_is_a_pdf_with_its_learners_words_and_the_work_that_is_shown(
    ada: Phone, badge: dict[str, Any], client: FlaskClient
) -> None:
    events = {one["kind"]: one["event"] for one in badge["choice"]["evidence"]}
    shown = [{"event": events["photo"], "visibility": "public"}]
    ada.record("award.show", {"award": badge["id"], "visibility": "link", "evidence": shown})
    cv = {"label": "Miller", "email": "ada@example.org", "summary": "I mend mills."}
    said = {"visibility": "link", "name": "Ada Byron", "about": "", "parts": {}, "cv": cv}
    ada.record("portfolio.show", said)
    link = make_link(ada, kind="cv")
    ada.sync()
    page = client.get(link.path).text
    assert f'href="{pdf(link)}' in page and f'href="{record(link)}"' in page
    answer = client.get(pdf(link))
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    words = words_of(answer.data)
    for one in ("Ada Byron", "Miller", "ada@example.org", "I mend mills.", "River explorer", "Shown on its page: 1 photo"):  # fmt: skip
        assert one in words
    assert "answer" not in words, "the other piece is not shown"
    assert link.secret not in words
    start = path(badge["url"]).rpartition("/")[2][:16].upper()
    assert [one.rpartition("/")[2] for one in read_all(answer.data)] == [start]


def test_what_is_behind_a_link_ends_with_it(ada: Phone, badge: dict[str, Any], client: FlaskClient) -> None:
    link, portfolio = make_link(ada, kind="cv"), make_link(ada, kind="portfolio")
    ada.sync()
    (inside,) = client.get(record(portfolio)).get_json(force=True)["credentialSubject"][
        "verifiableCredential"
    ]
    assert inside["name"] == "River explorer"
    assert f'href="{record(portfolio)}"' in client.get(portfolio.path).text
    assert client.get(pdf(portfolio)).status_code == 403, "a portfolio says less of its learner than a CV"
    ada.record("award.show", {"award": badge["id"], "visibility": "private"})
    ada.sync()
    assert "River explorer" not in words_of(client.get(pdf(link)).data)
    assert client.get(record(portfolio)).status_code == 404
    assert record(portfolio) not in client.get(portfolio.path).text
    for one in (link, portfolio):
        ada.record("link.withdraw", {"link": one.id})
    ada.sync()
    assert [client.get(one).status_code for one in (pdf(link), record(link), record(portfolio))] == [410] * 3

"""Addresses of skills are kept in one form, however somebody pastes them."""

import pytest
from flask import Flask

from server.frameworks.addresses import AddressUnclear, normalise

CURIOUS = "http://data.europa.eu/esco/skill/429062f1-a958-43ea-83dd-4e1af078c156"
UUID = CURIOUS.rsplit("/", 1)[1]
PASTED = (
    CURIOUS,
    f"https://data.europa.eu/esco/skill/{UUID}",
    f"  {CURIOUS}/ \n",
    CURIOUS.replace(UUID, UUID.upper()),
    UUID,
    f"urn:uuid:{UUID}",
    f"<{CURIOUS}>",
    f"https://esco.ec.europa.eu/en/classification/skill?uri={CURIOUS}",
    f"https://esco.ec.europa.eu/nl/classification/skills?uri=http%3A%2F%2Fdata.europa.eu%2Fesco%2Fskill%2F{UUID}",
    f"https://ec.europa.eu/esco/portal/skill?uri={CURIOUS}&conceptLanguage=en",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    from server.app import create_app
    from server.config import Config

    return create_app(Config(instance=tmp_path_factory.mktemp("instance"), base_url="https://city.example"))


@pytest.mark.parametrize("pasted", PASTED)
def test_every_form_of_an_esco_link_is_the_same_concept(app: Flask, pasted: str) -> None:
    with app.app_context():
        assert normalise(pasted) == CURIOUS


def test_groups_of_esco_and_pages_of_ours_are_known_by_their_addresses(app: Flask) -> None:
    with app.app_context():
        assert normalise("https://data.europa.eu/esco/skill/s4.9") == "http://data.europa.eu/esco/skill/S4.9"
        assert normalise("https://city.example/frameworks/lifecomp/L2") == "/frameworks/lifecomp/L2"


def test_other_addresses_stay_as_they_are(app: Flask) -> None:
    for url in ("https://skills.example/A?b=C#d", "https://other.example/frameworks/lifecomp/L2"):
        with app.app_context():
            assert normalise(url) == url


@pytest.mark.parametrize(
    "pasted",
    [
        "", "curiosity", "http://skills.example/1", "ftp://skills.example/1", "https://localhost/1", "https://",
        "javascript:alert(1)", "https://a b.example/", "https://me:secret@skills.example/", "https://[::1",
        "https://skills.example:99999/", f"https://skills.example/{'x' * 200}", "https://skills.example/\"><b>",
        f"https://esco.ec.europa.eu/?uri=https://esco.ec.europa.eu/?uri={UUID}x y",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(app: Flask, pasted: str) -> None:
    with app.app_context(), pytest.raises(AddressUnclear):
        normalise(pasted)

"""ESCO's own files come in whole, in any language, as often as one likes; what cannot be read is named."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import writing
from server.frameworks.importing import FileUnclear, Report, import_file
from server.frameworks.loading import load_built_in
from server.frameworks.models import Term
from server.frameworks.services import below, search
from tests.test_cli import streetwise

ESCO = "http://data.europa.eu/esco/skill/"
JUGGLE, CURIOUS = (
    ESCO + one for one in ("aaaaaaaa-0000-4000-8000-000000000001", "429062f1-a958-43ea-83dd-4e1af078c156")
)
GROUP, TOP = (ESCO + f"aaaaaaaa-0000-4000-8000-00000000000{n}" for n in (2, 3))
SKILLS = "conceptType,conceptUri,skillType,reuseLevel,preferredLabel,altLabels,hiddenLabels,status,modifiedDate,scopeNote,definition,inScheme,description\n"
ENGLISH = (
    "\ufeff" + SKILLS
    + f'KnowledgeSkillCompetence,{JUGGLE},skill/competence,cross-sector,juggle,"throw and catch\nkeep balls in the air",,released,2024-05-15,,,x,"Keep things\nin the air."\n'
    + f"KnowledgeSkillCompetence,{CURIOUS},skill/competence,transversal,demonstrate curiosity,be curious,,released,2024-05-15,,,x,A newer text.\n"
    + "KnowledgeSkillCompetence,http://example.org/1,skill/competence,x,elsewhere,,,released,,,,,\n"
    + f"KnowledgeSkillCompetence,{ESCO}aaaaaaaa-0000-4000-8000-000000000009,knowledge,x,,,,released,,,,,\n"
    + f"Occupation,{ESCO}aaaaaaaa-0000-4000-8000-000000000008,,,juggler,,,released,,,,,\n"
)  # fmt: skip
DUTCH = SKILLS + f"KnowledgeSkillCompetence,{JUGGLE},skill/competence,cross-sector,jongleren,ballen gooien,,released,,,,,In de lucht houden.\n"  # fmt: skip
LEVELS = (
    "Level 0 URI,Level 0 preferred term,Level 1 URI,Level 1 preferred term,Level 2 URI,Level 2 preferred term,Level 3 URI,Level 3 preferred term,Description,Scope note,Level 0 code,Level 1 code,Level 2 code,Level 3 code\n"
    + f"{TOP},skills,,,,,,,,,S\n{TOP},skills,{GROUP},moving things,,,,,Moving.,,S,S6\n"
)
PLACES = (
    f"conceptType,conceptUri,broaderType,broaderUri\nKnowledgeSkillCompetence,{JUGGLE},SkillGroup,{GROUP}\n"
)


@pytest.fixture
def config(migrated_sqlite: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Once, on SQLite: the terms of the other database are shared by all tests."""
    import shutil

    from server.config import Config

    shutil.copyfile(migrated_sqlite, tmp_path / "streetwise.sqlite3")
    return Config(instance=tmp_path)


def bring(folder: Path, name: str, text: str) -> Report:
    (folder / name).write_text(text, encoding="utf-8")
    return import_file(folder / name)


def term(db: Session, uri: str) -> Term:
    db.expire_all()
    return db.scalars(select(Term).where(Term.uri == uri)).one()


def test_languages_join_and_rows_that_cannot_be_read_are_named_by_line(db: Session, tmp_path: Path) -> None:
    report = bring(tmp_path, "skills_en.csv", ENGLISH)
    assert (report.rows, report.changed, report.left_out) == (2, 2, 3)
    assert [line for line, _ in report.refused] == [6, 7, 8], "a description may run over lines"
    assert [why.split()[-1] for _, why in report.refused] == [
        "(conceptUri).",
        "(preferredLabel).",
        "“Occupation”.",
    ]
    bring(tmp_path, "skills_nl.csv", DUTCH)
    found = term(db, JUGGLE)
    assert found.labels == {"en": "juggle", "nl": "jongleren"}
    assert found.description["nl"] == "In de lucht houden."
    assert [search(db, words)[0].uri for words in ("catch", "jonglér", "ballen gooi")] == [JUGGLE] * 3


def test_the_same_file_again_changes_nothing_nor_does_a_start(db: Session, tmp_path: Path) -> None:
    for _ in range(2):
        again = bring(tmp_path, "skills_en.csv", ENGLISH)
    assert again.changed == 0
    with writing() as session:
        assert load_built_in(session) == 0
    found = term(db, CURIOUS)
    assert (found.kind, found.description["en"]) == ("transversal", "A newer text.")
    assert "nieuwsgierigheid" in found.search_text, "our own words still lead to it"


def test_places_come_from_the_hierarchy_and_the_relations(db: Session, tmp_path: Path) -> None:
    bring(tmp_path, "skills_en.csv", ENGLISH)
    bring(tmp_path, "skillsHierarchy_en.csv", LEVELS)
    bring(tmp_path, "broaderRelationsSkillPillar_en.csv", PLACES)
    assert TOP in [one.uri for one in below(db, "esco", "en")]
    assert [one.labels["en"] for one in below(db, "esco", "en", TOP)] == ["moving things"]
    assert [one.uri for one in below(db, "esco", "en", GROUP)] == [JUGGLE]
    assert term(db, JUGGLE).kind == "skill" and term(db, GROUP).code == "S6"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("skills_en.csv", "a,b\n1,2\n", "columns"),
        ("skills.csv", ENGLISH, "language"),
        ("skills_en.csv", SKILLS + '"' + "x" * 1_000_001, "line"),
        ("skills_en.csv", "", "columns"),
    ],
)
def test_a_file_that_is_none_of_escos_is_refused_with_the_reason(
    db: Session, tmp_path: Path, name: str, text: str, why: str
) -> None:
    with pytest.raises(FileUnclear, match=why):
        bring(tmp_path, name, text)


def test_a_file_in_another_encoding_is_refused(db: Session, tmp_path: Path) -> None:
    (tmp_path / "skills_es.csv").write_bytes((SKILLS + "año\n").encode("latin-1"))
    with pytest.raises(FileUnclear, match="UTF-8"):
        import_file(tmp_path / "skills_es.csv")


def test_the_command_says_what_came_in_and_ends_with_one_when_rows_were_left_out(tmp_path: Path) -> None:
    files = []
    for name, words in (("skills_nl.csv", DUTCH), ("skills_en.csv", ENGLISH)):
        (tmp_path / name).write_text(words, encoding="utf-8")
        files.append(str(tmp_path / name))
    here = {"instance": tmp_path / "instance"}
    said = streetwise("frameworks", "import", *files, **here)
    assert said.returncode == 1
    assert "skills_en.csv: 2 rows read, 2 terms new or changed." in said.stdout
    assert "line 7: it has no name (preferredLabel)." in said.stderr
    assert streetwise("frameworks", "import", files[0], **here).returncode == 0
    (tmp_path / "other_en.csv").write_text("a,b\n", encoding="utf-8")
    assert "columns" in streetwise("frameworks", "import", str(tmp_path / "other_en.csv"), **here).stderr

"""Competences that badges stand for, where their framework has no address of its own for each: LifeComp.

The names are the framework's, the descriptions our own words.
"""

from dataclasses import dataclass

from server.core.db import Texts
from server.core.errors import NotFound


@dataclass(frozen=True)
class Framework:
    """Who wrote down the competences. `url` leads to the whole of it."""

    name: str
    title: Texts
    url: str


@dataclass(frozen=True)
class Competence:
    framework: Framework
    code: str
    name: Texts
    description: Texts


LIFECOMP = Framework(
    name="LifeComp",
    title={
        "en": "The European framework for the personal, social and learning to learn key competence",
        "nl": "Het Europese kader voor de persoonlijke, sociale en leercompetentie",
        "es": "El marco europeo de la competencia clave personal, social y de aprender a aprender",
    },
    url="https://publications.jrc.ec.europa.eu/repository/handle/JRC120911",
)
_COMPETENCES = (
    Competence(
        LIFECOMP,
        "P3",
        {"en": "Wellbeing", "nl": "Welzijn", "es": "Bienestar"},
        {
            "en": "Looking for contentment in life, caring for body, mind and company, and living so that "
            "others and the planet fare well too.",
            "nl": "Tevredenheid zoeken in het leven, zorgen voor lichaam, geest en gezelschap, en zo leven dat "
            "het ook anderen en de planeet goed gaat.",
            "es": "Buscar la satisfacción en la vida, cuidar el cuerpo, la mente y las relaciones, y vivir de "
            "modo que también les vaya bien a los demás y al planeta.",
        },
    ),
    Competence(
        LIFECOMP,
        "L1",
        {"en": "Growth mindset", "nl": "Groeimindset", "es": "Mentalidad de crecimiento"},
        {
            "en": "Believing that one can go on learning, by effort and by learning from mistakes, one's own "
            "and others'.",
            "nl": "Erop vertrouwen dat je kunt blijven leren, door moeite te doen en door te leren van fouten "
            "van jezelf en van anderen.",
            "es": "Confiar en que se puede seguir aprendiendo, con esfuerzo y a partir de los errores propios y "
            "ajenos.",
        },
    ),
    Competence(
        LIFECOMP,
        "L2",
        {"en": "Critical thinking", "nl": "Kritisch denken", "es": "Pensamiento crítico"},
        {
            "en": "Weighing what one sees, reads and is told, asking where it comes from, and reaching "
            "conclusions that can be given reasons for.",
            "nl": "Afwegen wat je ziet, leest en hoort, vragen waar het vandaan komt, en conclusies trekken "
            "waar je redenen voor kunt geven.",
            "es": "Sopesar lo que se ve, se lee y se oye, preguntar de dónde viene y llegar a conclusiones que "
            "se puedan razonar.",
        },
    ),
)


def find_competence(framework: str, code: str) -> Competence:
    """Find a competence by how its address names it; raises NotFound."""
    for one in _COMPETENCES:
        if (one.framework.name.lower(), one.code) == (framework, code):
            return one
    raise NotFound()

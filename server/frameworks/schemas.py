"""The search for terms as OpenAPI shows it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TermsQuery(BaseModel):
    q: str = Field(
        "", max_length=200, description="words of a name, or the beginnings of them, in any language"
    )
    framework: str = Field("", max_length=20, description="only of this framework: esco, digcomp, …")
    under: str = Field("", max_length=200, description="without `q`: what stands right below this `uri`")
    lang: Literal["en", "nl", "es"] = Field("en", description="language of names, where there is one")


class FoundTerm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    uri: str
    url: str = Field(description="as credentials say it")
    page: str
    name: str
    lang: str = Field(description="language of the name")
    other: str = Field(description="that language's name for itself, when it is not the one asked for")
    description: str
    framework: str
    framework_name: str
    code: str
    area: bool = Field(description="only a heading: it holds others, and no badge stands for it")


class FoundTerms(BaseModel):
    model_config = ConfigDict(extra="forbid")

    terms: list[FoundTerm]
    more: bool = Field(description="there are more than these")

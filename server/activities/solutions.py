"""Answers to tasks: their canonical form, whether they are right, and the salted hashes the phone gets.

The hashes let a phone say right or wrong with no network. They are a nuisance barrier for the curious, no
secret: the server decides. `sync/vectors/answers.json` holds Python and JavaScript to the same rules.
"""

import hashlib
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from server.activities.models import Task
from server.core.errors import DomainError
from server.core.text import clean, fold

MAX_TEXT = 10_000
_NUMBER = re.compile(r"[+-]?(?=[.,]?[0-9])[0-9]{0,30}([.,][0-9]{0,30})?")
_MOST_NUMBERS = 1000  # hashes of one number task; a wider tolerance is left to the server


class AnswerForm(DomainError):
    """An answer does not have the form its task asks for."""

    code = "answer_form"


def canonical(task: Task, answer: Mapping[str, Any]) -> str:
    """Bring an answer to the one spelling that is compared and hashed. Raises AnswerForm.

    `{"choices": [ids]}` → ids sorted, joined by commas; `{"number": "12,50"}` → decimal rounded to the
    task's step; `{"text": …}` → folded.
    """
    if task.kind in ("choice", "choices"):
        return _canonical_choices(task, answer.get("choices"))
    if task.kind == "number":
        return canonical_number(answer.get("number"), task.step)
    if task.kind == "text":
        return fold(read_text(answer.get("text"), task.max_length))
    raise AnswerForm()


def _canonical_choices(task: Task, chosen: object) -> str:
    known = {str(option["id"]) for option in task.options}
    if not isinstance(chosen, list) or not chosen or not all(isinstance(one, str) for one in chosen):
        raise AnswerForm()
    if (
        not set(chosen) <= known
        or len(set(chosen)) != len(chosen)
        or (task.kind == "choice" and len(chosen) != 1)
    ):
        raise AnswerForm()
    return ",".join(sorted(chosen))


def canonical_number(text: object, step: str | None) -> str:
    """Round a decimal to a step, half away from zero, and write it plainly: "1856", "12.5", "-0.5"."""
    if not isinstance(text, str) or not (parts := _NUMBER.fullmatch(text.strip().replace("−", "-"))):
        raise AnswerForm()
    with localcontext(prec=90):
        number = Decimal(parts[0].replace(",", "."))
        if step and Decimal(step):
            number = (number / Decimal(step)).quantize(Decimal(1), ROUND_HALF_UP) * Decimal(step)
        return _plain(number)


def _plain(number: Decimal) -> str:
    written = f"{number:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


def read_text(text: object, most: int | None) -> str:
    """Clean a text that a learner wrote. Raises AnswerForm when it is empty or too long."""
    if not isinstance(text, str):
        raise AnswerForm()
    cleaned = clean(text).strip()
    if not cleaned or len(cleaned) > min(most or MAX_TEXT, MAX_TEXT):
        raise AnswerForm()
    return cleaned


def is_right(task: Task, answer: Mapping[str, Any]) -> bool | None:
    """Decide an answer; None when the task is open. Raises AnswerForm."""
    given = canonical(task, answer)
    if not task.accepted:
        return None
    if task.kind == "number":
        tolerance = Decimal(task.tolerance or 0)
        right = (Decimal(canonical_number(one, task.step)) for one in task.accepted)
        return any(abs(Decimal(given) - one) <= tolerance for one in right)
    return given in _accepted(task)


def accepted_hashes(task: Task) -> list[str] | None:
    """Return what the phone may know of the right answers: hex SHA-256(salt ‖ ":" ‖ canonical answer).

    None when the task is open, or when too many numbers are right to list them.
    """
    spelt = _accepted(task)
    if not spelt:
        return None
    return [hashlib.sha256(f"{task.salt}:{one}".encode()).hexdigest() for one in spelt]


def _accepted(task: Task) -> list[str]:
    if task.kind == "number":
        return _accepted_numbers(task)
    if task.kind == "text":
        return sorted({fold(one) for one in task.accepted})
    return sorted({",".join(sorted(one.split(","))) for one in task.accepted})


def _accepted_numbers(task: Task) -> list[str]:
    """List every multiple of the step within the tolerance; without a step only the exact numbers."""
    numbers: set[str] = set()
    step, tolerance = Decimal(task.step or 0), Decimal(task.tolerance or 0)
    if tolerance and (not step or tolerance / step > _MOST_NUMBERS):
        return []
    for one in task.accepted:
        middle = Decimal(canonical_number(one, task.step))
        around = int(tolerance / step) if step else 0
        numbers |= {_plain(middle + n * step) for n in range(-around, around + 1)}
    return sorted(numbers)

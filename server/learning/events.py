"""Effects of what learners do: they check in, answer, hand in, say what they think, and take things back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from itertools import chain
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.activities.models import Task
from server.activities.solutions import AnswerForm
from server.badges import services as badges
from server.codes import services as codes
from server.codes.finding import by_proof, find_by_typed, find_claim_code, without_proof
from server.codes.models import Code
from server.codes.services import UnknownCode, Use
from server.learning import claims, completions, decisions, services, voids
from server.learning.flag_rows import flag_row
from server.learning.ledger import Spot, ledger_of
from server.learning.models import Answer, Evidence
from server.learning.rows import Keyed, award_row, check_in_row, saved_row, task_row
from server.learning.services import Deed
from server.playlists.models import Playlist
from server.replicas import blobs
from server.replicas.effects import Work, on, read_id, read_text
from server.replicas.models import Event as EventRow
from server.replicas.moments import moment
from server.replicas.store import SqlStore
from sync.engine import Effect, Held, Later, Refused
from sync.messages import Verdict
from sync.times import Window, judge_time

WRONG_TYPED_AN_HOUR = 20
"""Typed forms have 25 secret bits: more wrong ones than this in an hour must wait."""
BY_CODE = ("checkin.scan", "badge.claim")
MOST_TEXT = 10_000
COUNTING = ("right", "received", "accepted")
"""States of work that can complete something."""


SCANS: dict[str, Effect[SqlStore]] = {}
"""What does the scan of proofs that are no code of ours, by their kind (the first character)."""


def scans(kind: str) -> Callable[[Effect[SqlStore]], Effect[SqlStore]]:
    """Register what a scan of such proofs does. For domains that know more of check-ins than we do."""

    def register(effect: Effect[SqlStore]) -> Effect[SqlStore]:
        SCANS[kind] = effect
        return effect

    return register


def _use(work: Work, shown: str = "") -> Use:
    """Gather what is known of when the event happened."""
    return Use(
        wall=work.event.at.wall,
        anchor_at=work.store.anchor_at(work.event),
        received_at=work.received_at,
        max_offline=work.store.terms.max_offline_ms,
        shown=shown,
    )


def _deed(work: Work) -> Deed:
    use = _use(work)
    when = judge_time(
        Window(), anchor_at=use.anchor_at, received_at=use.received_at, wall=use.wall, max_offline=0
    )
    return Deed(work.event.learner, work.event.id, moment(when.at), moment(work.now))


def _tell(work: Work, rows: Iterable[Keyed]) -> None:
    for key, row in rows:
        work.put(key, row)


@on("checkin.scan")
def scan(work: Work) -> Mapping[str, Any]:
    """Check in at a stop by its QR (point and proof), its typed form, or by one's own word (level 0)."""
    proof = work.event.body.get("proof")
    if isinstance(proof, str) and (judged := SCANS.get(proof[:1])):
        return judged(work)
    ledger, deed, unconfirmed = ledger_of(work), _deed(work), False
    code = _find_code(work)
    if code and ledger.gives_badge(code):
        return _claim(work, code)  # of a phone that did not know what the code was for
    spot = ledger.spot_of(code) if code else Spot(read_id(work, "activity"))
    before = ledger.check_in(deed.learner, spot)
    if code:
        use, place = _use(work, _read_shown(work)), _read_place(work, code)
        check_in, already = services.check_in(ledger, deed, code, use, place=place)
    else:
        check_in, already = services.check_in_by_word(ledger, deed, spot.activity, _use(work))
    if already:
        sure = _sure_again(work, code) if code and completions.may_renew(ledger, spot.activity) else None
        _tell(work, completions.do_again(ledger, deed, check_in.activity_id, sure))
    else:
        check_in, unconfirmed = decisions.confirm(work, check_in, before)
        _tell(work, [check_in_row(check_in, code.point_id if code else None)])
        _tell(work, completions.settle(ledger, deed, check_in.activity_id))
    effect = {"activity": spot.activity, "level": check_in.level, "time": check_in.time}
    return {
        **effect,
        **_marks(occurrence=spot.occurrence, already=already, unconfirmed=unconfirmed, over=check_in.over),
    }


def _sure_again(work: Work, code: Code) -> completions.Sure | None:
    """Judge a scan that counts for nothing but a renewal."""
    try:
        judged = codes.judge(code, _use(work, _read_shown(work)), used_by_person=0)
    except codes.CodeRefused:
        return None
    return completions.Sure(code.level, judged.state)


@on("badge.claim")
def claim(work: Work) -> Mapping[str, Any]:
    """Give the badge of a claim code, by its QR (point and proof) or its typed form."""
    code = _find_code(work)
    if code is None:
        raise Refused("malformed", where="body.point")
    return _claim(work, code)


def _claim(work: Work, code: Code) -> Mapping[str, Any]:
    ledger, deed = ledger_of(work), _deed(work)
    given, already = claims.claim(ledger, deed, code, _use(work, _read_shown(work)))
    _tell(work, [award_row(badges.feed_row(given))])
    if not already:
        _tell(work, completions.follow_on(ledger, deed, [("series", given.achievement.series)]))
    sure = {name: given.assurance[name] for name in ("level", "time")}
    return {"award": given.id, "achievement": given.achievement_id, **sure, **_marks(already=already)}


def _marks(**marks: object) -> dict[str, Any]:
    """Leave out what is empty: effects say only what is so."""
    return {name: mark for name, mark in marks.items() if mark}


def _find_code(work: Work) -> Code | None:
    point, proof, typed = (read_text(work, name, 100) for name in ("point", "proof", "typed"))
    if typed:
        return _find_typed(work, typed)
    if not point:
        return None
    found = ledger_of(work).points.get(point.upper())
    if found and found.achievement_id:
        return find_claim_code(work.store.reader, point.upper(), proof)
    return by_proof(found, proof) if proof else without_proof(found)


def _read_shown(work: Work) -> str:
    return read_text(work, "typed", 100) or read_text(work, "proof", 100)


def _read_place(work: Work, code: Code) -> str:
    """Read whether the phone was at the code's place: in, out or unknown; empty where the code has none.

    The phone compares by itself and sends no coordinates. A phone that says nothing does not know.
    """
    said = work.event.body.get("place")
    if said is not None and not (
        isinstance(said, dict)
        and said.get("is") in ("in", "out", "unknown")
        and said.get("accuracy") in ("fine", "coarse", None)
    ):
        raise Refused("malformed", where="body.place")
    if codes.place_of(code) is None:
        return ""
    return said["is"] if said else "unknown"


def _find_typed(work: Work, typed: str) -> Code:
    if not work.store.terms.may_guess or _count_wrong_typed(work) >= WRONG_TYPED_AN_HOUR:
        raise Later("too_many_tries", 900)
    return find_by_typed(work.store.session, typed, _use(work).at)


def _count_wrong_typed(work: Work) -> int:
    work.store.write_new()
    query = select(func.count()).where(
        EventRow.learner_id == work.event.learner,
        EventRow.type.in_(BY_CODE),
        EventRow.why == UnknownCode.code,
        EventRow.received_at > moment(work.now) - timedelta(hours=1),
    )
    return work.store.session.scalar(query) or 0


@on("task.answer")
def answer(work: Work) -> Mapping[str, Any]:
    """Decide an answer. A wrong one is an accepted event with a wrong answer: one may try again."""
    task, given = services.find_task(ledger_of(work), read_id(work, "task")), work.event.body.get("answer")
    if not isinstance(given, dict):
        raise AnswerForm()
    return _decide(work, task, given)


def _decide(work: Work, task: Task, given: Mapping[str, Any]) -> Mapping[str, Any]:
    ledger, deed = ledger_of(work), _deed(work)
    decided = services.answer(ledger, deed, task, given)
    return {**_take(work, deed, task, decided), "tries": decided.tries}


def _take(work: Work, deed: Deed, task: Task, done: Answer | Evidence) -> dict[str, Any]:
    """Let work count, where the organiser looks at it once they did, and say how it stands."""
    done, note = decisions.review(work, task, done)
    _tell(work, [task_row(task, done, note)])
    if done.state in COUNTING:
        _tell(work, completions.settle(ledger_of(work), deed, task.activity_id))
    return {"state": done.state, **_marks(note=note, already=done.event_id != work.event.id)}


@on("evidence.submit")
def submit(work: Work) -> Mapping[str, Any]:
    """Take text, photos or sounds. Files wait on hold until all are here and turned out to be what they should."""
    ledger, deed = ledger_of(work), _deed(work)
    task = services.find_task(ledger, read_id(work, "task"))
    text = read_text(work, "text", MOST_TEXT)
    if task.kind == "text" and task.accepted:
        return _decide(work, task, {"text": text})  # its right answers are known
    files = _find_files(work, task)
    return _take(work, deed, task, services.hand_in(ledger, deed, task, text=text, files=files))


def _find_files(work: Work, task: Task) -> list[str]:
    """Return the hashes of the event's files once all are here. Holds or refuses otherwise."""
    named, kinds = _read_files(work), services.FILE_KINDS.get(task.kind, frozenset())
    refs = {one.sha256: one for one in work.event.blobs}
    for one in named:
        if one not in refs:
            raise Refused("malformed", where="body.files")
        if refs[one].size > work.store.terms.max_blob_bytes:
            raise Refused("too_large", blob=one)
        if refs[one].mime not in kinds:
            raise Refused("wrong_media_type", blob=one)
    here = blobs.whole(work.store.reader, work.event.learner, named) if named else {}
    if unusable := [one for one in named if one in here and here[one] not in kinds]:
        raise Refused("blob_unreadable", blob=unusable[0])
    if missing := [one for one in named if one not in here]:
        raise Held("blob_missing", blob=missing[0], files=len(named), missing=len(missing))
    return named


def _read_files(work: Work) -> list[str]:
    """Read which files are handed in."""
    files = work.event.body.get("files")
    if not isinstance(files, list) or not all(isinstance(one, str) for one in files):
        raise Refused("malformed", where="body.files")
    return list(dict.fromkeys(files))


@blobs.keeps
def files_in_use(session: Session, learner: str) -> Iterable[str]:
    """Name the files that a learner's evidence shows."""
    return chain.from_iterable(session.scalars(select(Evidence.files).where(Evidence.learner_id == learner)))


@on("feedback.give")
def give_feedback(work: Work) -> Mapping[str, Any]:
    """Keep one to five stars and a few words; the event itself is the record."""
    services.check_activity(ledger_of(work), read_id(work, "activity"))
    stars = work.event.body.get("stars")
    if type(stars) is not int or not 1 <= stars <= 5:
        raise Refused("malformed", where="body.stars")
    read_text(work, "text", MOST_TEXT)
    return {}


@on("playlist.save")
def save_playlist(work: Work) -> Mapping[str, Any]:
    """Tell the learner's other phones that a playlist was saved on this one; the event itself is the record."""
    found = work.store.session.get(Playlist, read_id(work, "playlist"))
    if found is not None:
        work.put(*saved_row(found))
    return {}


@on("playlist.forget")
def forget_playlist(work: Work) -> Mapping[str, Any]:
    """Take back what `playlist.save` told; the event itself is the record."""
    work.drop(f"saved:{read_id(work, 'playlist')}")
    return {}


@on("event.withdraw")
def withdraw(work: Work) -> Mapping[str, Any]:
    """Take back an earlier event, as long as nothing was completed with it."""
    learner, target = work.event.learner, read_id(work, "event")
    known = work.store.find_known(learner, target)
    if known is None:
        raise Refused("unknown_event")
    if known.verdict.state == "hold":
        work.store.decide(known.event, Verdict("rejected", "withdrawn"))
        work.put(
            f"verdict:{target}", {"event": target, "state": "rejected", "why": "withdrawn", "effect": {}}
        )
    for key in services.withdraw(ledger_of(work), learner, target):
        work.drop(key)
    return {"event": target}


@on("checkin.appeal")
def appeal(work: Work) -> Mapping[str, Any]:
    """Take a learner's word against the void of a check-in, which a person then decides on again."""
    target, text = read_id(work, "event"), read_text(work, "text", voids.MOST_APPEAL)
    if not text:
        raise Refused("malformed", where="body.text")
    flag = voids.appeal(work.store.session, (work.event.learner, target), text, moment(work.now))
    work.put(*flag_row(flag))
    return {"event": target}

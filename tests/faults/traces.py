"""Runs in which several rare things meet. Chance finds each of them too, but takes long: so they are walked first.

A trace is a list of the machine's own steps; the machine then heals and judges as ever. `a` is the machine.
"""

from collections.abc import Callable
from dataclasses import replace

from tests.faults.facts import Log
from tests.faults.machine import HOUR, Machine
from tests.faults.phone import DAY, Item, Seat

Trace = Callable[[Machine], None]
ADA, BEN, EVE = 0, 1, 2


def walk(kind: type[Machine], trace: Trace) -> Log:
    """Walk a trace, heal and judge. Raises Broken."""
    machine = kind()
    machine.begin(capacity=1, batch=4, page=4)
    for learner in (ADA, BEN, EVE):
        sync(machine, learner)
    trace(machine)
    machine.teardown()
    return machine.log


def seat_of(machine: Machine, learner: int) -> Seat:
    return machine.tablets[learner // 2].seats[machine.learners[learner]]


def sync(machine: Machine, learner: int, until: str = "end") -> None:
    machine.cycle(machine.tablets[learner // 2], seat_of(machine, learner), until)


def do(machine: Machine, learner: int, *kinds: str) -> Item:
    for kind in kinds:
        machine.do_at(machine.tablets[learner // 2], machine.learners[learner], kind)
    return seat_of(machine, learner).outbox()[-1]


def the_server_says_400(a: Machine) -> None:
    do(a, ADA, "mill")
    a.send(t=0, s=0)
    a.somebody_else_answers(n=0, status=400)


def a_captive_portal_answers(a: Machine) -> None:
    do(a, ADA, "mill")
    a.send(t=0, s=0)
    a.somebody_else_answers(n=0, status=200)


def two_want_the_last_place(a: Machine) -> None:
    for learner in (ADA, EVE):
        do(a, learner, "mill")
        sync(a, learner, until="open")
    while a.opened:
        a.commit(n=0)


def a_file_arrives_beside_a_batch(a: Machine) -> None:
    do(a, ADA, "photo")
    sync(a, ADA)
    a.upload_now(a.tablets[0], next(iter(a.tablets[0].files)), wait=True)
    do(a, ADA, "quay")
    sync(a, ADA)
    while a.opened:
        a.commit(n=0)
    sync(a, ADA)


def a_damaged_file_arrives(a: Machine) -> None:
    do(a, ADA, "mill", "photo")
    sync(a, ADA)
    a.upload_now(a.tablets[0], next(iter(a.tablets[0].files)), damaged=True)


def a_file_never_arrives(a: Machine) -> None:
    do(a, ADA, "photo")
    sync(a, ADA)
    do(a, ADA, "mill")
    sync(a, ADA)
    a.tablets[0].files.clear()


def a_server_goes_back(a: Machine) -> None:
    a.keep_copies(a.tablets[0])
    a.bounds.copies = a.bounds.copies[-1:]
    do(a, ADA, "mill")
    sync(a, ADA)
    a.server_is_restored(n=0)


def a_server_goes_back_and_the_work_is_gone(a: Machine) -> None:
    sync(a, ADA)
    copies = a.bounds.copies[-1:]
    do(a, ADA, "mint")
    sync(a, ADA)
    a.a_phone_loses_work(t=0, s=0, n=0)
    a.bounds.copies = copies
    a.server_is_restored(n=0)


def a_phone_goes_back(a: Machine) -> None:
    a.keep_copies(a.tablets[0])
    profiles = a.bounds.profiles[-1:]
    do(a, ADA, "mill")
    sync(a, ADA)
    a.bounds.profiles = profiles
    a.a_phone_is_rolled_back(n=0)
    do(a, ADA, "quay", "photo")
    sync(a, ADA)
    do(a, ADA, "mint")


def an_id_is_taken_by_another(a: Machine) -> None:
    item = do(a, ADA, "mill")
    sync(a, ADA)
    a.take_id(seat_of(a, EVE), seat_of(a, ADA), item)
    sync(a, EVE)


def bytes_are_edited(a: Machine) -> None:
    a.edit(seat_of(a, EVE), seat_of(a, ADA), do(a, ADA, "mill"))


def somebody_poses_as_another(a: Machine) -> None:
    a.pose(seat_of(a, EVE), seat_of(a, ADA), do(a, ADA, "mill"))


def an_anchor_of_the_future(a: Machine) -> None:
    a.an_anchor_is_made_up(t=1, late=True)
    a.now += 4 * HOUR
    sync(a, EVE)


def a_declined_scan_comes_again(a: Machine) -> None:
    a.tablets[0].skew = 3 * HOUR
    do(a, ADA, "quay")
    sync(a, ADA, until="back")
    a.lose_reply(n=0)
    a.now += 4 * HOUR
    sync(a, ADA)


def a_joined_phone_and_a_restore(a: Machine) -> None:
    a.keep_copies(a.tablets[0])
    copies = a.bounds.copies[-1:]
    a.join_by_a_second_phone()
    sync(a, ADA)
    joined = a.tablets[2]
    a.cycle(joined, joined.seats[a.learners[ADA]])
    a.do_at(joined, a.learners[ADA], "mill")
    a.cycle(joined, joined.seats[a.learners[ADA]])
    a.bounds.copies = copies
    a.server_is_restored(n=0)
    a.cycle(joined, joined.seats[a.learners[ADA]])


def a_text_builds_on_a_scan_that_is_declined(a: Machine) -> None:
    a.now += 12 * HOUR  # the quay's window is over
    do(a, ADA, "quay", "text")
    sync(a, ADA)


def a_text_arrives_before_what_it_builds_on(a: Machine) -> None:
    scan = do(a, ADA, "mill")
    seat = seat_of(a, ADA)
    seat.items[scan.id] = replace(scan, retry_at=a.now + HOUR)
    do(a, ADA, "text")
    sync(a, ADA)
    a.now += HOUR
    sync(a, ADA)


def an_organiser_says_no(a: Machine) -> None:
    do(a, ADA, "mill", "text", "mint")
    sync(a, ADA)
    for learner, event, _ in a.world.waiting_for_organiser():
        a.change(lambda one=(learner, event): a.world.decide(*one, "declined", a.now), wait=False)
    sync(a, ADA)


def a_file_comes_in_pieces_before_its_event(a: Machine) -> None:
    do(a, ADA, "mill", "photo")
    name = next(iter(a.tablets[0].files))
    a.upload_piece_now(a.tablets[0], name, 5)
    sync(a, ADA)
    sync(a, ADA)


def an_old_phone_hands_in_a_photo_that_never_arrives(a: Machine) -> None:
    do(a, ADA, "mill", "old photo")
    sync(a, ADA)
    a.tablets[0].files.clear()


def a_second_phone_is_away_for_half_a_year(a: Machine) -> None:
    a.join_by_a_second_phone()
    scan = do(a, ADA, "mill")
    second = a.tablets[2]
    for _ in range(3):
        sync(a, ADA)
        a.cycle(second, second.seats[a.learners[ADA]])
    a.do_at(second, a.learners[ADA], "text")
    a.cycle(second, second.seats[a.learners[ADA]])
    a.record(a.tablets[0], a.learners[ADA], "event.withdraw", {"event": scan.id})
    sync(a, ADA)
    a.now += 31 * DAY
    a.world.end_holds(a.now)
    a.half_a_year_passes()
    sync(a, ADA)


def a_phone_brings_anothers_work(a: Machine) -> None:
    do(a, ADA, "mill")
    a.carry_now(seat_of(a, EVE), seat_of(a, ADA))
    sync(a, ADA)


def somebody_joins_uninvited(a: Machine) -> None:
    a.join_uninvited(seat_of(a, EVE), seat_of(a, ADA), do(a, ADA, "mill"))


def the_server_chokes_on_one_event(a: Machine) -> None:
    do(a, ADA, "mill")
    a.do_what_the_server_chokes_on(t=0)
    do(a, ADA, "photo")
    for _ in range(4):
        sync(a, ADA)


TRACES: tuple[Trace, ...] = (
    the_server_says_400, a_captive_portal_answers, two_want_the_last_place, a_file_arrives_beside_a_batch,
    a_damaged_file_arrives, a_file_never_arrives, a_server_goes_back, a_server_goes_back_and_the_work_is_gone,
    a_phone_goes_back, an_id_is_taken_by_another, bytes_are_edited, somebody_poses_as_another, an_anchor_of_the_future,
    a_declined_scan_comes_again, a_joined_phone_and_a_restore, a_text_builds_on_a_scan_that_is_declined,
    a_text_arrives_before_what_it_builds_on, an_organiser_says_no, a_file_comes_in_pieces_before_its_event,
    an_old_phone_hands_in_a_photo_that_never_arrives, a_second_phone_is_away_for_half_a_year,
    a_phone_brings_anothers_work, somebody_joins_uninvited, the_server_chokes_on_one_event,
)  # fmt: skip

"""The museum's sounds are small, always the same, and answer the questions asked about them."""

import io
import wave
from array import array
from itertools import pairwise

import pytest

from server.demo.reading import read
from server.demo.sounds import RATE, SOUNDS, STROKES


def _samples(name: str) -> list[int]:
    with wave.open(io.BytesIO(SOUNDS[name]())) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        return array("h", sound.readframes(sound.getnframes())).tolist()


def _onsets(name: str, above: float) -> list[float]:
    """Find the moments, in seconds, at which it gets loud after a second of being less so."""
    samples, found = _samples(name), [-9.0]
    loud = above * max(abs(value) for value in samples)
    for number, value in enumerate(samples):
        if abs(value) > loud and number / RATE - found[-1] > 1:
            found.append(number / RATE)
    return found[1:]


@pytest.mark.parametrize("name", SOUNDS)
def test_a_sound_is_short_and_small(name: str) -> None:
    sound = SOUNDS[name]()
    assert len(sound) <= 400_000
    assert 8 <= len(sound) / 2 / RATE <= 15.1
    assert sound == SOUNDS[name]()


def test_the_loose_paddle_claps_every_six_seconds() -> None:
    onsets = _onsets("mill_wheel", 0.6)
    assert [round(b - a) for a, b in pairwise(onsets)] == [6, 6]


def test_the_clock_strikes_as_often_as_its_task_says() -> None:
    assert len(_onsets("tower_clock", 0.72)) == STROKES
    clock = next(a for a in read().activities if a.audio == "tower_clock")
    assert clock.tasks[1].accepted == (str(STROKES),)


def test_every_sound_is_heard_and_written_out_somewhere() -> None:
    heard = {a.audio for a in read().activities if a.audio and a.audio_text}
    assert heard == set(SOUNDS)

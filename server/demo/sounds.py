"""The museum's sounds, made from sines and noise: mono WAV, 16 bit, the same bytes every time."""

import io
import math
import random
import wave
from array import array
from collections.abc import Callable, Iterator

RATE = 11_025
"""Samples a second: enough for water and bells, and a third of a megabyte for fifteen seconds."""
CLACKS = (1.0, 7.0, 13.0)
"""When the loose paddle hits the water, in seconds: ten turns a minute."""
STROKES = 7
"""What the tower clock strikes."""

Samples = list[float]


def mill_wheel() -> bytes:
    """Water, creaking wood, and one clack a turn."""
    sound = _water(14.5, seed=1, loudness=0.16)
    for start in _every(0.4, 0.5, 14.0):  # twelve paddles a turn
        _add(sound, start, _thud(90, 0.18, seed=round(start * 10)), 0.10)
    for number, start in enumerate(_every(0.2, 3.0, 14.0)):
        _add(sound, start, _creak(1.1, 210 + 35 * (number % 3)), 0.10)
    for start in CLACKS:
        _add(sound, start, _clack(), 0.85)
    return _wav(sound)


def tower_clock() -> bytes:
    """A slow tick, then seven strokes of a bell."""
    sound = _silence(15.0)
    for number, start in enumerate(_every(0.2, 1.0, 14.6)):
        _add(sound, start, _thud(900 if number % 2 else 1200, 0.03, seed=number), 0.12)
    bell = _bell(4.0)
    for stroke in range(STROKES):
        _add(sound, 1.2 + 1.5 * stroke, bell, 0.5)
    return _wav(sound)


def salt_cellar() -> bytes:
    """Drops in a hollow room, the river behind the wall."""
    sound = _water(10.0, seed=3, loudness=0.05)
    for number, start in enumerate((0.6, 2.3, 3.1, 5.2, 6.9, 7.5, 8.8)):
        for echo in range(4):
            _add(sound, start + 0.19 * echo, _drop(900 + 130 * (number % 4)), 0.45 * 0.42**echo)
    return _wav(sound)


def pump_room() -> bytes:
    """A thump and a hiss, over and over."""
    sound = _water(10.0, seed=4, loudness=0.04)
    for start in _every(0.3, 1.6, 9.0):
        _add(sound, start, _thud(52, 0.45, seed=5), 0.8)
        _add(sound, start + 0.7, _hiss(0.7), 0.22)
    return _wav(sound)


SOUNDS: dict[str, Callable[[], bytes]] = {
    "mill_wheel": mill_wheel,
    "tower_clock": tower_clock,
    "salt_cellar": salt_cellar,
    "pump_room": pump_room,
}


def _silence(seconds: float) -> Samples:
    return [0.0] * round(seconds * RATE)


def _every(start: float, step: float, end: float) -> Iterator[float]:
    while start < end:
        yield start
        start += step


def _add(sound: Samples, start: float, part: Samples, loudness: float) -> None:
    """Mix a part in; what would go past the end is dropped."""
    at = round(start * RATE)
    for offset, value in enumerate(part[: max(0, len(sound) - at)]):
        sound[at + offset] += value * loudness


def _noise(seconds: float, seed: int, smooth: float) -> Samples:
    """Noise behind a one-pole low-pass; the nearer `smooth` is to 1, the duller."""
    dice, value, out = random.Random(seed), 0.0, []  # noqa: S311 - a sound, not a secret
    for _ in range(round(seconds * RATE)):
        value = smooth * value + (1 - smooth) * dice.uniform(-1, 1)
        out.append(value)
    return out


def _water(seconds: float, seed: int, loudness: float) -> Samples:
    """Rushing that swells and sinks."""
    return [
        loudness * 3 * value * (1 + 0.35 * math.sin(i / RATE * 2.1) + 0.2 * math.sin(i / RATE * 5.3))
        for i, value in enumerate(_noise(seconds, seed, 0.82))
    ]


def _fading(seconds: float, wave_at: Callable[[float], float], fade: float) -> Samples:
    """A wave that starts within 2 ms and dies away `fade` times as fast as e⁻ᵗ."""
    return [
        min(1.0, i / (0.002 * RATE)) * math.exp(-fade * i / RATE) * wave_at(i / RATE)
        for i in range(round(seconds * RATE))
    ]


def _thud(pitch: float, seconds: float, seed: int) -> Samples:
    body = _fading(seconds, lambda t: math.sin(2 * math.pi * pitch * t), 4 / seconds)
    return [a + 0.5 * b for a, b in zip(body, _noise(seconds, seed, 0.6), strict=False)]


def _clack() -> Samples:
    """Wood on water: two hard knocks and a splash."""
    knock = _fading(
        0.25, lambda t: math.sin(2 * math.pi * 420 * t) + 0.6 * math.sin(2 * math.pi * 1130 * t), 22
    )
    splash = _noise(0.9, 7, 0.4)
    sound = [value * math.exp(-5 * i / RATE) * 0.6 for i, value in enumerate(splash)]
    _add(sound, 0.0, knock, 0.6)
    _add(sound, 0.07, knock, 0.35)
    return sound


def _creak(seconds: float, pitch: float) -> Samples:
    """Dry wood: a sawtooth that climbs and trembles."""

    def wave_at(t: float) -> float:
        phase = pitch * (t + 0.12 * t * t) + 0.25 * math.sin(2 * math.pi * 17 * t)
        return (2 * (phase % 1) - 1) * math.sin(math.pi * t / seconds) ** 2

    return _fading(seconds, wave_at, 0.1)


def _bell(seconds: float) -> Samples:
    """A tower bell: hum, prime, minor third, fifth and octave, the high ones dying first."""
    partials = ((0.5, 0.5, 0.7), (1, 0.8, 1.0), (1.2, 0.5, 1.6), (1.5, 0.3, 2.2), (2, 0.5, 2.6), (3, 0.2, 4))
    parts = [
        _fading(seconds, lambda t, n=n: math.sin(2 * math.pi * 330 * n * t), fade)  # type: ignore[misc]
        for n, _, fade in partials
    ]
    return [
        sum(loud * value for (_, loud, _), value in zip(partials, at, strict=True)) / 2
        for at in zip(*parts, strict=True)
    ]


def _drop(pitch: float) -> Samples:
    return _fading(0.18, lambda t: math.sin(2 * math.pi * pitch * t * (1 + 2.2 * t)), 26)


def _hiss(seconds: float) -> Samples:
    return [
        value * math.sin(math.pi * i / (seconds * RATE)) for i, value in enumerate(_noise(seconds, 9, 0.15))
    ]


def _wav(sound: Samples) -> bytes:
    """Fade both ends, keep within range, and write 16-bit samples."""
    edge = RATE // 10
    for i in range(edge):
        sound[i] *= i / edge
        sound[-1 - i] *= i / edge
    loudest = max(1.0, *(abs(value) for value in sound))
    samples = array("h", (round(32_000 * value / loudest) for value in sound))
    if array("h", [1]).tobytes()[0] != 1:  # WAV is little-endian
        samples.byteswap()
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.tobytes())
    return file.getvalue()

"""A phone's camera in a dim room: pictures of a code held askew, dark, out of focus, noisy, and compressed.

All codes are as wide as each other, as they are on a screen: one of more modules has smaller ones. Every picture is
made from its number alone, so the same number means the same hand, light and noise for each code.
"""

import math
import random
from collections.abc import Iterable
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1280, 960
"""What a phone's sensor gives when `scanner/camera.js` asks for 1280 pixels."""
_MODULE = 12  # pixels in the print that is photographed
_WIDE = 0.38, 0.62  # of the picture's height, quiet zone included
_TILT, _TURN = 40, 30  # degrees at most
_LIGHT = 0.2, 0.6  # how bright white paper comes out
_BLUR = 1.0, 3.0  # standard deviation in pixels
_NOISE = 0.02, 0.07  # standard deviation, of white paper in full light
_QUALITY = 40, 80  # of the JPEG

Matrix = list[list[float]]


def print_code(bars: Iterable[tuple[int, int, int]], size: int) -> Image.Image:
    """Print a code: black on white, `size` modules wide with its quiet zone."""
    paper = Image.new("L", (size * _MODULE, size * _MODULE), 255)
    pen = ImageDraw.Draw(paper)
    for x, y, length in bars:
        pen.rectangle((x * _MODULE, y * _MODULE, (x + length) * _MODULE - 1, (y + 1) * _MODULE - 1), fill=0)
    return paper


def photograph(paper: Image.Image, number: int) -> Image.Image:
    """Take the picture of this number."""
    chance = random.Random(number)
    picture = _hold_up(paper, chance)
    picture = _darken(picture, chance)
    picture = picture.filter(ImageFilter.GaussianBlur(chance.uniform(*_BLUR)))
    return _compress(_add_noise(picture, chance), chance)


def _hold_up(paper: Image.Image, chance: random.Random) -> Image.Image:
    """Show paper in front of a wall, turned, tilted to any side, and not quite in the middle."""
    wide = chance.uniform(*_WIDE) * HEIGHT / paper.width
    turn, tilt = math.radians(chance.uniform(-_TURN, _TURN)), math.radians(chance.uniform(0, _TILT))
    rotation = _rotation(turn, tilt, axis=chance.uniform(0, 2 * math.pi))
    middle = WIDTH / 2 + chance.uniform(-80, 80), HEIGHT / 2 + chance.uniform(-80, 80)
    places = _inverse(_project(rotation, wide, paper.width / 2, middle))
    scale = places[2][2]
    numbers = [value / scale for row in places for value in row][:8]
    wall = Image.new("L", (WIDTH, HEIGHT), chance.randint(90, 220))
    edge = Image.new("L", paper.size, 255)
    show = (Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BICUBIC)
    seen, mask = paper.transform(wall.size, *show), edge.transform(wall.size, *show)
    return Image.composite(seen, wall, mask)


def _rotation(turn: float, tilt: float, axis: float) -> Matrix:
    """Turn in the picture's plane, then tilt about an axis in that plane (Rodrigues); all in radians."""
    x, y, sine, rest = math.cos(axis), math.sin(axis), math.sin(tilt), 1 - math.cos(tilt)
    tilted = [[1 - rest * y * y, rest * x * y, y * sine], [rest * x * y, 1 - rest * x * x, -x * sine], [-y * sine, x * sine, 1 - rest]]  # fmt: skip
    turned = [[math.cos(turn), -math.sin(turn), 0.0], [math.sin(turn), math.cos(turn), 0.0], [0.0, 0.0, 1.0]]
    return _times(tilted, turned)


def _project(rotation: Matrix, wide: float, half: float, middle: tuple[float, float]) -> Matrix:
    """Map places on the paper to places in the picture, as a lens of 65° does, one picture's width away."""
    away = float(WIDTH)
    paper = [[wide, 0.0, -half * wide], [0.0, wide, -half * wide], [0.0, 0.0, 1.0]]
    plane = [[row[0], row[1], 0.0] for row in rotation]
    plane[2][2] = away
    lens = [[away, 0.0, middle[0]], [0.0, away, middle[1]], [0.0, 0.0, 1.0]]
    return _times(lens, _times(plane, paper))


def _times(one: Matrix, other: Matrix) -> Matrix:
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*other, strict=True)]
        for row in one
    ]


def _inverse(m: Matrix) -> Matrix:
    """Invert a matrix, but for its scale, which places in a picture do not need."""
    (a, b, c), (d, e, f), (g, h, i) = m
    return [
        [e * i - f * h, c * h - b * i, b * f - c * e],
        [f * g - d * i, a * i - c * g, c * d - a * f],
        [d * h - e * g, b * g - a * h, a * e - b * d],
    ]


def _darken(picture: Image.Image, chance: random.Random) -> Image.Image:
    """Let little light fall on it, from one side; a screen or print never looks wholly black."""
    light, black = chance.uniform(*_LIGHT), chance.uniform(0.05, 0.2)
    shade = Image.linear_gradient("L").rotate(chance.choice((0, 90, 180, 270))).resize(picture.size)
    shade = shade.point([round(255 - value * 0.4) for value in range(256)])
    dim = picture.point([round(255 * light * (black + (1 - black) * value / 255)) for value in range(256)])
    return ImageChops.multiply(dim, shade)


def _add_noise(picture: Image.Image, chance: random.Random) -> Image.Image:
    one, other = (Image.frombytes("L", picture.size, chance.randbytes(WIDTH * HEIGHT)) for _ in range(2))
    strength = chance.uniform(*_NOISE) * 255 / 52  # two even noises halved have a standard deviation of 52
    noise = Image.blend(one, other, 0.5).point(
        [round(128 + (value - 127.5) * strength) for value in range(256)]
    )
    return ImageChops.add(picture, noise, 1, -128)


def _compress(picture: Image.Image, chance: random.Random) -> Image.Image:
    file = BytesIO()
    picture.save(file, "JPEG", quality=chance.randint(*_QUALITY))
    return Image.open(file).convert("L")

#!/usr/bin/env python3
"""Draws the pictures of the book: each NAME.txt in this folder becomes NAME.svg.

    python3 docs/pictures/pictures.py            draw all
    python3 docs/pictures/pictures.py --check    draw nothing; say which pictures are not what their text says

Standard library alone, and the same bytes on every machine. A picture is a list of lines; all numbers are pixels.

    size WIDTH HEIGHT
    title TEXT                         what a screen reader says first
    desc TEXT                          what the picture shows, for who cannot see it; several lines are joined
    panel X Y W H | HEADING            a part of the picture, with a heading
    box NAME X Y W H [STYLE] | LINE | LINE…
    arrow A.SIDE B.SIDE [STYLE] | LABEL        a straight line with a head at B; SIDE is left, right, top or bottom
    arc A.SIDE B.SIDE HEIGHT [STYLE] | LABEL   a bent one, HEIGHT above (or below, if it is negative) the line between
    text X Y [left|middle|right] [small|strong] | LINE | LINE…

Styles of boxes: plain, strong (thick), gone (dashed), open (dotted), person (round). Of arrows: plain, gone, open. What a
style means is always said in words, too. A text that does not fit its box is an error.
"""

import pathlib
import sys
from xml.sax.saxutils import escape

LINE = 19  # from one line of text to the next
SMALL = 13
SIZE = 14
WIDTH_OF_A_LETTER = 0.56  # of the size, in the widest of the usual fonts, on average
WIDTH_IF_BOLD = 0.62
RADIUS = 6

STYLE = """\
    .ground { fill: #ffffff; stroke: #c8ccd1 }
    .panel { fill: #f4f6f8; stroke: #c8ccd1 }
    .box { fill: #ffffff; stroke: #33404d; stroke-width: 1.5 }
    .strong { fill: #e3effb; stroke: #0b4a82; stroke-width: 3 }
    .gone { fill: #f0f0f0; stroke: #59636e; stroke-dasharray: 7 5 }
    .open { fill: #fff6dc; stroke: #7a5600; stroke-dasharray: 2 4; stroke-width: 2.5 }
    .person { fill: #eef5ea; stroke: #2f5d1d; stroke-width: 1.5 }
    .line { fill: none; stroke: #33404d; stroke-width: 1.8 }
    .line-gone { stroke: #59636e; stroke-dasharray: 7 5 }
    .line-open { stroke: #7a5600; stroke-dasharray: 2 4; stroke-width: 2.5 }
    .head { fill: #33404d }
    text { font: 14px "DejaVu Sans", Verdana, sans-serif; fill: #1d242b }
    .first, .heading { font-weight: bold }
    .small { font-size: 13px }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #15191e; stroke: #4a545f }
      .panel { fill: #1d232a; stroke: #4a545f }
      .box { fill: #15191e; stroke: #c3ccd5 }
      .strong { fill: #12314f; stroke: #8cc4f5 }
      .gone { fill: #22272d; stroke: #9aa5b1 }
      .open { fill: #37300f; stroke: #f0cf72 }
      .person { fill: #1d3015; stroke: #a9d596 }
      .line { stroke: #c3ccd5 }
      .line-gone { stroke: #9aa5b1 }
      .line-open { stroke: #f0cf72 }
      .head { fill: #c3ccd5 }
      text { fill: #eceff2 }
    }"""


class Fault(Exception):
    """A line of a description that cannot be drawn."""


def words_of(line):
    """The words before the first `|`, and the texts after it."""
    head, *texts = line.split("|")
    return head.split(), [text.strip() for text in texts]


def written(text, x, y, anchor="middle", kinds=()):
    kind = f' class="{" ".join(kinds)}"' if kinds else ""
    at = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{number(x)}" y="{number(y)}"{at}{kind}>{escape(text)}</text>'


def number(value):
    return f"{value:.1f}".removesuffix(".0")


def width_of(text, size):
    return len(text) * size * (WIDTH_IF_BOLD if size == SIZE else WIDTH_OF_A_LETTER)


class Picture:
    def __init__(self):
        self.size = None
        self.title = ""
        self.desc = []
        self.boxes = {}
        self.ground = []
        self.drawn = []

    def read(self, line):
        words, texts = words_of(line)
        if not words:
            return
        command, *arguments = words
        if command in ("title", "desc"):
            told = line.split(None, 1)[1]
            if command == "title":
                self.title = told
            else:
                self.desc.append(told)
        elif command == "size":
            self.size = tuple(map(int, arguments))
        elif command == "panel":
            self.panel(*map(int, arguments), *texts)
        elif command == "box":
            self.box(arguments, texts)
        elif command == "arrow":
            self.arrow(arguments, 0, texts)
        elif command == "arc":
            self.arrow(arguments[:2] + arguments[3:], int(arguments[2]), texts)
        elif command == "text":
            self.text(arguments, texts)
        else:
            raise Fault(f"there is no command {command}")

    def panel(self, x, y, w, h, heading):
        self.ground.append(f'<rect class="panel" x="{x}" y="{y}" width="{w}" height="{h}" rx="8"/>')
        self.ground.append(written(heading, x + 14, y + 24, "start", ["heading"]))

    def box(self, arguments, texts):
        name, *numbers = arguments[:5]
        x, y, w, h = map(int, numbers)
        style = arguments[5] if len(arguments) > 5 else "plain"
        kinds = {"plain": "box", "strong": "box strong", "gone": "box gone", "open": "box open", "person": "box person"}
        if style not in kinds:
            raise Fault(f"there is no style {style}")
        self.boxes[name] = (x, y, w, h)
        radius = min(h // 2, 24) if style == "person" else RADIUS
        self.drawn.append(f'<rect class="{kinds[style]}" x="{x}" y="{y}" width="{w}" height="{h}" rx="{radius}"/>')
        first = y + h / 2 - (len(texts) - 1) * LINE / 2 + 5
        for at, text in enumerate(texts):
            if width_of(text, SIZE if at == 0 else SMALL) > w - 6:
                raise Fault(f"too long for a box of {w}: {text}")
            self.drawn.append(written(text, x + w / 2, first + at * LINE, "middle", ["first"] if at == 0 else ["small"]))

    def side(self, place):
        name, side = place.split(".")
        x, y, w, h = self.boxes[name]
        return {
            "left": (x, y + h / 2, -1, 0),
            "right": (x + w, y + h / 2, 1, 0),
            "top": (x + w / 2, y, 0, -1),
            "bottom": (x + w / 2, y + h, 0, 1),
        }[side]

    def arrow(self, arguments, bend, texts):
        style = arguments[2] if len(arguments) > 2 else "plain"
        kinds = {"plain": "line", "gone": "line line-gone", "open": "line line-open"}
        x1, y1, *_ = self.side(arguments[0])
        x2, y2, *_ = self.side(arguments[1])
        # The line ends where the head begins to be as wide as the line.
        if bend:
            middle = ((x1 + x2) / 2, (y1 + y2) / 2 - 2 * bend)
            toward = middle
        else:
            toward = (x1, y1)
        length = ((x2 - toward[0]) ** 2 + (y2 - toward[1]) ** 2) ** 0.5
        dx, dy = (x2 - toward[0]) / length, (y2 - toward[1]) / length
        ex, ey = x2 - 8 * dx, y2 - 8 * dy
        if bend:
            path = f"M{number(x1)} {number(y1)} Q{number(middle[0])} {number(middle[1])} {number(ex)} {number(ey)}"
        else:
            path = f"M{number(x1)} {number(y1)} L{number(ex)} {number(ey)}"
        self.drawn.append(f'<path class="{kinds[style]}" d="{path}"/>')
        bx, by = x2 - 11 * dx, y2 - 11 * dy
        self.drawn.append(
            f'<path class="head" d="M{number(x2)} {number(y2)} L{number(bx - 5 * dy)} {number(by + 5 * dx)} '
            f'L{number(bx + 5 * dy)} {number(by - 5 * dx)} Z"/>'
        )
        for at, text in enumerate(texts):
            x, y = (x1 + x2) / 2, (y1 + y2) / 2 - bend - 6
            if bend < 0:
                y += 22
            elif abs(y2 - y1) > abs(x2 - x1) and not bend:
                self.drawn.append(written(text, x + 10, y + 11 + at * LINE, "start", ["small"]))
                continue
            self.drawn.append(written(text, x, y + at * LINE, "middle", ["small"]))

    def text(self, arguments, texts):
        x, y = map(int, arguments[:2])
        anchor, kinds = "start", []
        for word in arguments[2:]:
            if word in ("left", "middle", "right"):
                anchor = {"left": "start", "middle": "middle", "right": "end"}[word]
            elif word in ("small", "strong"):
                kinds = ["small"] if word == "small" else ["heading"]
            else:
                raise Fault(f"there is no {word} for a text")
        for at, text in enumerate(texts):
            width = width_of(text, SMALL if kinds == ["small"] else SIZE)
            left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
            if left < 0 or left + width > self.size[0]:
                raise Fault(f"too long for the picture: {text}")
            self.drawn.append(written(text, x, y + at * LINE, anchor, kinds))

    def svg(self):
        width, height = self.size
        if not self.title or not self.desc:
            raise Fault("a picture needs a title and a desc")
        body = "\n  ".join(self.ground + self.drawn)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img" aria-labelledby="title desc">\n'
            f'  <title id="title">{escape(self.title)}</title>\n  <desc id="desc">{escape(" ".join(self.desc))}</desc>\n'
            f"  <style>\n{STYLE}\n  </style>\n"
            f'  <rect class="ground" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10"/>\n'
            f"  {body}\n</svg>\n"
        )


def drawn(source):
    picture = Picture()
    for at, line in enumerate(source.read_text(encoding="utf-8").splitlines(), 1):
        try:
            picture.read(line)
        except (Fault, KeyError, ValueError, TypeError) as fault:
            raise Fault(f"{source.name}, line {at}: {fault}") from fault
    return picture.svg().encode("utf-8")


def main(arguments):
    here = pathlib.Path(__file__).resolve().parent
    sources = sorted(here.glob("*.txt"))
    if arguments == ["--check"]:
        expected = {source.with_suffix(".svg"): drawn(source) for source in sources}
        faults = [path.name for path, picture in expected.items() if not path.is_file() or path.read_bytes() != picture]
        faults += [f"{path.name} has no text" for path in here.glob("*.svg") if path not in expected]
        for fault in faults:
            print(f"FAILED {fault}")
        print(f"{len(expected)} pictures, {len(faults)} not what their text says")
        return 1 if faults or not expected else 0
    if arguments:
        print(__doc__, file=sys.stderr)
        return 2
    for source in sources:
        source.with_suffix(".svg").write_bytes(drawn(source))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Fault as fault:
        sys.exit(f"pictures.py: {fault}")

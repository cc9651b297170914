"""Writes glyphs.txt: the outlines of the few characters that visible labels need, from Noto Sans SC.

Usage: python3 outline.py NotoSansSC-Regular.otf > glyphs.txt
The font is in PyPI's `pylopdf-fonts-zh-cn`; `fonttools` reads it. A line is `character advance contour contour …`; a
contour is `x,y` pairs of a closed polygon, in units of 1/1000 em, y upwards from the base line.
"""

import sys

from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont

CHARACTERS = "AI人工智能生成合可疑似由内容本作"
STEPS = 6


class Polygons(BasePen):
    def __init__(self, glyphs):
        super().__init__(glyphs)
        self.contours = []

    def _moveTo(self, point):
        self.contours.append([point])

    def _lineTo(self, point):
        self.contours[-1].append(point)

    def _curveToOne(self, a, b, c):
        start = self.contours[-1][-1]
        for step in range(1, STEPS + 1):
            t = step / STEPS
            u = 1 - t
            self.contours[-1].append(
                tuple(
                    u**3 * start[i] + 3 * u * u * t * a[i] + 3 * u * t * t * b[i] + t**3 * c[i] for i in (0, 1)
                )
            )


font = TTFont(sys.argv[1])
glyphs, names = font.getGlyphSet(), font.getBestCmap()
for character in CHARACTERS:
    pen = Polygons(glyphs)
    glyph = glyphs[names[ord(character)]]
    glyph.draw(pen)
    contours = []
    for contour in pen.contours:
        points = []
        for x, y in contour:
            point = f"{round(x)},{round(y)}"
            if not points or points[-1] != point:
                points.append(point)
        contours.append(" ".join(points))
    print(f"{character}\t{round(glyph.width)}\t" + "\t".join(contours))

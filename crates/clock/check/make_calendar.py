"""Make data/calendar-cn.toml from the package `chinesecalendar`, and the days expected beyond it from `holidays`.

    python make_calendar.py            prints the file

Dates are facts; the two packages are named in the file with their versions. See docs/formats/calendar.md.
"""

from __future__ import annotations

import datetime
from importlib.metadata import version

import holidays
from chinese_calendar import constants

FIRST_YEAR = 2018
EXPECTED_YEARS = (2027,)
DAY = datetime.timedelta(days=1)
# The next year's arrangement of the New Year can still take or give days of the last week (2018-12-29 and -31 came so).
SETTLED = (12, 24)
# Raised by hand whenever a day of the file changes.
VERSION = "2026.1"
HOLIDAYS = {
    "New Year's Day": ("new-year", "元旦", "New Year’s Day"),
    "Spring Festival": ("spring-festival", "春节", "Spring Festival"),
    "Tomb-sweeping Day": ("tomb-sweeping", "清明节", "Tomb-Sweeping Day"),
    "Labour Day": ("labour-day", "劳动节", "Labour Day"),
    "Dragon Boat Festival": ("dragon-boat", "端午节", "Dragon Boat Festival"),
    "Mid-autumn Festival": ("mid-autumn", "中秋节", "Mid-Autumn Festival"),
    "National Day": ("national-day", "国庆节", "National Day"),
}
EXPECTED_NAMES = {
    "New Year's Day": "new-year",
    "Chinese New Year's Eve": "spring-festival",
    "Chinese New Year (Spring Festival)": "spring-festival",
    "Tomb-Sweeping Day": "tomb-sweeping",
    "Labor Day": "labour-day",
    "Dragon Boat Festival": "dragon-boat",
    "Mid-Autumn Festival": "mid-autumn",
    "National Day": "national-day",
}
HEAD = """\
# The State Council's yearly arrangements of holidays and make-up workdays, as days. Format: docs/formats/calendar.md.
# Made by crates/clock/check/make_calendar.py and compared with other calendars by crates/clock/check.py; not edited by hand.
format = 1
id = "cn"
version = "{version}"
first = {first}
published_through = {through}
sources = [
    "PyPI chinesecalendar {chinesecalendar}: days off and make-up workdays",
    "PyPI holidays {holidays}: statutory days expected after `published_through`",
]
"""


def runs(days: dict[datetime.date, str]) -> list[tuple[str, datetime.date, datetime.date]]:
    """Stretches of consecutive days with one name: name, first, last."""
    found: list[tuple[str, datetime.date, datetime.date]] = []
    for day, name in sorted(days.items()):
        if found and found[-1][0] == name and found[-1][2] + DAY == day:
            found[-1] = (name, found[-1][1], day)
        else:
            found.append((name, day, day))
    return found


def distance(run: tuple[str, datetime.date, datetime.date], day: datetime.date) -> int:
    _, first, last = run
    return min(abs((first - day).days), abs((day - last).days))


def arrangements() -> list[tuple[str, datetime.date, datetime.date, list[datetime.date]]]:
    off = {day: name for day, name in constants.holidays.items() if day.year >= FIRST_YEAR}
    found = [(*run, []) for run in runs(off)]
    for day, name in sorted(constants.workdays.items()):
        if day.year >= FIRST_YEAR:
            same = [entry for entry in found if entry[0] == name]
            min(same, key=lambda entry: distance(entry[:3], day))[3].append(day)
    return found


def expected() -> list[tuple[str, datetime.date, datetime.date]]:
    days = {}
    for day, name in holidays.China(years=EXPECTED_YEARS, language="en_US").items():
        # Days moved by guess are left out: which they will be, the arrangement says.
        if "observed" not in name and day.year in EXPECTED_YEARS:
            days[day] = EXPECTED_NAMES[name.replace(" (estimated)", "")]
    return runs(days)


def text() -> str:
    through = datetime.date(max(constants.holidays).year, *SETTLED)
    packages = {name: version(name) for name in ("chinesecalendar", "holidays")}
    parts = [HEAD.format(version=VERSION, first=datetime.date(FIRST_YEAR, 1, 1), through=through, **packages)]
    for name, zh, en in HOLIDAYS.values():
        parts.append(f'\n[[holiday]]\nid = "{name}"\nzh = "{zh}"\nen = "{en}"\n')
    for name, first, last, work in arrangements():
        parts.append(f'\n[[arrangement]]\nholiday = "{HOLIDAYS[name][0]}"\noff = [{first}, {last}]\n')
        if work:
            parts.append(f"work = [{', '.join(str(day) for day in work)}]\n")
    for name, first, last in expected():
        parts.append(f'\n[[expected]]\nholiday = "{name}"\noff = [{first}, {last}]\n')
    return "".join(parts)


if __name__ == "__main__":
    print(text(), end="")

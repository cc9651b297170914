"""Compare data/calendar-cn.toml with the package it is made from and with two that were kept apart from it.

    python compare.py           compares; exit code 1 if anything differs that differences.toml does not explain
    python compare.py --write   writes tests/second-calendar.txt anew
"""

from __future__ import annotations

import datetime
import sys
import tomllib
import warnings
from collections.abc import Callable
from pathlib import Path

import holidays
import make_calendar
from workalendar.asia import China

HERE = Path(__file__).resolve().parent
CRATE = HERE.parent
DATA = CRATE / "data" / "calendar-cn.toml"
SECOND = CRATE / "tests" / "second-calendar.txt"
DAY = datetime.timedelta(days=1)
IsWorked = Callable[[datetime.date], bool]


def days(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + DAY * number for number in range((last - first).days + 1)]


def ours(data: dict) -> IsWorked:
    off: set[datetime.date] = set()
    work: set[datetime.date] = set()
    for arrangement in data["arrangement"]:
        off.update(days(*arrangement["off"]))
        work.update(arrangement.get("work", []))
    return lambda day: day in work or (day.weekday() < 5 and day not in off)


def second(first: datetime.date, last: datetime.date) -> IsWorked:
    """The package `holidays`."""
    china = holidays.China(years=range(first.year, last.year + 1))
    return china.is_working_day


def third() -> IsWorked:
    """The package `workalendar`; it ends with 2023."""
    warnings.filterwarnings("ignore", message="Support years 2018-2023")
    return China().is_working_day


def as_text(is_worked: IsWorked, first: datetime.date, last: datetime.date) -> str:
    """A line a month: `W` a day that is worked, `-` one that is not."""
    head = "# Days worked (W) and off (-) by PyPI holidays, a line a month. Written by crates/clock/check/compare.py --write.\n"
    lines: dict[str, str] = {}
    for day in days(first, last):
        month = f"{day:%Y-%m}"
        lines[month] = lines.get(month, "") + ("W" if is_worked(day) else "-")
    return head + "".join(f"{month} {marks}\n" for month, marks in lines.items())


def explained() -> dict[tuple[str, datetime.date], str]:
    listed = tomllib.loads((HERE / "differences.toml").read_text(encoding="utf-8"))["difference"]
    return {(entry["calendar"], day): word for entry in listed for day, word in zip(entry["days"], entry["ours"], strict=True)}


def main() -> int:
    text = DATA.read_text(encoding="utf-8")
    data = tomllib.loads(text)
    first, last = data["first"], data["published_through"]
    is_second = second(first, last)
    if "--write" in sys.argv[1:]:
        SECOND.write_text(as_text(is_second, first, last), encoding="utf-8")
    faults = []
    if make_calendar.text() != text:
        faults.append(f"{DATA.name} is not what make_calendar.py makes of the pinned packages")
    if SECOND.read_text(encoding="utf-8") != as_text(is_second, first, last):
        faults.append(f"{SECOND.name} is not what the pinned package says; run compare.py --write and look at the difference")
    known, is_ours = explained(), ours(data)
    others = {"holidays": (is_second, last), "workalendar": (third(), datetime.date(2023, 12, 31))}
    for name, (is_theirs, until) in others.items():
        compared = days(first, min(last, until))
        differing = {day for day in compared if is_theirs(day) != is_ours(day)}
        for day in sorted(differing):
            word = "worked" if is_ours(day) else "off"
            if known.get((name, day)) != word:
                faults.append(f"{day}: ours says {word}, {name} does not, and differences.toml does not explain it")
        for day in sorted(day for calendar, day in known if calendar == name and day not in differing):
            faults.append(f"{day}: {name} no longer differs; take it out of differences.toml")
        print(f"{name}: {len(compared)} days compared, {len(differing)} differ and are explained", flush=True)
    for fault in faults:
        print(fault, flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

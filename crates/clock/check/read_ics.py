"""Read what examples/due_dates.rs wrote with the package `icalendar`, and compare it with what must stand there.

    python read_ics.py FILE
"""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import icalendar

UTC = datetime.timezone.utc
# Summary, start, status, sequence, triggers of the alarms in hours; examples/due_dates.rs says where each comes from.
EXPECTED = [
    ("十个工作日内备案", datetime.date(2024, 10, 16), "CONFIRMED", 0, [-159, -63, -15]),
    ("提前一天; 分号, 逗号\\ 和很长很长的标题，" + "为了折行" * 20, datetime.date(2027, 1, 5), "TENTATIVE", 1, [-159, -63, -15]),
    ("Report within 24 hours", datetime.datetime(2025, 1, 2, 2, 30, tzinfo=UTC), "CONFIRMED", 0, [-4, -1]),
]


def main() -> int:
    raw = Path(sys.argv[1]).read_bytes()
    lines = raw.split(b"\r\n")
    faults = []
    if b"\n" in raw.replace(b"\r\n", b""):
        faults.append("a line ends without CR")
    faults += [f"line {number}: {len(line)} octets" for number, line in enumerate(lines, 1) if len(line) > 75]
    # Each line by itself must be UTF-8: no character may be cut in two.
    for line in lines:
        line.decode("utf-8")
    calendar = icalendar.Calendar.from_ical(raw)
    if list(calendar.errors):
        faults.append(f"errors: {calendar.errors}")
    found = []
    for event in calendar.walk("VEVENT"):
        alarms = [alarm["TRIGGER"].dt // datetime.timedelta(hours=1) for alarm in event.walk("VALARM")]
        found.append((str(event["SUMMARY"]), event["DTSTART"].dt, str(event["STATUS"]), int(event["SEQUENCE"]), alarms))
        if event["DTSTAMP"].dt != datetime.datetime(2024, 9, 28, 2, 0, tzinfo=UTC):
            faults.append(f"DTSTAMP is {event['DTSTAMP'].dt}")
        if "第二百零一条" not in event["DESCRIPTION"] or "\n" not in event["DESCRIPTION"]:
            faults.append("the description does not say how the date was computed")
    if found != EXPECTED:
        faults.append(f"read {found}\nnot  {EXPECTED}")
    uids = {str(event["UID"]) for event in calendar.walk("VEVENT")}
    if len(uids) != len(EXPECTED):
        faults.append("the UIDs are not apart")
    for fault in faults:
        print(fault, flush=True)
    print(f"icalendar: {len(found)} entries read, {len(faults)} faults", flush=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

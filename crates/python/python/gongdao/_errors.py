from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence, Tuple


class Problem(NamedTuple):
    """One thing that is wrong."""

    file: str
    """The pack's file, relative to the packs folder; `data` for the decisions, `events of …` for events."""
    line: Optional[int]
    """1 is the first: a line of the file, or a row of the table."""
    message: str
    """What is wrong, with the input in backticks."""
    hint: Optional[str]
    """What to do about it."""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line) if part)
        text = f"{place}: {self.message}" if place else self.message
        return f"{text}\n    hint: {self.hint}" if self.hint else text


class GongdaoError(ValueError):
    """Packs, events or decisions that are not what they should be. `problems` has every one that was found."""

    problems: List[Problem]

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)

    def __reduce__(self) -> Tuple[type, Tuple[List[Problem]]]:
        return GongdaoError, (self.problems,)


def refusal(rows: Sequence[Tuple[str, Optional[int], str, Optional[str]]]) -> GongdaoError:
    """The exception for problems that the kernel found."""
    return GongdaoError([Problem(*row) for row in rows])


def refused(file: str, message: str, hint: Optional[str] = None) -> GongdaoError:
    """The exception for one problem."""
    return GongdaoError([Problem(file, None, message, hint)])

"""The supervisor: starts again what ends unasked, says so, and gives up where starting again does not help."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Event
from time import monotonic

from deploy.local.errors import StackError, tail
from deploy.local.processes import Part

WINDOW = 60.0
MOST = 5
"""Starts within the window; what needs more of them is broken and is left alone."""
EVERY = 0.2
TEND = 2.0


@dataclass
class Restarts:
    """When to start again: at once the first time, later each time within the window, and not for ever."""

    _started: deque[float] = field(default_factory=deque)

    def pause(self, now: float) -> float | None:
        """Seconds until the next start; None when there were too many. What held for the window is forgotten."""
        while self._started and now - self._started[0] > WINDOW:
            self._started.popleft()
        return None if len(self._started) >= MOST else [0.0, 0.5, 1.0, 2.0, 4.0][len(self._started)]

    def note(self, now: float) -> None:
        """A start was made."""
        self._started.append(now)


@dataclass(frozen=True)
class Way:
    """A process, how it is started again, and what is done for it while it lives (every `TEND` seconds)."""

    part: Part
    launch: Callable[[], None]
    tend: Callable[[], None] | None = None


@dataclass
class Watched:
    """One process, and what is known of its ends."""

    way: Way
    tended_at: float = 0.0
    restarts: Restarts = field(default_factory=Restarts)
    again_at: float | None = None
    given_up: bool = False


@dataclass
class Supervisor:
    """Watches these processes; `say` tells people, one line each in both languages."""

    ways: Iterable[Way]
    say: Callable[[str], None]
    given_up: Callable[[str], None] = field(default=lambda _name: None)
    """Called once with the name of what is not started again any more."""

    def __post_init__(self) -> None:
        self.watched = [Watched(way) for way in self.ways]

    def run(self, stopping: Event) -> None:
        """Until told to stop; what runs then goes on running."""
        while not stopping.wait(EVERY):
            try:
                self.look(monotonic())
            except Exception as error:  # noqa: BLE001 - who watches the others must not end by a surprise
                self.say(f"守护进程出错,继续运行 / the supervisor met a surprise and goes on: {error!r}")

    def look(self, now: float) -> None:
        """One round; a process that hangs is not one that ended."""
        for item in self.watched:
            if item.given_up:
                continue
            if item.way.part.pid() is None:
                if item.again_at is None:
                    self._decide(item, now=now)
                if item.again_at is not None and now >= item.again_at:
                    item.again_at = None
                    item.restarts.note(now)
                    try:
                        # What a killed process left behind still holds its port.
                        item.way.part.stop()
                        item.way.launch()
                    except (StackError, OSError) as error:
                        self.say(f"{item.way.part.name} 无法启动 / could not be started: {error}")
            elif item.way.tend is not None and now - item.tended_at > TEND:
                item.tended_at = now
                item.way.tend()

    def _decide(self, item: Watched, *, now: float) -> None:
        part, pause = item.way.part, item.restarts.pause(now)
        if pause is None:
            item.given_up = True
            self.say(
                f"{part.name} {WINDOW:.0f} 秒内已退出 {MOST} 次,不再重启;请看日志 {part.log},改正后运行 xietong up"
                f" / {part.name} ended {MOST} times within {WINDOW:.0f} s and is not started again: read its log, mend"
                f" what it names, then run xietong up. Its last lines:\n{tail(part.log)}"
            )
            self.given_up(part.name)
            return
        item.again_at = now + pause
        later = f"{pause:g} 秒后重启 / ended, starts again in {pause:g} s"
        when = later if pause else "现在重启 / ended, starts again now"
        self.say(f"{part.name} 已退出,{when}")

"""Counts what a live stream has shown so far, and how fast."""

from collections import deque
from dataclasses import dataclass, field
from statistics import median
from time import monotonic

from mien_client.command.tracks import Tracks, clock
from mien_client.types import Analysis, FrameProblem

_RECENT_SECONDS = 2.0


@dataclass
class Tally:
    """Figures of one stream; latency is from a frame's arrival here to its answer."""

    tracks: Tracks = field(default_factory=Tracks)
    latest: Analysis | None = None
    answered: int = 0
    failed: int = 0
    dropped: int = 0
    first_problem: FrameProblem | None = None
    seconds: float = 0.0
    """The last answered frame's time."""
    _latencies: list[float] = field(default_factory=list)
    _recent: deque[float] = field(default_factory=deque)
    _first_answer: float = 0.0
    _last_answer: float = 0.0

    def answer(self, analysis: Analysis, seconds: float, latency_ms: float) -> None:
        """Count an answered frame: its time in seconds, its latency in milliseconds."""
        now = monotonic()
        self._first_answer = self._first_answer or now
        self._last_answer = now
        self.answered += 1
        self.latest = analysis
        self.seconds = seconds
        self._latencies.append(latency_ms)
        self._recent.append(now)
        for face in analysis.faces:
            if face.track is not None:
                self.tracks.see(face.track, seconds, face.top.label)

    def fail(self, problem: FrameProblem) -> None:
        """Count a frame that could not be analysed."""
        self.failed += 1
        self.first_problem = self.first_problem or problem

    @property
    def all_failed(self) -> bool:
        """Whether there were frames, and not one could be analysed."""
        return self.failed > 0 and not self.answered

    @property
    def recent_fps(self) -> float:
        """Answers a second, lately."""
        since = monotonic() - _RECENT_SECONDS
        while self._recent and self._recent[0] < since:
            self._recent.popleft()
        return len(self._recent) / _RECENT_SECONDS

    @property
    def recent_latency_ms(self) -> float:
        """The median latency, lately, in milliseconds; 0 before the first answer."""
        lately = self._latencies[-max(len(self._recent), 1) :]
        return median(lately) if lately else 0.0

    @property
    def sentence(self) -> str:
        """Everything in one sentence."""
        passed = self._last_answer - self._first_answer
        rate = f", {(self.answered - 1) / passed:.1f} a second" if passed > 0 else ""
        latency = f", median latency {median(self._latencies):.0f} ms" if self._latencies else ""
        failed = f", {self.failed} failed" if self.failed else ""
        return (
            f"{self.answered} frames in {clock(self.seconds)}{rate}{latency}, "
            f"{self.dropped} dropped for newer ones{failed}"
        )

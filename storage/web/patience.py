"""How long a connection may stand still: who sends no request, or does not read the answer, makes room for others.

The server takes so many connections and no more, so that a few hundred that are opened and left alone would lock
everybody out, before any of them is asked for a token (CWE-400, "slow loris").
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

LOOK_S = 15.0
"""Between two looks at a connection: one that stands where it stood at the last is closed."""


class Impatient(H11Protocol):
    """Uvicorn's connection, which waits for ever for the rest of a request and for whoever reads its answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody came."""
        super().connection_made(transport)
        self._stood: tuple[object, ...] | None = None
        self._resumed = 0
        self._next_look = self.loop.call_later(LOOK_S, self._look)

    def resume_writing(self) -> None:
        """Some of the answer was read."""
        self._resumed += 1
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Somebody went."""
        self._next_look.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        """What comes in is no progress, however it drips; a request that is whole is, and so is each byte that goes
        out. Whose answer is still being made waits for us."""
        is_answering = self.cycle is not None and not self.cycle.response_complete and not self.flow.write_paused
        stands = (self.cycle, self._resumed, self.transport.get_write_buffer_size())
        if stands == self._stood and not is_answering:
            self.transport.abort()
            return
        self._stood = stands
        self._next_look = self.loop.call_later(LOOK_S, self._look)

"""What a failure says: that waiting may help, that one message is to blame, or that trying again may."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from events.foreign import MALFORMED
from shared.core.log import logger
from shared.replication.rejected import RejectedByPartyError

ATTEMPTS = 3
POISON = (*MALFORMED, DataError, IntegrityError)
"""What one message may be to blame for: it would fail again every time. Anything else is the worker's own trouble."""


def attempt(effect: Callable[[], object], *, otherwise: Callable[[Exception], object], stopping: Event) -> None:
    """Do it, a few times if need be; what keeps failing ends in `otherwise`. Raises when the database is away."""
    for number in range(1, ATTEMPTS + 1):
        try:
            effect()
        except Exception as error:
            if database_is_away(error):
                raise
            logger("worker").warning("attempt_failed", attempt=number, exc_info=error)
            # What home says does not become true by looking again.
            if number == ATTEMPTS or isinstance(error, RejectedByPartyError):
                otherwise(error)
                return
            stopping.wait(0.05 * number)
        else:
            return


def database_is_away(error: Exception) -> bool:
    """Whether waiting may help: no connection, no place in the pool, a lock that was not granted."""
    return isinstance(error, PoolTimeoutError | OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )

# SPDX-License-Identifier: GPL-3.0-or-later
"""One attempt to tell: how long it may take, and what its failures mean for another."""
from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.incident.telling.channel import NotTold
from ansible_collections.lastgood.recovery.plugins.module_utils.operation import Run
from ansible_collections.lastgood.recovery.plugins.module_utils.readable import MISREAD

SECONDS = 4.0
"""What a channel may take for one message."""
FOR_GOOD = (
    errors.Refused,
    errors.NotAuthorised,
    errors.NotFound,
    errors.BadRequest,
    errors.PlanLimit,
    errors.ApprovalNeeded,
)
"""What trying later does not mend."""


@contextmanager
def attempt(name: str, secrets: Iterable[str]) -> Iterator[Run]:
    """How the vendor is to be asked; whatever goes wrong is NotTold, in words without a secret."""
    try:
        yield Run(until=time.monotonic() + SECONDS)
    except errors.RecoveryError as error:
        words = f"{error.message.rstrip('.')}. {error.hint}" if isinstance(error, FOR_GOOD) else error.message
        raise NotTold(remove_values(f"{name}: {words}", set(secrets)), again=not isinstance(error, FOR_GOOD)) from None
    except MISREAD as misread:
        raise NotTold(f"{name}: answered in a form that is not its API's ({type(misread).__name__})") from None

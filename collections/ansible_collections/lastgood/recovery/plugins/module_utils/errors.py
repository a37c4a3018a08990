# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can go wrong, as one tree.

RecoveryError
├── Refused                  the wish itself cannot be granted
│   ├── OutOfReach           the inventory does not list this target as one that may be touched
│   ├── NotOffered           the vendor has no such thing
│   ├── UnknownRelease       the vendor does not know the release that was named
│   ├── NoGoodRelease        nothing good is left to go back to
│   ├── NotRestorable        the release is known, but the vendor no longer offers it
│   ├── ClocksDiffer         a time means one release by this machine's clock, another by the vendor's
│   ├── BadBackup            the backup is damaged, unfinished, or not what it is said to be
│   ├── NothingBroken        every check passes, so there is no reason to roll back
│   ├── NotConfirmed         the person did not confirm
│   ├── ApprovalMissing      somebody of this team must approve the plan first
│   └── Locked               somebody else is rolling this environment back
├── VendorError              the vendor's API said no, or said nothing
│   ├── NotAuthorised        the token is wrong or may not do this
│   ├── NotFound             no such project, service or release
│   ├── ApprovalNeeded       the vendor wants somebody to approve this first
│   ├── PlanLimit            the vendor's price plan does not include this
│   ├── BadRequest           the vendor does not accept the call as it is
│   ├── Conflict             the vendor is busy with, or already at, what was asked
│   ├── RateLimited          too many calls, and the limit resets too late to wait
│   └── Unavailable          no usable answer, however often a safe read was repeated
│       ├── Unreadable       an answer of another form than the vendor's API promises
│       └── Unanswered       a call that changes something got no clear answer
├── DatabaseError            PostgreSQL said no, or said nothing
│   ├── NotAllowed           the role lacks a right
│   ├── InUse                sessions, locks or prepared transactions are in the way
│   ├── ConnectionLost       the server cannot be reached, or went away
│   └── Incomplete           what was restored is not what the backup holds
└── NotLive                  accepted, but not what is served
    ├── ActivationFailed     the vendor gave up on it
    ├── TimedOut             it did not happen in time
    └── HoldLost             new pushes would still go live
"""
from __future__ import annotations

from typing import Any


class RecoveryError(Exception):
    """What went wrong, in lower case and without a full stop, with a sentence that says what to do next.

    C(facts) go into the failed result beside them.
    """

    def __init__(self, message: str, hint: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.facts = facts


class Refused(RecoveryError):
    pass


class OutOfReach(Refused):
    pass


class NotOffered(Refused):
    pass


class UnknownRelease(Refused):
    pass


class NoGoodRelease(Refused):
    pass


class NotRestorable(Refused):
    pass


class ClocksDiffer(Refused):
    pass


class BadBackup(Refused):
    pass


class NothingBroken(Refused):
    pass


class NotConfirmed(Refused):
    pass


class ApprovalMissing(Refused):
    pass


class Locked(Refused):
    pass


class VendorError(RecoveryError):
    pass


class NotAuthorised(VendorError):
    pass


class NotFound(VendorError):
    pass


class ApprovalNeeded(VendorError):
    pass


class PlanLimit(VendorError):
    pass


class BadRequest(VendorError):
    pass


class Conflict(VendorError):
    pass


class RateLimited(VendorError):
    pass


class Unavailable(VendorError):
    pass


class Unreadable(Unavailable):
    pass


class Unanswered(Unavailable):
    pass


class DatabaseError(RecoveryError):
    pass


class NotAllowed(DatabaseError):
    pass


class InUse(DatabaseError):
    pass


class ConnectionLost(DatabaseError):
    pass


class Incomplete(DatabaseError):
    pass


class NotLive(RecoveryError):
    pass


class ActivationFailed(NotLive):
    pass


class TimedOut(NotLive):
    pass


class HoldLost(NotLive):
    pass

# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's errors, and those of the way there, as errors of ours."""
from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.lastgood.recovery.plugins.module_utils import errors
from ansible_collections.lastgood.recovery.plugins.module_utils.libraries import library

THROTTLED = re.compile(
    r"^(BandwidthLimitExceeded|EC2ThrottledException|LimitExceededException|PriorRequestNotComplete|ProvisionedThroughputExceededException"
    r"|Request(LimitExceeded|Throttled|ThrottledException)|SlowDown|Throttl(ed|ing)(Exception)?|TooManyRequestsException)$"
)
"""What botocore, too, takes for "slow down": such a call has changed nothing."""
_KINDS: tuple[tuple[str, type[errors.RecoveryError], str], ...] = (
    ("^(Expired|RequestExpired)", errors.NotAuthorised, "The session has ended: log in again, or give a fresh session_token."),
    ("^RequestTimeTooSkewed|^SignatureDoesNotMatch", errors.NotAuthorised, "Check secret_key, and this machine's clock."),
    (
        "^(AccessDenied|Unauthorized|AuthFailure|AuthorizationError|Forbidden|403$|NotAuthorized|AllAccessDisabled|KMSKeyNotAccessible)",
        errors.NotAuthorised,
        "Allow it in the IAM policy of whoever asks: {action}. A denial may also come from an organisation's policy.",
    ),
    (
        "^(InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|InvalidToken|MissingAuthenticationToken|IncompleteSignature|401$)",
        errors.NotAuthorised,
        "Check access_key and secret_key, or profile: AWS does not know this identity.",
    ),
    ("^OptInRequired|SubscriptionRequired", errors.NotAuthorised, "The account has not switched this service or region on."),
    ("Quota|LimitExceeded|^Insufficient.*Capacity", errors.PlanLimit, "Free what is not needed, or ask AWS for a higher quota."),
    ("NotFound|^NoSuch|^404$", errors.NotFound, "Check the name and the region."),
    ("AlreadyExists|^Invalid.*State|InProgress|^409$|^412$|PreconditionFailed|Conflict|InUse", errors.Conflict, "{again}"),
)
_AGAIN = "Look at what is going on there, then run the same command again."
_NETWORK = "Check region and endpoint_url and the way there; look at AWS's status page; then run the same command again."
_LOST = "It may or may not have taken effect; run the same command again, it reads back first."


@contextmanager
def understood(service: str, operation: str, changes: bool = False) -> Iterator[None]:
    """Raises errors of ours. C(changes): a call whose answer is lost may have taken effect."""
    known = library("botocore.exceptions")
    silence = errors.Unanswered if changes else errors.Unavailable
    hint = _LOST if changes else _NETWORK
    try:
        yield
    except known.ClientError as error:
        raise translated(service, operation, error.response, changes) from None
    except known.NoRegionError:
        raise errors.Refused("no AWS region is known", "Give region, or set AWS_REGION in the environment.") from None
    except known.ProfileNotFound as error:
        raise errors.NotAuthorised(_plain(error), "Correct profile (or AWS_PROFILE), or add it to ~/.aws/config.") from None
    except (known.NoCredentialsError, known.PartialCredentialsError, known.CredentialRetrievalError) as error:
        raise errors.NotAuthorised(f"AWS: {_plain(error)}", "Give profile or access_key and secret_key, or log in.") from None
    except (known.SSOError, known.TokenRetrievalError) as error:
        raise errors.NotAuthorised(f"AWS: {_plain(error)}", "Log in again: aws sso login.") from None
    except (known.ParamValidationError, known.InvalidRegionError, known.UnknownServiceError) as error:
        raise errors.BadRequest(f"AWS {service} {operation}: {_plain(error)}", "Correct the options.") from None
    except (known.EndpointConnectionError, known.ConnectTimeoutError, known.SSLError, known.ProxyConnectionError) as error:
        raise errors.Unavailable(f"AWS {service} cannot be reached: {_reason(error)}", _NETWORK) from None
    except (known.HTTPClientError, library("botocore.parsers").ResponseParserError, known.IncompleteReadError) as error:
        raise silence(f"AWS {service} gave no clear answer to {operation}: {_reason(error)}", hint) from None
    except known.BotoCoreError as error:
        raise silence(f"AWS {service} {operation}: {_plain(error)}", hint) from None


def translated(service: str, operation: str, answer: dict[str, Any], changes: bool = False) -> errors.RecoveryError:
    """The error for an answer as botocore reads it: C(Error) with C(Code) and C(Message), C(ResponseMetadata)."""
    code = str(answer.get("Error", {}).get("Code") or "")
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0)
    words = f"AWS {service} answered {code or status} to {operation}: {answer.get('Error', {}).get('Message') or 'it said no more'}"
    if THROTTLED.match(code) or status == 429:
        return errors.RateLimited(words, "Run the same command again later; others may be asking a lot in this account.")
    if status >= 500:
        return errors.Unanswered(words, _LOST) if changes else errors.Unavailable(words, _NETWORK)
    for pattern, kind, hint in _KINDS:
        if re.search(pattern, code):
            return kind(words, hint.format(action=f"{service.lower()}:{operation}", again=_AGAIN))
    if status in (401, 403):
        return errors.NotAuthorised(words, "Check who asks, and the IAM policy.")
    return errors.BadRequest(words, "What AWS said is all that is known; look at the console.")


def _plain(error: Exception) -> str:
    text = " ".join(str(error).split()).rstrip(".")
    return text[:1].lower() + text[1:]


def _reason(error: Exception) -> str:
    """The kind of failure, without the addresses and objects that urllib3 prints."""
    known = library("botocore.exceptions")
    if isinstance(error, known.ConnectTimeoutError | known.ReadTimeoutError):
        return "no answer in time"
    if isinstance(error, known.SSLError):
        return "the TLS connection could not be trusted"
    if isinstance(error, known.EndpointConnectionError | known.ConnectionError | known.HTTPClientError):
        return "the connection failed"
    return "the answer cannot be read"

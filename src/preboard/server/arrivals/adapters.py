"""The adapters by their names: one for each form in which senders announce files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.server.arrivals.azure import EVENT_GRID
from preboard.server.arrivals.eventbridge import EVENTBRIDGE_S3, TRANSFER_FAMILY
from preboard.server.arrivals.gcs import GCS_PUBSUB
from preboard.server.arrivals.generic import JSON
from preboard.server.arrivals.s3 import S3, S3_SNS
from preboard.server.arrivals.sftpgo import SFTPGO, SFTPGO_HOOK
from preboard.server.arrivals.sftpplus import SFTPPLUS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preboard.server.arrivals.arrival import AnyAdapter

ADAPTERS: Mapping[str, AnyAdapter] = {
    adapter.name: adapter
    for adapter in (
        SFTPGO,
        SFTPGO_HOOK,
        SFTPPLUS,
        S3,
        S3_SNS,
        EVENTBRIDGE_S3,
        TRANSFER_FAMILY,
        EVENT_GRID,
        GCS_PUBSUB,
        JSON,
    )
}

"""How the endpoints controller cuts an Endpoints that has too many addresses.

Source: pkg/controller/endpoint truncateEndpoints. The API server neither cuts nor checks. EndpointSlices hold them all.
"""

from __future__ import annotations

from math import ceil

from codec.api.core.v1 import Endpoints
from codec.endpoints import copies
from codec.endpoints.canonical import repack
from codec.endpoints.kinds import refused

MAX_CAPACITY = 1000  # addresses of one Endpoints, ready or not; maxCapacity
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"  # v1.EndpointsOverCapacity
TRUNCATED = "truncated"  # older releases also wrote "warning"


def truncate(obj: Endpoints, limit: int = MAX_CAPACITY) -> Endpoints:
    """A new Endpoints as the controller would write it: canonical subsets with at most `limit` addresses in all.

    Over the limit the annotation endpoints.kubernetes.io/over-capacity says "truncated"; otherwise it is gone. Ready
    addresses come first; what is left is shared over the subsets by their size, rounded up, so that the last may get
    none. An address that stands in two subsets counts twice. EncodeError for another kind.
    """
    if not isinstance(obj, Endpoints):
        raise refused(obj, "Endpoints")
    new = copies.of_endpoints(obj)
    new.subsets = repack(obj.subsets, share_app_protocol=True)
    ready = sum(len(subset.addresses) for subset in new.subsets)
    not_ready = sum(len(subset.notReadyAddresses) for subset in new.subsets)
    if ready + not_ready <= limit:
        new.metadata.annotations.pop(OVER_CAPACITY, None)
        return new
    new.metadata.annotations[OVER_CAPACITY] = TRUNCATED
    if ready > limit:
        for subset in new.subsets:
            subset.notReadyAddresses = []
        kept = _shares([len(subset.addresses) for subset in new.subsets], limit)
        for subset, count in zip(new.subsets, kept, strict=True):
            del subset.addresses[count:]
    else:
        kept = _shares([len(subset.notReadyAddresses) for subset in new.subsets], limit - ready)
        for subset, count in zip(new.subsets, kept, strict=True):
            del subset.notReadyAddresses[count:]
    return new


def _shares(sizes: list[int], budget: int) -> list[int]:
    """How many of each list are kept: in proportion to its size, rounded up, as long as the budget lasts."""
    total, left, shares = sum(sizes), budget, []
    for size in sizes:
        share = min(ceil(size / total * budget), left, size)  # in floating point, as upstream computes it
        shares.append(share)
        left -= share
    return shares

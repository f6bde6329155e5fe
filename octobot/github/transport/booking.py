"""When a request's turn is, given what is spent; and what is spent once it has taken its turn."""

from math import ceil

from octobot.github.transport.limits import Kind, Limits
from octobot.model.spent import Counts, Spent

_MINUTE = 60.0
_HOUR = 3600.0


def turn_of(spent: Spent, kind: Kind, limits: Limits, now: float) -> float:
    """Tell from when on the request fits in everywhere; `now` when it does so already."""
    moments = [now, _room(spent.points, now, _MINUTE, limits.points_per_minute - kind.points)]
    if kind.write and spent.next_write is not None:
        moments.append(spent.next_write)
    if kind.content:
        moments.append(_room(spent.content, now, _MINUTE, limits.writes_per_minute - 1))
        moments.append(_room(spent.content, now, _HOUR, limits.writes_per_hour - 1))
    return max(moments)


def booked(spent: Spent, kind: Kind, limits: Limits, turn: float, now: float) -> Spent:
    """Give what is spent once the request has its place at `turn`; what is over is forgotten."""
    return Spent(
        closed={bucket: until for bucket, until in spent.closed.items() if until > now},
        next_write=turn + limits.write_gap if kind.write else spent.next_write,
        content=_more(_since(spent.content, now - _HOUR), turn, int(kind.content)),
        points=_more(_since(spent.points, now - _MINUTE), turn, kind.points),
    )


def _since(counts: Counts, moment: float) -> Counts:
    return tuple([each for each in counts if each[0] > moment])


def _more(counts: Counts, moment: float, number: int) -> Counts:
    """Count `number` more in the second that ends after `moment`: too late rather than too soon."""
    if not number:
        return counts
    by_second = dict(counts)
    second = float(ceil(moment))
    by_second[second] = by_second.get(second, 0) + number
    return tuple(sorted(by_second.items()))


def _room(counts: Counts, now: float, span: float, others: int) -> float:
    """Tell from when on no more than `others` lie within `span` seconds; `now` when they do."""
    lately = _since(counts, now - span)
    excess = sum(number for _, number in lately) - others
    moment = now
    for each, number in lately:
        if excess <= 0:
            break
        moment, excess = each + span, excess - number
    return moment

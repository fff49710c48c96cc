"""What spans with alike attributes have in common, worked out once: all but their ids, times, counts and costs.

A service sends the same few hundred sets of attributes again and again. To read one anew takes several times as long
as all that has to be done for a span of a known set.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from collectors import otlp_names as names
from collectors.otlp_asked import hands_on, model_of, processing_of, provider_of, shape_of
from collectors.otlp_errors import BadBody
from collectors.otlp_kinds import is_ignored, span_kind
from collectors.otlp_names import RESPONSE_ID, SPAN_ATTRIBUTES
from collectors.otlp_read import first_of, value_of
from collectors.resolver import ResolverConfig, Value, with_span
from strategy.spans import Claims, SpanKind

# Some 10 MB of attributes, of those in sets and of all others, and 15 MB of what sets of them say.
# What has many attributes, such as messages one by one, takes the room of several sets.
_MOST_WORDS, _LONGEST_WORD, _MOST_SETS, _MOST_OF_A_SET, _OF_ONE_SET = 20_000, 120, 20_000, 1_000, 50
# What says nothing of its own: an attribute that nobody asked for; and what is too long to be remembered.
_NOTHING, _UNLIKE = 0, -1_000_000
# On the wire: fields 1 and 2 of a message that have a length; a byte from _MORE on is only the first of its number.
_LENGTH_1, _LENGTH_2, _MORE, _LEAST = 0x0A, 0x12, 0x80, 6
# In the order of `collectors.tokens.Tokens`.
TOKENS = (
    names.INPUT_TOKENS,
    names.CACHED_INPUT_TOKENS,
    names.CACHE_WRITE_TOKENS,
    names.OUTPUT_TOKENS,
    names.REASONING_TOKENS,
)
_OTHERS = (
    names.TOTAL_TOKENS,
    names.USAGE_DETAILS,
    names.COST,
    names.COST_DETAILS,
    names.RESPONSE_ID,
    names.PROVIDER_METADATA,
)
# An id is new each time; an answer is nobody's to remember.
_NEVER_KEPT = frozenset((*RESPONSE_ID, *names.ANSWER))
_OF_ITS_OWN = frozenset(name for field in (*TOKENS, *_OTHERS) for name in field)


Places = tuple[int, ...]


class Alike(NamedTuple):
    """What the attributes of a span say but for its own, and where those stand, the first name that counts first.

    `counts` is whether it is a call; `provider` to `shape` are what it then is of. `failed` is what the attributes say:
    the span's status says it too. `apart` is whether its input leaves out what the cache had, `unthought` whether its
    output leaves out the reasoning, `rest` whether what only its total tells is output. `tokens` has, for each count
    of `collectors.tokens.Tokens` that is there, its number. `metadata` is where an old Vercel SDK's provider says more.
    """

    kind: SpanKind
    counts: bool
    claims: Claims
    provider: str
    model: str
    processing: str
    failed: bool
    shape: str | None
    apart: bool
    unthought: bool
    rest: bool
    tokens: tuple[tuple[int, Places], ...]
    total: Places
    details: Places
    cost: Places
    cost_details: Places
    response: Places
    metadata: Places


class Words(dict[bytes, int]):
    """Encoded attributes and their numbers, found when first asked for.

    A number is the same for the same name and value, for the same name where the value is each span's own, and for all
    that nobody asked for. The numbers of a span's attributes, in their order, are its set. `own` has the values that
    were seen of those that are each span's own.
    """

    def __init__(self, resolver: ResolverConfig) -> None:
        super().__init__()
        self._resolver = resolver
        self._wanted = SPAN_ATTRIBUTES | resolver.attributes()
        self._own = {name: -place for place, name in enumerate(sorted(_OF_ITS_OWN - resolver.attributes()), 1)}
        self._ids = {bytes((_LENGTH_1, len(n))) + n.encode(): self._own[n] for n in RESPONSE_ID if n in self._own}
        self._last = _NOTHING
        self.own: dict[bytes, Value] = {}
        self._passing: list[bytes] = []
        self._id = b"", b""
        self._sets: dict[tuple[Claims, str, bool], dict[Places, Alike]] = {}
        self.kept = 0

    def __missing__(self, encoded: bytes) -> int:
        """Find the number of one, and keep it if it may come again; BadBody where it is no attribute."""
        # Each answer has an id of its own: only that it is one is looked at here.
        number = self._ids.get(encoded[: encoded[1] + 2]) if len(encoded) > 1 else None
        if number is not None and (pair := _raw_pair(encoded)) and pair[1].isascii():
            self._id = encoded, pair[1]
            return number
        name, value = _text_pair(encoded) or _pair(encoded)
        lasting = len(encoded) <= _LONGEST_WORD and name not in _NEVER_KEPT
        if value is None or name not in self._wanted:
            number = _NOTHING
        elif (number := self._own.get(name)) is None:
            number = self._next() if lasting else _UNLIKE
        if lasting:
            self._keep(encoded, number, value)
        return number

    def value(self, encoded: bytes) -> Value | None:
        """What an attribute says whose number was asked for."""
        found = self.own.get(encoded)
        return (_text_pair(encoded) or _pair(encoded))[1] if found is None else found

    def first(self, encoded: Sequence[bytes], places: Places) -> Value | None:
        """The first value at these places that is not empty."""
        for place in places:
            value = self.value(encoded[place])
            if value or value not in (None, "", ()):
                return value
        return None

    def response(self, encoded: Sequence[bytes], places: Places) -> bytes | None:
        """The id of the answer at these places."""
        if len(places) == 1 and encoded[places[0]] is self._id[0]:
            return self._id[1] or None
        value = self.first(encoded, places)
        return None if value is None else str(value).encode()

    def sets(self, shared: Claims, *, scope: str, ignored: bool) -> dict[Places, Alike]:
        """The sets that were seen under these claims of a resource, on spans whose name says that they are no calls.

        `scope` is the name of their instrumentation where it leaves something out, else empty.
        """
        key = shared, scope, ignored
        found = self._sets.get(key)
        if found is None:
            self._make_room(1)
            found = self._sets[key] = {}
        return found

    def alike(self, encoded: Sequence[bytes], numbers: Places, shared: Claims, name: str, *, scope: str) -> Alike:
        """What a span of this name and these attributes, with their numbers, says; `shared` is its resource's claim."""
        pairs = enumerate(_text_pair(each) or _pair(each) for each in encoded)
        said = {place: (key, value) for place, (key, value) in pairs if value is not None and key in self._wanted}
        found = _alike(self._resolver, said, shared, name)
        if scope:
            without = found.provider in names.PROVIDERS_WITHOUT_CACHE.get(scope, ())
            apart = found.apart or without or scope in names.SCOPES_WITHOUT_CACHE
            found = found._replace(apart=apart, rest=scope in names.SCOPES_WITHOUT_THOUGHTS)
        if _UNLIKE not in numbers and len(numbers) <= _MOST_OF_A_SET:
            self._make_room(1 + len(numbers) // _OF_ONE_SET)
            self.sets(shared, scope=scope, ignored=is_ignored(name))[numbers] = found
        return found

    def _keep(self, encoded: bytes, number: int, value: Value | None) -> None:
        # Counts and what nobody asked for come in any number, and have the same number again: only they are forgotten
        # for each other, or all that is known of sets would go with them.
        if number <= _NOTHING:
            if len(self._passing) >= _MOST_WORDS:
                for each in self._passing:
                    self.pop(each, None)
                self._passing.clear()
                self.own.clear()
            self._passing.append(encoded)
            if number < _NOTHING and value is not None:
                self.own[encoded] = value
        elif len(self) - len(self._passing) >= _MOST_WORDS:
            for each in self.keys() - self._passing:
                self.pop(each, None)
        self[encoded] = number

    def _make_room(self, sets: int) -> None:
        if self.kept + sets > _MOST_SETS:
            self._sets.clear()
            self.kept = 0
        self.kept += sets

    def _next(self) -> int:
        # Never one that was given before: what it stood for may be forgotten, and a set that holds it not.
        self._last += 1
        return self._last


def _pair(encoded: bytes) -> tuple[str, Value | None]:
    try:
        pair = KeyValue.FromString(encoded)
    except DecodeError:
        raise BadBody("an attribute is not a protobuf one") from None
    return pair.key, value_of(pair.value)


def _text_pair(encoded: bytes) -> tuple[str, str] | None:
    """A short text under a short name, as every encoder writes it; None for anything else."""
    pair = _raw_pair(encoded)
    if pair is None:
        return None
    try:
        return pair[0].decode(), pair[1].decode()
    except UnicodeDecodeError:
        return None


def _raw_pair(encoded: bytes) -> tuple[bytes, bytes] | None:
    """The same, as it was sent.

    The id of an answer is new each time, so it is read each time: this way in a fraction of the time.
    """
    size = len(encoded)
    if not _LEAST <= size < _MORE or encoded[0] != _LENGTH_1:
        return None
    end = encoded[1] + 2
    text = end + 4
    if encoded[end:text] != bytes((_LENGTH_2, (size - end - 2) % _MORE, _LENGTH_1, (size - text) % _MORE)):
        return None
    return encoded[2:end], encoded[text:]


@lru_cache(maxsize=4)
def words_for(resolver: ResolverConfig) -> Words:
    """The attributes that were seen under this search for a feature."""
    return Words(resolver)


def _alike(resolver: ResolverConfig, said: Mapping[int, tuple[str, Value]], shared: Claims, name: str) -> Alike:
    given = dict(said.values())
    places = {key: place for place, (key, _) in said.items()}
    counts, own = (
        [tuple(places[name] for name in field if name in places) for field in fields] for fields in (TOKENS, _OTHERS)
    )
    if names.VERCEL_TOTALS in given:
        own[-1] = ()
    tokens = tuple((count, some) for count, some in enumerate(counts) if some)
    kind = span_kind(name, given)
    claims = with_span(resolver, shared, given)
    if not kind.counts():
        return Alike(kind, False, claims, "", "", "", False, None, False, False, False, tokens, *own)  # noqa: FBT003 (a tuple's fields in their order)
    shape = shape_of(given) if kind is SpanKind.CALL else None
    failed = first_of(given, names.ERROR_TYPE) is not None or first_of(given, names.LEVEL) == "ERROR"
    # Mastra says of a refused call only that it ended by an error.
    failed = failed or (shape is not None and shape.endswith("/error"))
    apart = next((key for key in names.INPUT_TOKENS if key in given), None) == names.WITHOUT_CACHE
    apart = apart or hands_on(given)
    unthought = next((key for key in names.REASONING_TOKENS if key in given), None) in names.WITHOUT_REASONING
    about = provider_of(given), model_of(given), processing_of(given), failed, shape, apart, unthought
    return Alike(kind, True, claims, *about, False, tokens, *own)  # noqa: FBT003 (a tuple's fields in their order)

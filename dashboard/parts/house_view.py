"""The house: its time zone and database, who is told what, the keys, and who may do what."""

from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import pieces, selection, wording
from dashboard.palette import BadgeColour
from dashboard.settings_loads import House
from dashboard.settings_writing import Made, make_key, revoke, try_channel
from db.queries.keys import StoredKey
from offramp.actions.house import ChannelLine
from offramp.actions.keys import SCOPES

_STATES: dict[str, BadgeColour] = {"sent": "green", "failed": "red", "uncertain": "orange", "pending": "blue"}


def organisation(found: House) -> None:
    """Time zone, the next letter, the database."""
    pieces.section("Organisation")
    local = found.read_at.astimezone(ZoneInfo(found.zone))
    letter = None if found.next_letter is None else found.next_letter.astimezone(ZoneInfo(found.zone))
    with st.grid(columns=4, min_column_width=220):
        pieces.figure(
            "Time zone",
            found.zone,
            below=f"now {local:%H:%M}",
            note="Of the weekly letter and of quiet hours. OFFRAMP_TIMEZONE sets it; days of usage are UTC.",
        )
        pieces.figure(
            "Next weekly letter",
            "unknown" if letter is None else f"{letter:%a %H:%M}",
            below="" if letter is None else wording.short_day(letter.date()),
            note="Every Monday at nine in this time zone, across every clock change.",
        )
    # The whole address is for whoever asks: a path tells of the machine.
    st.caption(wording.plain(f"Database: {found.database.rpartition('/')[2]}"), help=wording.plain(found.database))


def channels(found: House, url: str) -> None:
    """Who is told what, how the last message went, and a test."""
    pieces.section("Channels", "Who is told of flips, deadlines and the week. Secrets are never shown.")
    if found.wrong_channels is not None:
        pieces.failed("The channels' file cannot be used.", found.wrong_channels, "mend it; till then nothing is sent.")
    elif not found.channels:
        pieces.empty(
            "Nobody is told anything.",
            "OFFRAMP_CHANNELS names a file that says who is told what (docs/channels.md), such as:",
        )
        pieces.code(
            "smtp: {host: smtp.example.org, sender: offramp@example.org}\nchannels:\n"
            "  - {name: platform, email: [ana@example.org], send: [weekly]}",
        )
    for line in found.channels:
        _channel(line, found, url)


def _channel(line: ChannelLine, found: House, url: str) -> None:
    with st.container(border=True), st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{wording.plain(line.name)}**", width="content")
        pieces.badge(line.via)
        for kind in line.kinds:
            pieces.badge(wording.words(kind).lower(), "blue")
        whose = "" if line.owner is None else f" · only {line.owner}'s features"
        to = ", ".join(line.to) or "an address that is a secret"
        st.caption(wording.plain(f"to {to}{whose} · {_last(line, found)}"), width="stretch")
        if line.last is not None:
            pieces.badge(line.last.state, _STATES.get(line.last.state, "gray"))
        st.button("Send a test", key=f"try-{line.name}", on_click=try_channel, args=(url, line.name))


def _last(line: ChannelLine, found: House) -> str:
    if line.last is None:
        return "nothing was sent yet"
    at = line.last.done_at or line.last.created_at
    return f"last message {wording.ago(at, found.read_at)} ({wording.clock(at)})"


def keys(found: House, url: str) -> None:
    """The API keys, a form for a new one, and the new one's text, once."""
    pieces.section(
        "Keys",
        "For programs that send or read. Without one, servers listen on this machine only; with one, all must show it.",
    )
    for key in found.keys:
        _key(key, found, url)
    if not found.keys:
        st.caption("There is no key yet.")
    token = selection.form_token("key")
    with st.form(f"key-{token}", border=True), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name of a new key", key=selection.field_key(token, "name"), placeholder="checkout's exporter")
        st.multiselect("It may", SCOPES, ["ingest"], key=selection.field_key(token, "scopes"))
        st.form_submit_button("Create a key", on_click=make_key, args=(url, token))


def made(key: Made) -> None:
    """The text of a new key: now or never."""
    st.success(f"**{wording.plain(key.name)}** is made. Copy it now: it is shown once and kept nowhere.")
    pieces.code(key.text)


def _key(key: StoredKey, found: House, url: str) -> None:
    state = key.state(found.read_at)
    with st.container(border=True), st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{wording.plain(key.name)}**", width="content")
        st.markdown(f"`ofr_{key.id}_…`", width="content")
        pieces.badge(state, "green" if state == "active" else "gray")
        used = wording.when(key.last_used_at, found.read_at)
        made_on = wording.short_day(key.created_at.date())
        st.caption(
            wording.plain(f"may {', '.join(sorted(key.scopes))} · made {made_on} · last used {used}"), width="stretch"
        )
        if state == "active":
            with st.popover("Revoke"):
                st.markdown("Whoever uses it is refused within seconds. This cannot be taken back.")
                st.button("Yes, revoke it", key=f"revoke-{key.id}", on_click=revoke, args=(url, key.id, key.name))

"""What other prices would mean: a form, the verdicts that would flip, the cost of all features. Saves nothing."""

import streamlit as st

from dashboard import loads, pieces, price_frames, selection, wording
from dashboard.price_writing import suppose
from offramp.actions.failure import BadInput
from offramp.actions.price_overview import PriceOverview
from offramp.policy import load_policy

_TOKEN = "what-if"  # noqa: S105 (a name, not a secret)


def what_if(found: PriceOverview, url: str, asked: str | None) -> None:
    """The form, and below it what the URL supposes."""
    days = load_policy().number("persist_days")
    held = f"judged as if they had held for the {days} days after which a price counts."
    pieces.section("What if", f"Suppose other prices, in USD per million tokens, {held} Nothing is saved.")
    with st.form(_TOKEN, border=False, enter_to_submit=True):
        with st.grid(columns=3, min_column_width=180):
            st.selectbox(
                "Model",
                found.models,
                index=None,
                placeholder="one of yours, or type an id",
                accept_new_options=True,
                key=selection.field_key(_TOKEN, "model"),
            )
            st.text_input("Input price", key=selection.field_key(_TOKEN, "input"), placeholder="1.00")
            st.text_input(
                "Output price", key=selection.field_key(_TOKEN, "output"), placeholder="6.00, or empty: as it is"
            )
        st.form_submit_button("What would flip?", type="primary", on_click=suppose, args=(_TOKEN, asked or ""))
    if not asked:
        return
    pairs = tuple((model, price) for model, _, price in (text.rpartition("=") for text in asked.split()))
    st.markdown("**Supposed:** " + wording.plain("; ".join(_words(model, price) for model, price in pairs)))
    st.button("Suppose nothing", on_click=selection.suppose)
    try:
        document = loads.supposed(url, pairs)
    except BadInput as problem:
        first = problem.problems[0]
        pieces.failed("That cannot be supposed.", first.error, wording.plain(first.cure or "mend it") + ".")
        return
    flips = price_frames.flips_told(document)
    told = wording.plural(len(flips), "verdict") if flips else "No verdict"
    now, then = (price_frames.usd_text(document[name]) for name in ("now_usd_month", "then_usd_month"))
    st.markdown(f"#### {wording.plain(f'{told} would flip; all features would cost {then} a month, now {now}.')}")
    table = price_frames.what_if_table(document)
    if table.empty:
        st.caption("No feature would cost anything else.")
        return
    config = st.column_config
    money = {name: config.TextColumn(alignment="right", width=120) for name in ("Now, a month", "Then, a month")}
    st.dataframe(
        table,
        hide_index=True,
        placeholder=wording.MISSING,
        key="supposed",
        alt="Features whose cost or verdict would be another",
        column_config=money,
    )


def _words(model: str, price: str) -> str:
    given, _, output = price.partition(":")
    return f"{model} at ${given} in" + (f", ${output} out" if output else "")

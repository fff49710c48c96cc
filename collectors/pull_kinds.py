"""Every kind of source that can be pulled from."""

from collectors import warehouse
from collectors.pulls import anthropic, langfuse_scores, litellm, litellm_daily, openai
from collectors.pulls.puller import Puller

PULLERS: dict[str, Puller] = {
    puller.kind: puller
    for puller in (
        litellm.PULLER,
        litellm_daily.PULLER,
        langfuse_scores.PULLER,
        openai.PULLER,
        anthropic.PULLER,
        warehouse.PULLER,
    )
}

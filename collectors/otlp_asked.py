"""Of whom a call asked what, by its attributes: provider, model, tier, and the shape of the output."""

from collectors import otlp_names as names
from collectors.json_text import object_in
from collectors.names import MODEL_LENGTH, clean_name
from collectors.otlp_read import first_of
from collectors.output_shape import output_shape
from collectors.resolver import Attributes

UNKNOWN_MODEL = "unknown"


def hands_on(given: Attributes) -> bool:
    """Whether an old Vercel SDK hands on an input without the cache, and its provider's word for that is gone."""
    if names.VERCEL_OPERATION[0] not in given or names.VERCEL_TOTALS in given or names.PROVIDER_METADATA[0] in given:
        return False
    return provider_of(given) in names.VERCEL_WITHOUT_CACHE


def shape_of(given: Attributes) -> str | None:
    """What came out of it and why it ended, as far as that is said."""
    kinds = names.OUTPUT_TYPE, names.FINISH, names.ASKED_WITH, names.VERCEL_OPERATION
    return output_shape(*(first_of(given, some) for some in kinds))


def processing_of(given: Attributes) -> str:
    """The tier it was billed at."""
    return names.PROCESSING.get(str(first_of(given, names.SERVICE_TIER)).lower(), "standard")


def provider_of(given: Attributes) -> str:
    """The provider as it is told; empty where it is not."""
    told = first_of(given, names.PROVIDER) or _asked_with(given, "provider") or _plugin_and_model(given)[0]
    value = clean_name(str(told).strip('"'), MODEL_LENGTH).lower()
    interface = names.PROVIDER[-1] in given or value.rpartition(".")[2] in names.INTERFACES
    return value.partition(".")[0] if interface else value


def model_of(given: Attributes) -> str:
    """The model that answered, else the one that was asked."""
    value = first_of({key: name for key, name in given.items() if name != names.NO_NAME}, names.MODEL)
    if value is None:
        value = _asked_with(given, "model") or _plugin_and_model(given)[1]
    # MLflow's is a JSON text.
    return clean_name(str(value).strip('"'), MODEL_LENGTH) or UNKNOWN_MODEL


def _asked_with(given: Attributes, key: str) -> str:
    asked = object_in(first_of(given, names.PARAMETERS)).get(key)
    return asked if isinstance(asked, str) else ""


def _plugin_and_model(given: Attributes) -> tuple[str, str]:
    plugin, slash, model = str(given.get(names.PLUGIN_MODEL[0], "")).partition("/")
    return (plugin, model) if slash else ("", plugin)

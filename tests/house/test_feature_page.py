"""The page on feature files says what the program takes."""

import re

from offramp.actions.register import read_yaml
from strategy.parse import feature_document, parse_feature
from tests.house.feature_page import page
from tests.house.sources import ROOT


def test_the_page_is_made_from_the_fields() -> None:
    """docs/features.md holds every field with its answers; make it again where they differ."""
    there = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    assert there == page(), "run: python -m tests.house.feature_page > docs/features.md"


def test_its_sample_registers() -> None:
    """The sample is read without a complaint, and nothing of it is lost."""
    found = re.search(r"```yaml\n(.*?)```", page(), re.DOTALL)
    assert found is not None
    (document,) = read_yaml(found[1])
    feature, errors = parse_feature(document)
    assert errors == []
    assert feature is not None
    assert set(feature_document(feature)) == set(document)

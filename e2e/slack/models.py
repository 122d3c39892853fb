"""Checks messages and modals by the models of Slack's own SDK. Reads one JSON object a line: {"name", "blocks"} or {"name", "view"}.

Prints one JSON object for each that the models refuse: {"name", "problem"}.
"""

import json
import sys

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View


def check(item):
    if "view" in item:
        View(**item["view"]).to_dict()
        return
    for raw in item["blocks"]:
        block = Block.parse(raw)
        if block is None or block.type != raw["type"]:
            raise ValueError(f"there is no block of the type {raw['type']}")
        # Whatever the model does not know is left out of what it says.
        unknown = sorted(set(raw) - set(block.to_dict()))
        if unknown:
            raise ValueError(f"a block of the type {raw['type']} has no {', '.join(unknown)}")


for line in sys.stdin:
    item = json.loads(line)
    try:
        check(item)
    except Exception as error:  # whatever a model does not take
        print(json.dumps({"name": item["name"], "problem": str(error)}))

"""Make a check with the client that was generated from the OpenAPI document (package `client` on the path)."""

import datetime
import os

from client import AuthenticatedClient
from client.api.decisions import check_decisions
from client.models import Check, DecisionRecord

beijing = datetime.timezone(datetime.timedelta(hours=8))
record = DecisionRecord.from_dict(
    {
        "id": "generated-1",
        "at": datetime.datetime(2026, 5, 1, 12, tzinfo=beijing).isoformat(),
        "action": "recommend",
        "person": "p-1",
        "principal": {"category": "push"},
        "context": {"personalised": True},
    }
)
with AuthenticatedClient(os.environ["GONGDAO_URL"], os.environ["GONGDAO_KEY"]) as client:
    answer = check_decisions.sync(client=client, body=record)
    assert isinstance(answer, Check), answer
    assert answer.decision == "generated-1" and answer.effect == "hold" and answer.answer.rules, answer
    again = check_decisions.sync(client=client, body=record)
    assert isinstance(again, Check) and again.repeat and again.ledger == answer.ledger, again
print(f"a generated client made a check: {answer.effect}, entry {answer.ledger.leaf}")

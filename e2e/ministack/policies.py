"""What policies are judged by. Everything here is plain HTTP on this machine: policies that insist on TLS are judged as if it were."""
import logging

from ministack import app
from ministack.core import iam_evaluator

pin_origin = iam_evaluator.pin_request_origin
judge = iam_evaluator.enforce


def pin_origin_as_tls(source_ip, _secure):
    pin_origin(source_ip, True)


def enforce(access_key_id, action, *args, **kwargs):
    """A denial is worth a line in the log: whose role lacks what. A batch of SQS needs the permission for one message, and no other."""
    if action.startswith("sqs:"):
        action = action.removesuffix("Batch")
    denied = judge(access_key_id, action, *args, **kwargs)
    if denied is not None:
        who = getattr(denied, "principal_arn", denied)
        logging.getLogger("policies").warning("%s may not %s on %s", who, action, kwargs.get("resource_arn"))
    return denied


def put_right():
    for place in (iam_evaluator, app):
        place.pin_request_origin = pin_origin_as_tls
    iam_evaluator.enforce = enforce

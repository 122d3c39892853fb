"""A function's log, whole: MiniStack takes it for over after five quiet milliseconds, and what a busy machine prints later is lost."""
from ministack.core import lambda_runtime

FIRST_LINE_WAIT, IDLE_CONFIRM, HARD_CAP = 0.25, 0.1, 1.0


def put_right():
    for worker in vars(lambda_runtime).values():
        drain = getattr(worker, "_drain_stderr_bounded", None)
        if drain is not None:
            drain.__defaults__ = (FIRST_LINE_WAIT, IDLE_CONFIRM, HARD_CAP)

"""GetMetricData as CloudWatch answers it: newest first, unless asked otherwise. Ministack's own is always oldest first."""
import contextvars

from ministack.services import cloudwatch

newest_first = contextvars.ContextVar("newest first", default=True)
get = cloudwatch._get_metric_data
result_of = cloudwatch._cbor_metric_data_result


def get_metric_data(params, asked, *args, **kwargs):
    newest_first.set((asked or {}).get("ScanBy") != "TimestampAscending")
    return get(params, asked, *args, **kwargs)


def result(found):
    if not newest_first.get():
        return result_of(found)
    return result_of({**found, "Timestamps": found["Timestamps"][::-1], "Values": found["Values"][::-1]})


def put_right():
    cloudwatch._get_metric_data = get_metric_data
    cloudwatch._cbor_metric_data_result = result

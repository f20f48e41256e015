"""The state of an alarm, as CloudWatch would find it."""

import operator

from metric_math import evaluate

COMPARISONS = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
}


def value_of(alarm, metrics):
    """What the alarm compares in one period, by the values of its metrics."""
    if "MetricName" in alarm:
        return metrics.get("value")
    expression = next(metric["Expression"] for metric in alarm["Metrics"] if metric.get("ReturnData", True))
    known = {metric["Id"]: metrics.get(metric["Id"]) for metric in alarm["Metrics"] if "MetricStat" in metric}
    if unknown := metrics.keys() - known.keys():
        raise ValueError(f"no such metric: {unknown}")
    return evaluate(expression, known)


def state(alarm, periods):
    """OK or ALARM after these periods, oldest first; each has the values of the alarm's metrics."""
    breaches = COMPARISONS[alarm["ComparisonOperator"]]
    evaluated = [value_of(alarm, metrics) for metrics in periods[-alarm["EvaluationPeriods"] :]]
    if all(value is None for value in evaluated):
        return "ALARM" if alarm["TreatMissingData"] == "breaching" else "OK"
    breaching = sum(
        alarm["TreatMissingData"] == "breaching" if value is None else breaches(value, alarm["Threshold"])
        for value in evaluated
    )
    return "ALARM" if breaching >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]) else "OK"

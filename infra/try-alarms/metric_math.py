"""The part of CloudWatch's metric math that the alarms use (CloudWatch user guide, Using math expressions).

An expression is evaluated period by period; a value is None where a metric has no data. FILL cannot fill a period in which no
metric of the expression has data: CloudWatch then has no data point, and TreatMissingData decides."""

import operator


class Value:
    """A metric's value in one period."""

    def __init__(self, number):
        self.number = number

    def _with(self, other, operation):
        other = other.number if isinstance(other, Value) else other
        return Value(None if self.number is None or other is None else operation(self.number, other))

    def __add__(self, other):
        return self._with(other, operator.add)

    def __truediv__(self, other):
        return self._with(other, lambda left, right: left / right if right else None)

    def __mul__(self, other):
        return self._with(other, operator.mul)

    __rmul__ = __mul__

    def __ge__(self, other):
        return self._with(other, lambda left, right: float(left >= right))


def evaluate(expression, metrics):
    """An expression's value in one period, by the values of its metrics in it."""
    if all(number is None for number in metrics.values()):
        return None
    values = {name: Value(number) for name, number in metrics.items()}

    def numbers(items):
        return [item.number for item in items if item.number is not None]

    functions = {
        "METRICS": lambda: list(values.values()),
        "FILL": lambda value, other: Value(other if value.number is None else value.number),
        "IF": lambda condition, then, otherwise: then if condition.number else otherwise,
        "SUM": lambda items: Value(sum(numbers(items))),
        "MIN": lambda items: Value(min(numbers(items), default=None)),
    }
    # The expressions are valid Python, and only these names are known to them.
    result = eval(expression, {"__builtins__": {}}, functions | values)  # noqa: S307: of this repository's own template
    return result.number if isinstance(result, Value) else result

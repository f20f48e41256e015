"""Evaluates the alarms of infra/observability.yaml with data present and absent, and checks the dashboard and the API's log format.

Prints nothing when all are right. Needs PyYAML, which the environment of SAM has."""

import json
import re
import sys
from pathlib import Path

import template
from alarm import state

ROOT = Path(__file__).parents[2]
ABSENT = {}

# What each alarm over several metrics finds in three periods of five minutes: the state, and the values in each period.
CASES = {
    "ProviderErrors": [
        ("OK", [ABSENT] * 3),
        ("OK", [{"sent": 500}] * 3),
        ("OK", [{"sent": 80, "refused": 20}] * 3),
        ("ALARM", [{"sent": 79, "refused": 21}] * 3),
        ("ALARM", [{"refused": 20}] * 3),
        ("OK", [{"refused": 19}] * 3),
        ("OK", [{"sent": 500}, {"sent": 500}, {"refused": 20}]),
    ],
    "FunctionThrottles": [
        ("OK", [ABSENT] * 3),
        ("OK", [{"send": 0, "deliver": 0}] * 3),
        ("ALARM", [{"send": 0}, {"receive": 1}, {"manage": 1}]),
        ("OK", [{"send": 1}, ABSENT, ABSENT]),
    ],
    "FunctionErrors": [
        ("OK", [ABSENT] * 3),
        ("OK", [{"settle": 0}] * 3),
        ("ALARM", [ABSENT, {"settle": 1}, {"settle": 0, "notify": 3}]),
    ],
    "ConcurrencyNearLimit": [
        ("OK", [ABSENT] * 3),
        ("OK", [{"used": 80}] * 3),
        ("ALARM", [{"used": 81}, {"used": 10}, {"used": 100}]),
    ],
    "SchedulesSilent": [
        ("ALARM", [ABSENT] * 3),
        ("OK", [{"settle": 5, "notify": 5}] * 3),
        ("OK", [{"settle": 5, "notify": 5}, {"settle": 5}, {"notify": 5}]),
        ("ALARM", [{"settle": 5}] * 3),
        ("ALARM", [{"settle": 5, "notify": 0}] * 3),
    ],
    "TablesThrottled": [
        ("OK", [ABSENT] * 3),
        ("OK", [{"messages": 5, "chats": 5}] * 3),
        ("ALARM", [ABSENT, {"messages": 6, "chats": 5}, {"read": 11}]),
    ],
    "IndexesThrottled": [
        ("OK", [ABSENT] * 3),
        ("OK", [{"due": 5, "bulk": 5}] * 3),
        ("ALARM", [ABSENT, {"bulk": 6, "subjects": 5}, {"reads": 11}]),
    ],
}


def check_alarm(name, alarm):
    cases = CASES.get(name)
    if "MetricName" in alarm:
        cases = [("OK", [ABSENT] * 3)]
    if not cases:
        return [f"{name}: an alarm over several metrics has cases in infra/try-alarms"]
    found = [(expected, state(alarm, periods), periods) for expected, periods in cases]
    problems = [f"{name}: {actual} instead of {expected} at {periods}" for expected, actual, periods in found if expected != actual]
    for actions in ["AlarmActions", "OKActions"]:
        if actions not in alarm:
            problems.append(f"{name}: no {actions}")
    return problems


def check_dashboard(dashboard):
    """The searches find the metrics of a stack with any name: a name with other characters than letters and digits is quoted
    in a search's schema (CloudWatch user guide, search expression syntax)."""
    problems = []
    if template.PARAMETERS["AWS::Region"] not in dashboard["DashboardName"]:
        problems.append("Dashboard: its name has no region, and an account's dashboards are not regional")
    for widget in json.loads(dashboard["DashboardBody"])["widgets"]:
        for metric in widget["properties"]["metrics"]:
            schema = re.search(r"SEARCH\('\{([^}]*)\}", json.dumps(metric[0]).replace('\\"', '"'))
            unquoted = [part for part in schema[1].split(",") if not re.fullmatch(r'"[^"]+"|\w+', part)] if schema else []
            problems += [f"Dashboard: {part} is not quoted in a search" for part in unquoted]
    return problems


def check_log_format(properties):
    """A line is JSON whether or not API Gateway has a value; it writes `-` for one that it has not. `error.messageString` has
    quotation marks of its own, where there is a message."""
    text = properties["AccessLogSettings"]["Format"]
    filled = lambda message: re.sub(r"\$context\.[\w.]+", lambda name: f'"{message}"' if name[0].endswith("String") else message, text)
    problems = []
    for line in [filled("Not Found"), re.sub(r"\$context\.[\w.]+", "-", text)]:
        try:
            json.loads(line)
        except ValueError as error:
            problems.append(f"Api: a line of its log is not JSON: {error}: {line}")
    return problems


def main():
    nested = template.read(ROOT / "infra" / "observability.yaml")
    alarms = {name: resource["Properties"] for name, resource in nested.items() if resource["Type"] == "AWS::CloudWatch::Alarm"}
    problems = [problem for name, alarm in alarms.items() for problem in check_alarm(name, alarm)]
    problems += [f"infra/try-alarms: there is no alarm {name}" for name in CASES.keys() - alarms.keys()]
    problems += check_dashboard(nested["Dashboard"]["Properties"])
    problems += check_log_format(template.read(ROOT / "template.yaml")["Api"]["Properties"])
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems or not alarms else 0


sys.exit(main())

"""Events on their way: EventBridge rules, schedules, SNS subscriptions, SQS event source mappings."""

from . import event_source, notifications, rules, schedules


def install() -> None:
    rules.install()
    schedules.install()
    notifications.install()
    event_source.install()

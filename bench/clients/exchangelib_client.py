"""The peer: exchangelib doing one work against the ready-made answers: `python3 exchangelib_client.py URL WORK ROUNDS`.

The same items, the same batches, only the fields we map. What exchangelib has already is left as it is and favours it: the
account and its connections live through all rounds, and an idle visit opens nothing.
"""

import json
import resource
import sys
import time
import warnings

warnings.simplefilter("ignore")

from exchangelib import BASIC, DELEGATE, Account, Configuration, Credentials, EWSTimeZone, Version
from exchangelib.extended_properties import ExtendedProperty
from exchangelib.items import CalendarItem, Contact, Task
from exchangelib.protocol import BaseProtocol
from exchangelib.version import Build

READ_BATCH = 100
WRITE_BATCH = 50
PAGE_ITEMS = 512


class LinkKey(ExtendedProperty):
    distinguished_property_set_id = "PublicStrings"
    property_name = "LiaisonLinkKey"
    property_type = "String"


class Title(ExtendedProperty):
    property_tag = 0x3A45
    property_type = "String"


class BusyStatus(ExtendedProperty):
    distinguished_property_set_id = "Appointment"
    property_id = 0x8205
    property_type = "Integer"


for item_class in (Contact, CalendarItem, Task):
    item_class.register("link_key", LinkKey)
Contact.register("title", Title)
CalendarItem.register("busy_status", BusyStatus)

BASE = ["item_class", "sensitivity", "body", "categories", "link_key"]
CONTACT = BASE + [
    "title", "given_name", "middle_name", "surname", "generation", "nickname", "company_name", "department", "job_title",
    "office", "profession", "manager", "assistant_name", "spouse_name", "email_addresses", "physical_addresses",
    "phone_numbers", "im_addresses", "postal_address_index", "business_homepage", "birthday", "wedding_anniversary",
    "children",
]  # fmt: skip
OCCURRENCE = [
    "item_class", "subject", "body", "reminder_is_set", "reminder_minutes_before_start", "start", "end", "original_start",
    "is_all_day", "legacy_free_busy_status", "location", "busy_status",
]  # fmt: skip
EVENT = [name for name in OCCURRENCE if name != "original_start"] + [
    "sensitivity", "categories", "importance", "link_key", "is_cancelled", "type", "my_response_type", "organizer",
    "required_attendees", "optional_attendees", "resources", "appointment_state", "recurrence", "modified_occurrences",
    "deleted_occurrences", "_start_timezone",
]  # fmt: skip
TASK = BASE + [
    "subject", "importance", "reminder_due_by", "reminder_is_set", "complete_date", "due_date", "percent_complete",
    "recurrence", "start_date", "status",
]  # fmt: skip


def opened(url):
    config = Configuration(
        service_endpoint=url + "/EWS/Exchange.asmx",
        credentials=Credentials("svc@example.test", "not checked"),
        auth_type=BASIC,
        version=Version(build=Build(15, 2, 1748, 10)),
        max_connections=1,
    )
    return Account(
        "anna.berger@example.test",
        config=config,
        autodiscover=False,
        access_type=DELEGATE,
        default_timezone=EWSTimeZone("UTC"),
    )


def listed(folder, state):
    """The items of every page after the state, and the state after them, which the folder remembers."""
    folder.item_sync_state = state
    changes = folder.sync_items(sync_state=state, only_fields=[], max_changes_returned=PAGE_ITEMS)
    return [item for _, item in changes], folder.item_sync_state


def fetched(account, folder, ids, fields):
    return list(account.fetch(ids=ids, folder=folder, only_fields=fields, chunk_size=READ_BATCH))


def downloaded(account, folders):
    found = {}
    for name, (folder, fields) in folders.items():
        ids, _ = listed(folder, None)
        found[name] = fetched(account, folder, [(item.id, item.changekey) for item in ids], fields)
    masters = [item for item in found["event"] if item.modified_occurrences]
    occurrences = [(one.id, one.changekey) for item in masters for one in item.modified_occurrences]
    fetched(account, folders["event"][0], occurrences, OCCURRENCE)
    return found


def fresh(account, folder, item, cls, fields):
    """The same item as one that was never saved."""
    left_out = {"item_class", "im_addresses", "my_response_type", "organizer", "is_cancelled", "type", "appointment_state",
                "modified_occurrences", "deleted_occurrences", "busy_status", "complete_date"}  # fmt: skip
    values = {name: getattr(item, name) for name in fields if name not in left_out}
    if cls is Contact:
        values["display_name"] = f"{item.given_name} {item.surname}"
        values["file_as"] = f"{item.surname}, {item.given_name}"
    if values.get("recurrence"):
        # This version reads `2030-06-26Z` as no date.
        start = item.start if item.is_all_day else item.start.astimezone(item._start_timezone).date()
        values["recurrence"].boundary.start = start
    if values.get("is_all_day"):
        # Our shape leaves EndTimeZone out, without which this version takes the wrong day.
        values["end"] = values["start"]
    return cls(account=account, folder=folder, **values)


def download_work(account, folders):
    def once():
        return sum(len(items) for items in downloaded(account, folders).values())

    return once


def create_work(account, folders):
    found = downloaded(account, folders)
    contacts = [fresh(account, folders["contact"][0], item, Contact, CONTACT) for item in found["contact"][:1000]]
    events = [fresh(account, folders["event"][0], item, CalendarItem, EVENT) for item in found["event"][:500]]

    def once():
        done = 0
        for name, items in (("contact", contacts), ("event", events)):
            answers = account.bulk_create(folders[name][0], items, chunk_size=WRITE_BATCH)
            done += sum(1 for answer in answers if answer.id)
        return done

    return once


def idle_work(account, folders):
    states = {name: None for name in folders}

    def once():
        for name, (folder, _) in folders.items():
            _, states[name] = listed(folder, states[name])
        return 1

    return once


def cpu_ms():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return (usage.ru_utime + usage.ru_stime) * 1000


def main(url, work, rounds):
    BaseProtocol.TIMEOUT = 600
    account = opened(url)
    folders = {"contact": (account.contacts, CONTACT), "event": (account.calendar, EVENT), "task": (account.tasks, TASK)}
    before = cpu_ms()
    once = {"download": download_work, "create": create_work, "idle": idle_work}[work](account, folders)
    preparing = cpu_ms() - before
    items = once()
    cold = cpu_ms() - preparing
    rounds_ms, walls_ms = [], []
    for _ in range(rounds):
        cpu, wall = cpu_ms(), time.monotonic()
        once()
        rounds_ms.append(cpu_ms() - cpu)
        walls_ms.append((time.monotonic() - wall) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"items": items, "coldMs": cold, "roundsMs": rounds_ms, "wallsMs": walls_ms, "peakMb": peak}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

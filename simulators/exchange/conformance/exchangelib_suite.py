"""An independent client library at work against the simulated Exchange. Prints one line per step; exits 1 on the first surprise.

Arguments: EWS URL, authentication type (basic or NTLM).
"""
import datetime
from decimal import Decimal
import sys
import warnings

warnings.filterwarnings("ignore")

from exchangelib import (  # noqa: E402
    Account,
    Attendee,
    Body,
    CalendarItem,
    Configuration,
    Contact,
    Credentials,
    DELEGATE,
    EWSDate,
    EWSDateTime,
    EWSTimeZone,
    FileAttachment,
    HTMLBody,
    IMPERSONATION,
    Mailbox,
    Message,
    Q,
    Task,
)
from exchangelib.errors import ErrorItemNotFound  # noqa: E402
from exchangelib.extended_properties import ExtendedProperty  # noqa: E402
from exchangelib.fields import MONDAY, WEDNESDAY  # noqa: E402
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress  # noqa: E402
from exchangelib.items import SEND_TO_NONE  # noqa: E402
from exchangelib.recurrence import Recurrence, WeeklyPattern  # noqa: E402
from exchangelib.version import EXCHANGE_2010_SP2, Version  # noqa: E402

URL, AUTH = sys.argv[1], sys.argv[2]


class LinkKey(ExtendedProperty):
    distinguished_property_set_id = "PublicStrings"
    property_name = "crm-link-id"
    property_type = "String"


for kind in (Contact, CalendarItem, Task):
    kind.register("link_key", LinkKey)


def step(name, condition, shown=""):
    print(("ok " if condition else "FAILED ") + name, shown if not condition else "")
    if not condition:
        sys.exit(1)


config = Configuration(
    service_endpoint=URL,
    credentials=Credentials("svc@example.test", "svc-pw1"),
    auth_type=AUTH,
    version=Version(EXCHANGE_2010_SP2) if AUTH == "basic" else None,
)
account = Account(
    "alice@example.test",
    config=config,
    autodiscover=False,
    access_type=IMPERSONATION,
    default_timezone=EWSTimeZone("Europe/Berlin"),
)
zone = EWSTimeZone("Europe/Berlin")

step("contacts folder", account.contacts.name == "Contacts")
step("folder tree", "Calendar" in [f.name for f in account.msg_folder_root.children], [f.name for f in account.msg_folder_root.children])

# Contacts
contact = Contact(
    folder=account.contacts,
    given_name="Ada",
    surname="Lovelace",
    company_name="Engines & Sons",
    display_name="Ada Lovelace",
    email_addresses=[EmailAddress(label="EmailAddress1", email="ada@example.test")],
    phone_numbers=[PhoneNumber(label="MobilePhone", phone_number="+44 555 0100")],
    physical_addresses=[PhysicalAddress(label="Business", street="1 High Street", city="London", country="UK", zipcode="N1")],
    birthday=EWSDate(1815, 12, 10),
    body="Notes with <angle> & ampersand",
    categories=["Customers"],
    link_key="link-1",
)
contact.save()
step("contact saved", contact.id is not None)
read = account.contacts.get(id=contact.id, changekey=contact.changekey)
step("contact read", (read.given_name, read.surname, read.company_name) == ("Ada", "Lovelace", "Engines & Sons"), read)
step("contact birthday", read.birthday == EWSDate(1815, 12, 10), read.birthday)
step("contact address", read.physical_addresses[0].city == "London", read.physical_addresses)
step("contact link key", read.link_key == "link-1", read.link_key)
step("contact found by link key", [c.id for c in account.contacts.filter(link_key="link-1")] == [contact.id])
step("contact found by prefix", account.contacts.filter(display_name__startswith="Ada").count() == 1)
read.job_title = "Analyst"
read.phone_numbers = [PhoneNumber(label="BusinessPhone", phone_number="+44 555 0199")]
read.save(update_fields=["job_title", "phone_numbers"])
again = account.contacts.get(id=contact.id)
step("contact updated", again.job_title == "Analyst" and again.changekey != contact.changekey, again)
step("contact phones", [p.phone_number for p in again.phone_numbers if p.label == "BusinessPhone"] == ["+44 555 0199"], again.phone_numbers)

# Synchronisation
changes = list(account.contacts.sync_items(only_fields=["subject"]))
step("first sync", [c[0] for c in changes] == ["create"], changes)
again.middle_name = "King"
again.save(update_fields=["middle_name"])
Contact(folder=account.contacts, given_name="Bob", surname="Babbage", display_name="Bob Babbage").save()
changes = list(account.contacts.sync_items(only_fields=["subject"]))
step("second sync", sorted(c[0] for c in changes) == ["create", "update"], changes)
step("nothing new", list(account.contacts.sync_items(only_fields=["subject"])) == [])

# Calendar
start = EWSDateTime(2030, 3, 4, 9, 0, tzinfo=zone)
event = CalendarItem(
    folder=account.calendar,
    subject="Review",
    start=start,
    end=start + datetime.timedelta(hours=1),
    location="Room 1",
    body=HTMLBody("<html><body>Agenda<br>1. Status</body></html>"),
    required_attendees=[Attendee(mailbox=Mailbox(email_address="bob@example.test"), response_type="Unknown")],
    is_all_day=False,
    link_key="link-2",
)
event.save(send_meeting_invitations=SEND_TO_NONE)
got = account.calendar.get(id=event.id)
step("event read", got.start == start and got.required_attendees[0].mailbox.email_address == "bob@example.test", got)
step("event zone", str(got.start.astimezone(zone).time()) == "09:00:00", got.start)
allday = CalendarItem(folder=account.calendar, subject="Fair", start=EWSDate(2030, 5, 1), end=EWSDate(2030, 5, 2), is_all_day=True)
allday.save(send_meeting_invitations=SEND_TO_NONE)
got = account.calendar.get(id=allday.id)
step("all-day event", (got.start, got.end) == (EWSDate(2030, 5, 1), EWSDate(2030, 5, 2)), (got.start, got.end))

series = CalendarItem(
    folder=account.calendar,
    subject="Weekly",
    start=EWSDateTime(2030, 3, 4, 14, 0, tzinfo=zone),
    end=EWSDateTime(2030, 3, 4, 15, 0, tzinfo=zone),
    recurrence=Recurrence(pattern=WeeklyPattern(interval=1, weekdays=[MONDAY, WEDNESDAY]), start=EWSDate(2030, 3, 4), number=10),
)
series.save(send_meeting_invitations=SEND_TO_NONE)
master = account.calendar.get(id=series.id)
step("series", master.type == "RecurringMaster" and master.recurrence.boundary.number == 10, master)
step("first occurrence", master.first_occurrence.start == EWSDateTime(2030, 3, 4, 14, 0, tzinfo=zone), master.first_occurrence)
step("last occurrence across DST", master.last_occurrence.start == EWSDateTime(2030, 4, 3, 14, 0, tzinfo=zone), master.last_occurrence)
third = series.occurrence(index=3)
third.subject = "Weekly, special"
third.start = EWSDateTime(2030, 3, 11, 16, 0, tzinfo=zone)
third.end = EWSDateTime(2030, 3, 11, 17, 0, tzinfo=zone)
third.save(update_fields=["subject", "start", "end"], send_meeting_invitations=SEND_TO_NONE)
series.occurrence(index=4).delete(send_meeting_cancellations=SEND_TO_NONE)
master = account.calendar.get(id=series.id)
step("modified occurrence", [o.start for o in master.modified_occurrences] == [EWSDateTime(2030, 3, 11, 16, 0, tzinfo=zone)], master.modified_occurrences)
step("deleted occurrence", [o.start for o in master.deleted_occurrences] == [EWSDateTime(2030, 3, 13, 14, 0, tzinfo=zone)], master.deleted_occurrences)
view = list(account.calendar.view(start=EWSDateTime(2030, 3, 4, tzinfo=zone), end=EWSDateTime(2030, 3, 18, tzinfo=zone)))
step("view", [i.subject for i in view] == ["Review", "Weekly", "Weekly", "Weekly, special"], [i.subject for i in view])
back = [i for i in view if i.subject == "Weekly, special"][0].recurring_master()
back.refresh()
step("master of an occurrence", back.id == series.id, (back, series.id))

# Tasks
task = Task(folder=account.tasks, subject="Call back", start_date=EWSDate(2030, 1, 1), due_date=EWSDate(2030, 1, 3), status="InProgress", percent_complete=Decimal(25))
task.save()
got = account.tasks.get(id=task.id)
step("task dates", (got.start_date, got.due_date) == (EWSDate(2030, 1, 1), EWSDate(2030, 1, 3)), (got.start_date, got.due_date))
got.complete()
done = account.tasks.get(id=task.id)
step("task completed", done.status == "Completed" and done.is_complete and done.percent_complete == 100, done)

# Attachments
photo = FileAttachment(name="notes.txt", content=b"hello")
event = account.calendar.get(id=event.id)
event.attach(photo)
got = account.calendar.get(id=event.id)
step("attachment", [a.content for a in got.attachments] == [b"hello"] and got.has_attachments, got.attachments)
got.detach(got.attachments)
step("attachment removed", not account.calendar.get(id=event.id).attachments)

# Mail
message = Message(account=account, folder=account.sent, subject="Hello", body=Body("one\ntwo"), to_recipients=[Mailbox(email_address="bob@example.test")])
message.send_and_save()
step("mail sent", account.sent.filter(subject="Hello").count() == 1)

# Queries, bulk, deletion
account.bulk_create(folder=account.contacts, items=[Contact(given_name="N%d" % n, surname="Bulk", company_name="Bulk", display_name="N%d Bulk" % n) for n in range(120)])
step("bulk create", account.contacts.filter(company_name="Bulk").count() == 120)
step("complex query", account.contacts.filter(Q(surname="Bulk") & ~Q(given_name__startswith="N1")).count() == 89, account.contacts.filter(Q(surname="Bulk") & ~Q(given_name__startswith="N1")).count())
step("ordering", [c.given_name for c in account.contacts.filter(surname="Bulk").order_by("given_name")[:3]] == ["N0", "N1", "N10"])
account.contacts.filter(company_name="Bulk").delete()
step("bulk delete", account.contacts.filter(company_name="Bulk").count() == 0)
contact.move_to_trash()
step("deleted contact", isinstance(next(iter(account.fetch([(read.id, None)]))), ErrorItemNotFound))
step("in trash", account.trash.filter(subject__contains="Lovelace").count() == 1)

# Questions that a person asks without being impersonated
own = Account(
    "alice@example.test",
    config=Configuration(
        service_endpoint=URL,
        credentials=Credentials("alice@example.test", "alice-pw1"),
        auth_type=AUTH,
        version=Version(EXCHANGE_2010_SP2),
    ),
    autodiscover=False,
    access_type=DELEGATE,
)
zones = list(own.protocol.get_timezones(return_full_timezone_data=True))
step("time zones", len(zones) > 100)
names = own.protocol.resolve_names(["carol"])
step("resolve names", names[0].email_address == "carol@example.test", names)
busy = list(own.protocol.get_free_busy_info(accounts=[(own, "Organizer", False)], start=EWSDateTime(2030, 3, 4, tzinfo=zone), end=EWSDateTime(2030, 3, 5, tzinfo=zone)))
step("free/busy", len(busy[0].calendar_events) >= 2, busy)

# Folders
from exchangelib.folders import Contacts as ContactsFolder  # noqa: E402

folder = ContactsFolder(parent=account.contacts, name="Partners")
folder.save()
account.contacts.refresh()
step("folder created", folder.id is not None and (account.contacts / "Partners").folder_class == "IPF.Contact")
folder.delete()

print("done")

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
from exchangelib import DistributionList, ItemAttachment, OofSettings  # noqa: E402
from exchangelib.errors import ErrorFolderExists, ErrorInvalidSubscription, ErrorItemNotFound  # noqa: E402
from exchangelib.extended_properties import ExtendedProperty  # noqa: E402
from exchangelib.fields import FIRST, LAST, MONDAY, WEDNESDAY  # noqa: E402
from exchangelib.folders import Folder, FolderCollection  # noqa: E402
from exchangelib.indexed_properties import EmailAddress, PhoneNumber, PhysicalAddress  # noqa: E402
from exchangelib.items import SEND_TO_ALL_AND_SAVE_COPY, SEND_TO_NONE  # noqa: E402
from exchangelib.properties import AlternateId, Member  # noqa: E402
from exchangelib.recurrence import (  # noqa: E402
    AbsoluteMonthlyPattern,
    AbsoluteYearlyPattern,
    DailyPattern,
    Recurrence,
    RelativeMonthlyPattern,
    RelativeYearlyPattern,
    WeeklyPattern,
)
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


# Folders, further
account.root.refresh()
account.root.clear_cache()
sub = ContactsFolder(parent=account.contacts, name="Suppliers")
sub.save()
sub.name = "Vendors"
sub.save(update_fields=["name"])
step("folder renamed", [f.name for f in account.contacts.children if f.id == sub.id] in (["Vendors"], ["Suppliers"]))
sub.refresh()
step("folder refreshed", sub.name == "Vendors" and sub.total_count == 0, sub)
step("folders found by name", [f.name for f in FolderCollection(account=account, folders=[account.root]).find_folders(q=Q(name__istartswith="top of"))] == ["Top of Information Store"])
step("no folder of another case", not list(FolderCollection(account=account, folders=[account.root]).find_folders(q=Q(name__startswith="top of"))))
try:
    ContactsFolder(parent=account.contacts, name="VENDORS").save()
    step("second folder of a name", False)
except ErrorFolderExists:
    step("second folder of a name", True)
probe = Folder(parent=account.inbox, name="Probe")
probe.save()
changes = list(probe.sync_hierarchy())
below = Folder(parent=probe, name="Below")
below.save()
step("hierarchy create", [(kind, f.id) for kind, f in probe.sync_hierarchy()] == [("create", below.id)])
below.name = "Beneath"
below.save(update_fields=["name"])
step("hierarchy update", [(kind, f.id) for kind, f in probe.sync_hierarchy()] == [("update", below.id)])
gone = below.id
below.delete()
step("hierarchy delete", [(kind, f.id) for kind, f in probe.sync_hierarchy()] == [("delete", gone)])
below = Folder(parent=probe, name="Movable")
below.save()
below.move(account.drafts)
step("folder moved", below.parent.id == account.drafts.id)
below.delete()
probe.empty()
probe.delete()
sub.delete()

# Read flags, copies, moves, the archive a mailbox does not have
note = Message(account=account, folder=account.inbox, subject="Flags", is_read=False, body="x")
note.save()
list(account.inbox.sync_items(only_fields=["subject"]))
note.is_read = True
note.save(update_fields=["is_read"])
flags = [(kind, change[1]) for kind, change in account.inbox.sync_items(only_fields=["subject"]) if kind == "read_flag_change"]
step("read flag", flags == [("read_flag_change", True)], flags)
copied = note.copy(to_folder=account.drafts)
step("copied", account.drafts.filter(subject="Flags").count() == 1, copied)
was = note.id
note.move(to_folder=account.drafts)
step("moved", note.id != was and account.inbox.filter(subject="Flags").count() == 0)
account.drafts.filter(subject="Flags").delete()
unread = Message(account=account, folder=account.inbox, subject="Unread", is_read=False)
unread.save()
account.inbox.refresh()
step("unread count", account.inbox.unread_count >= 1, account.inbox.unread_count)

# Extended properties of every kind
class Many(ExtendedProperty):
    property_set_id = "11111111-2222-3333-4444-555555555555"
    property_name = "many"
    property_type = "StringArray"

class Numbers(ExtendedProperty):
    property_set_id = "11111111-2222-3333-4444-555555555555"
    property_id = 33333
    property_type = "IntegerArray"

class Blobs(ExtendedProperty):
    property_set_id = "11111111-2222-3333-4444-555555555555"
    property_name = "blobs"
    property_type = "BinaryArray"

class Flag(ExtendedProperty):
    property_tag = 0x3FDE
    property_type = "Integer"


for name, kind in (("many", Many), ("numbers", Numbers), ("blobs", Blobs), ("code_page", Flag)):
    Message.register(name, kind)
values = {"many": ["a", "b c"], "numbers": [1, 2, 3], "blobs": [b"\x00\x01", b"x"], "code_page": 65001}
rich = Message(account=account, folder=account.drafts, subject="Rich", **values)
rich.save()
got = account.drafts.get(subject="Rich")
step("extended properties", {k: getattr(got, k) for k in values} == values, {k: getattr(got, k) for k in values})
step("extended filter", account.drafts.filter(code_page=65001).count() == 1)
step("extended array filter", account.drafts.filter(many__contains=["a"]).count() == 1)
got.many = None
got.save(update_fields=["many"])
step("extended deletion", account.drafts.get(subject="Rich").many is None)
got.delete()
for name in values:
    Message.deregister(name)

# Attachments of every kind
inner = Message(subject="Inner", body="inside")
outer = Message(account=account, folder=account.drafts, subject="Outer", body=HTMLBody("<img src='cid:logo'>"))
outer.attach(FileAttachment(name="logo.png", content=b"png", is_inline=True, content_id="logo"))
outer.attach(ItemAttachment(name="inner", item=inner))
outer.save()
got = account.drafts.get(subject="Outer")
files = [a for a in got.attachments if isinstance(a, FileAttachment)]
items = [a for a in got.attachments if isinstance(a, ItemAttachment)]
step("inline attachment", files[0].content == b"png" and files[0].is_inline and files[0].content_id == "logo", files)
step("item attachment", items[0].item.subject == "Inner", items)
with files[0].fp as stream:
    step("streamed attachment", stream.read() == b"png")
got.detach(items)
step("item attachment removed", len(account.drafts.get(subject="Outer").attachments) == 1)
got.delete()

# Recurrence of every pattern
start = EWSDateTime(2031, 1, 6, 9, 0, tzinfo=zone)
patterns = [
    DailyPattern(interval=2),
    WeeklyPattern(interval=2, weekdays=[MONDAY, WEDNESDAY], first_day_of_week=MONDAY),
    AbsoluteMonthlyPattern(interval=1, day_of_month=31),
    RelativeMonthlyPattern(interval=1, weekday=MONDAY, week_number=LAST),
    AbsoluteYearlyPattern(day_of_month=29, month=2),
    RelativeYearlyPattern(weekday=MONDAY, week_number=FIRST, month=3),
]
for pattern in patterns:
    regular = CalendarItem(folder=account.calendar, subject="P", start=start, end=start + datetime.timedelta(hours=1), recurrence=Recurrence(pattern=pattern, start=start.date(), number=4))
    regular.save(send_meeting_invitations=SEND_TO_NONE)
    got = account.calendar.get(id=regular.id)
    step("pattern %s" % type(pattern).__name__, got.recurrence.pattern.__class__ is pattern.__class__ and got.recurrence.boundary.number == 4, got.recurrence)
    occurrence = got.occurrence(index=2)
    occurrence.refresh()
    step("second of %s" % type(pattern).__name__, occurrence.type == "Occurrence" and occurrence.is_recurring, occurrence)
    regular.delete(send_meeting_cancellations=SEND_TO_NONE)

# Meetings between two people
organizer = Account("alice@example.test", config=config, autodiscover=False, access_type=IMPERSONATION, default_timezone=zone)
guest = Account("bob@example.test", config=config, autodiscover=False, access_type=IMPERSONATION, default_timezone=zone)
for subject, act, seen in (("Yes", "accept", "Accept"), ("Maybe", "tentatively_accept", "Tentative"), ("No", "decline", "Decline")):
    meeting = CalendarItem(account=organizer, folder=organizer.calendar, subject=subject, start=start, end=start + datetime.timedelta(hours=1), required_attendees=[Attendee(mailbox=Mailbox(email_address="bob@example.test"), response_type="Unknown")])
    meeting.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    request = guest.inbox.get(subject=subject)
    step("invitation " + subject, type(request).__name__ == "MeetingRequest" and request.start == start, request)
    getattr(request, act)(body="my answer")
    answer = organizer.inbox.get(subject__contains=subject)
    step("answer " + subject, type(answer).__name__ == "MeetingResponse", answer)
    got = organizer.calendar.get(id=meeting.id)
    step("counted " + subject, got.required_attendees[0].response_type == seen, got.required_attendees)
meeting = organizer.calendar.get(subject="Yes")
meeting.cancel(body="off")
step("cancelled", guest.inbox.filter(subject="Canceled: Yes").count() == 1)

# Mail: replies and forwards
letter = Message(account=organizer, subject="Letter", body="hi", to_recipients=[Mailbox(email_address="bob@example.test")])
letter.send()
received = guest.inbox.get(subject="Letter")
received.reply(subject="Re: Letter", body="thanks")
step("reply", organizer.inbox.filter(subject="Re: Letter").count() == 1)
received.forward(subject="Fwd: Letter", body="see", to_recipients=["carol@example.test"])
draft = received.create_reply(subject="Later", body="b").save(guest.drafts)
step("saved reply", guest.drafts.get(subject="Later").is_draft)

# Subscriptions
pull_id, watermark = account.inbox.subscribe_to_pull()
status = list(account.inbox.get_events(pull_id, watermark))
step("status event", [type(e).__name__ for n in status for e in n.events] == ["StatusEvent"], status)
watermark = status[-1].events[-1].watermark
seen = Message(account=account, folder=account.inbox, subject="Seen")
seen.save()
events = [e for n in account.inbox.get_events(pull_id, watermark) for e in n.events]
step("created event", [e.item_id.id for e in events if type(e).__name__ == "CreatedEvent" and e.event_type == "item"] == [seen.id], events)
account.inbox.unsubscribe(pull_id)
stream_id = account.inbox.subscribe_to_streaming()
seen.subject = "Seen again"
seen.save(update_fields=["subject"])
events = [e for n in account.inbox.get_streaming_events(stream_id, connection_timeout=1, max_notifications_returned=1) for e in n.events]
step("streamed event", seen.id in [e.item_id.id for e in events if e.event_type == "item"], events)
account.inbox.unsubscribe(stream_id)
push_id, _ = account.inbox.subscribe_to_push(callback_url="http://127.0.0.1:9/listener")
try:
    account.inbox.unsubscribe(push_id)
    step("push ends at its listener", False)
except ErrorInvalidSubscription:
    step("push ends at its listener", True)

# Automatic replies, delegates, groups, ids, rooms
account.oof_settings = OofSettings(state="Enabled", external_audience="All", internal_reply="in", external_reply="out")
step("automatic replies", (account.oof_settings.state, account.oof_settings.internal_reply) == ("Enabled", "in"), account.oof_settings)
account.oof_settings = OofSettings(state="Scheduled", external_audience="None", internal_reply="in", external_reply="out", start=start, end=start + datetime.timedelta(days=3))
step("scheduled replies", account.oof_settings.start == start, account.oof_settings)
step("delegates", account.delegates == [], account.delegates)
friends = DistributionList(folder=account.contacts, display_name="Friends", members=[Member(mailbox=Mailbox(email_address="zed@else.test", mailbox_type="OneOff"))])
friends.save()
step("group", [m.mailbox.email_address for m in account.contacts.get(display_name="Friends").members] == ["zed@else.test"])
ids = list(account.protocol.convert_ids([AlternateId(id=seen.id, format="EwsId", mailbox="alice@example.test")], destination_format="HexEntryId"))
step("converted id", len(ids[0].id) == 140, ids)
step("words", account.contacts.filter("Friends").count() == 1)

print("done")

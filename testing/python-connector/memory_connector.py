"""A connector in another language: holds items in memory and serves liaison-connector.proto.

    python3 memory_connector.py PROTO --socket PATH

A connector host starts it for the connector kind "memory". The setting "mailbox" names whose items are meant. It ends when
its standard input closes, which is how a host says that it is gone. Needs python3-grpcio and python3-protobuf.
"""

import json
import os
import sys
import threading
from concurrent import futures

import grpc

from protocol import Protocol

PROTOCOL_VERSION = 1
FIELDS = {
    "KIND_CONTACT": "name organization emails phones addresses mailingAddress ims webPage birthday anniversary "
    "relations categories sensitivity body",
    "KIND_EVENT": "title location when recurrence overrides showAs reminder importance sensitivity categories "
    "attendees body",
    "KIND_TASK": "title dates progress recurrence reminder importance sensitivity categories body",
}
PAGE_ITEMS = 100
FRAME_ENTRIES = 50


class Mailbox:
    """Items by id, and what happened to them in order."""

    def __init__(self):
        self.items = {}
        self.log = []
        self.serial = 0

    def put(self, item_id, kind, item, link_key):
        self.serial += 1
        self.items[item_id] = {"kind": kind, "item": item, "key": link_key, "version": str(self.serial)}
        self.log.append((self.serial, kind, item_id))

    def remove(self, item_id):
        self.serial += 1
        kind = self.items.pop(item_id)["kind"]
        self.log.append((self.serial, kind, item_id))


class Connector:
    def __init__(self, protocol, fields):
        self.types = protocol.messages
        self.fields = fields
        self.mailboxes = {}
        self.sessions = {}
        self.lock = threading.Lock()

    def Describe(self, request, context):
        return self.types["DescribeReply"](
            protocol_min=PROTOCOL_VERSION,
            protocol_max=PROTOCOL_VERSION,
            product="memory connector in Python",
            connector_kinds=["memory"],
        )

    def Open(self, request, context):
        reply = self.types["OpenReply"](protocol=PROTOCOL_VERSION)
        if request.protocol != PROTOCOL_VERSION:
            reply.fault.code = "server.version"
            reply.fault.message = f"this connector speaks protocol version {PROTOCOL_VERSION}"
            return reply
        name = json.loads(request.settings_json).get("mailbox", "")
        with self.lock:
            self.sessions[session_of(context)] = self.mailboxes.setdefault(name, Mailbox())
        held = reply.capabilities
        for kind, names in self.fields.items():
            one = held.kinds.add(kind=kind, zones="ZONES_IANA", patterns=PATTERNS)
            for field in names:
                one.fields.add(name=field, whole=True)
        held.conditional_writes = True
        held.read_batch = 100
        held.write_batch = 100
        return reply

    def Close(self, request, context):
        self.sessions.pop(session_of(context), None)
        return self.types["CloseReply"]()

    def Probe(self, request, context):
        self._mailbox(context)
        reply = self.types["ProbeReply"](call=request.call)
        reply.probe.product = "items in memory"
        return reply

    def Changes(self, request, context):
        mailbox = self._mailbox(context)
        with self.lock:
            since = position_of(request.cursor, mailbox) if request.HasField("cursor") else 0
            if since is None:
                frame = self.types["ChangesFrame"](call=request.call)
                frame.fault.code = "mailbox.cursorInvalid"
                frame.fault.message = "this is no position of this mailbox"
                yield frame
                return
            news = [one for one in mailbox.log if one[0] > since and one[1] == request.kind]
            page = news[:PAGE_ITEMS]
            reached = page[-1][0] if len(news) > len(page) else mailbox.serial
            latest = {item_id: mailbox.items.get(item_id) for _, _, item_id in page}
        # Before the first complete page there is nothing that could have been deleted.
        lines = [
            self._line(item_id, item) for item_id, item in latest.items() if item is not None or since > 0
        ]
        for some in portions(lines):
            yield self.types["ChangesFrame"](call=request.call, changes=some)
        frame = self.types["ChangesFrame"](call=request.call)
        frame.end.cursor = f"at {reached}"
        frame.end.complete = len(page) == len(news)
        yield frame

    def Read(self, request, context):
        mailbox = self._mailbox(context)
        outcomes = []
        for item_id in request.ids:
            outcome = self.types["ReadOutcome"](id=item_id)
            item = mailbox.items.get(item_id)
            if item is None or item["kind"] != request.kind:
                outcome.gone.SetInParent()
            else:
                outcome.present.version = item["version"]
                outcome.present.item_json = json.dumps(item["item"])
                if item["key"] is not None:
                    outcome.present.link_key = item["key"]
            outcomes.append(outcome)
        for some in portions(outcomes):
            yield self.types["ReadFrame"](call=request.call, outcomes=some)

    def FindByLinkKey(self, request, context):
        mailbox = self._mailbox(context)
        with self.lock:
            ids = [
                item_id
                for item_id, item in mailbox.items.items()
                if item["kind"] == request.kind and item["key"] == request.link_key
            ]
        yield self.types["FindFrame"](call=request.call, ids=ids)

    def Create(self, request, context):
        mailbox = self._mailbox(context)
        outcomes = []
        for creation in request.creations:
            with self.lock:
                item_id = f"item-{mailbox.serial + 1}"
                mailbox.put(item_id, request.kind, json.loads(creation.item_json), creation.link_key)
                outcomes.append(self._applied(mailbox, item_id))
        yield from self._written(request, outcomes)

    def Update(self, request, context):
        mailbox = self._mailbox(context)
        outcomes = []
        for update in request.updates:
            with self.lock:
                item = mailbox.items.get(update.id)
                refused = self._objection(item, update.version)
                if refused is None:
                    changed = patched(item["item"], json.loads(update.target_json), update.paths)
                    key = update.link_key if update.HasField("link_key") else item["key"]
                    mailbox.put(update.id, item["kind"], changed, key)
                outcomes.append(refused or self._applied(mailbox, update.id))
        yield from self._written(request, outcomes)

    def Remove(self, request, context):
        mailbox = self._mailbox(context)
        outcomes = []
        for removal in request.removals:
            with self.lock:
                item = mailbox.items.get(removal.id)
                refused = None if item is None else self._objection(item, removal.version)
                if item is not None and refused is None:
                    mailbox.remove(removal.id)
                applied = self.types["WriteOutcome"]()
                applied.applied.SetInParent()
                outcomes.append(refused or applied)
        yield from self._written(request, outcomes)

    def _mailbox(self, context):
        mailbox = self.sessions.get(session_of(context))
        if mailbox is None:
            # The trailer promises that nothing was done.
            context.set_trailing_metadata((("liaison-refused", "mailbox.unavailable"),))
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "no such visit")
        return mailbox

    def _line(self, item_id, item):
        if item is None:
            return self.types["Change"](state="STATE_GONE", id=item_id)
        return self.types["Change"](state="STATE_PRESENT", id=item_id, version=item["version"])

    def _objection(self, item, version):
        if item is not None and item["version"] == version:
            return None
        outcome = self.types["WriteOutcome"]()
        outcome.rejected.code = "item.gone" if item is None else "item.conflict"
        outcome.rejected.message = "no such item" if item is None else "changed meanwhile"
        return outcome

    def _applied(self, mailbox, item_id):
        outcome = self.types["WriteOutcome"]()
        outcome.applied.id = item_id
        outcome.applied.version = mailbox.items[item_id]["version"]
        return outcome

    def _written(self, request, outcomes):
        for some in portions(outcomes):
            yield self.types["WriteFrame"](call=request.call, outcomes=some)


PATTERNS = ["daily", "weekly", "monthly", "monthlyByWeekday", "yearly", "yearlyByWeekday", "regenerating"]


def session_of(context):
    return dict(context.invocation_metadata()).get("liaison-session", "")


def position_of(cursor, mailbox):
    word, _, number = cursor.partition(" ")
    if word != "at" or not number.isdigit() or int(number) > mailbox.serial:
        return None
    return int(number)


def portions(entries):
    for start in range(0, len(entries), FRAME_ENTRIES):
        yield entries[start : start + FRAME_ENTRIES]


def patched(item, target, paths):
    """Takes exactly the named paths from the target: a group, or one leaf of a group."""
    result = dict(item)
    for path in paths:
        group, _, leaf = path.partition(".")
        if leaf == "":
            replace(result, group, target.get(group))
            continue
        inner = dict(result.get(group) or {})
        replace(inner, leaf, (target.get(group) or {}).get(leaf))
        replace(result, group, inner or None)
    return result


def replace(owner, name, value):
    if value is None:
        owner.pop(name, None)
    else:
        owner[name] = value


def handlers(protocol, connector):
    calls = {}
    for name, request, answer, streamed in protocol.methods("Connector"):
        make = grpc.unary_stream_rpc_method_handler if streamed else grpc.unary_unary_rpc_method_handler
        calls[name] = make(
            getattr(connector, name),
            request_deserializer=request.FromString,
            response_serializer=answer.SerializeToString,
        )
    return grpc.method_handlers_generic_handler(f"{protocol.package}.Connector", calls)


def main():
    socket = sys.argv[sys.argv.index("--socket") + 1]
    protocol = Protocol(sys.argv[1])
    fields = {kind: names.split() for kind, names in FIELDS.items()}
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=[("grpc.max_receive_message_length", 16 << 20)])
    server.add_generic_rpc_handlers((handlers(protocol, Connector(protocol, fields)),))
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()

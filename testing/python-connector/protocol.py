"""Reads liaison-connector.proto and makes its message classes, without protoc and without generated code.

Understands what that file uses: messages, nested messages and enums, optional and repeated fields, oneofs, unary calls and
calls answered by a stream.
"""

import re

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Field = descriptor_pb2.FieldDescriptorProto
SCALARS = {
    "string": Field.TYPE_STRING,
    "bytes": Field.TYPE_BYTES,
    "bool": Field.TYPE_BOOL,
    "uint32": Field.TYPE_UINT32,
    "uint64": Field.TYPE_UINT64,
    "sint64": Field.TYPE_SINT64,
}


class Protocol:
    """Message classes by name, and per method its request class, its answer class and whether the answer is a stream."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"//[^\n]*", "", file.read())
        self._words = re.findall(r'"[^"]*"|[\w.]+|[{}()=;]', text)
        self._file = descriptor_pb2.FileDescriptorProto(name="liaison-connector.proto", syntax="proto3")
        self._methods = []
        self._read_file()
        pool = descriptor_pool.DescriptorPool()
        pool.Add(self._file)
        self._pool = pool
        self.messages = {one.name: self._class_of(one.name) for one in self._file.message_type}

    @property
    def package(self):
        return self._file.package

    def methods(self, service):
        """Name, request class, answer class, whether the answer is a stream."""
        for owner, name, request, answer, streamed in self._methods:
            if owner == service:
                yield name, self.messages[request], self.messages[answer], streamed

    def _class_of(self, name):
        descriptor = self._pool.FindMessageTypeByName(f"{self.package}.{name}")
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(descriptor)
        return message_factory.MessageFactory(self._pool).GetPrototype(descriptor)

    def _next(self, expected=None):
        word = self._words.pop(0)
        if expected is not None and word != expected:
            raise ValueError(f"{expected} expected, {word} found")
        return word

    def _read_file(self):
        while self._words:
            word = self._next()
            if word == "syntax":
                self._skip_statement()
            elif word == "package":
                self._file.package = self._next()
                self._next(";")
            elif word == "message":
                self._read_message(self._file.message_type.add())
            elif word == "enum":
                self._read_enum(self._file.enum_type.add())
            elif word == "service":
                self._read_service()
            else:
                raise ValueError(f"{word} is not understood")

    def _skip_statement(self):
        while self._next() != ";":
            pass

    def _read_service(self):
        service = self._next()
        self._next("{")
        while self._words[0] != "}":
            self._next("rpc")
            name = self._next()
            self._next("(")
            request = self._next()
            self._next(")")
            self._next("returns")
            self._next("(")
            streamed = self._words[0] == "stream"
            if streamed:
                self._next()
            answer = self._next()
            self._next(")")
            self._next(";")
            self._methods.append((service, name, request, answer, streamed))
        self._next("}")

    def _read_enum(self, enum):
        enum.name = self._next()
        self._next("{")
        while self._words[0] != "}":
            value = enum.value.add(name=self._next())
            self._next("=")
            value.number = int(self._next())
            self._next(";")
        self._next("}")

    def _read_message(self, message):
        message.name = self._next()
        own = {}
        optional = []
        self._next("{")
        while self._words[0] != "}":
            word = self._next()
            if word == "message":
                self._read_message(message.nested_type.add())
                own[message.nested_type[-1].name] = Field.TYPE_MESSAGE
            elif word == "enum":
                self._read_enum(message.enum_type.add())
                own[message.enum_type[-1].name] = Field.TYPE_ENUM
            elif word == "oneof":
                message.oneof_decl.add(name=self._next())
                self._next("{")
                while self._words[0] != "}":
                    field = self._read_field(message, self._next(), own)
                    field.oneof_index = len(message.oneof_decl) - 1
                self._next("}")
            elif word in ("optional", "repeated"):
                field = self._read_field(message, self._next(), own)
                if word == "repeated":
                    field.label = Field.LABEL_REPEATED
                else:
                    optional.append(field)
            else:
                self._read_field(message, word, own)
        self._next("}")
        # The oneofs that stand for "optional" must come after all others.
        for field in optional:
            field.proto3_optional = True
            field.oneof_index = len(message.oneof_decl)
            message.oneof_decl.add(name=f"_{field.name}")

    def _read_field(self, message, kind, own):
        field = message.field.add(name=self._next(), label=Field.LABEL_OPTIONAL)
        self._next("=")
        field.number = int(self._next())
        self._next(";")
        if kind in SCALARS:
            field.type = SCALARS[kind]
        elif kind in own:
            field.type_name = f".{self.package}.{message.name}.{kind}"
        else:
            # Whether it is a message or an enum, the pool finds out by the name.
            field.type_name = f".{self.package}.{kind}"
        return field

"""Compares the protos with the interface of the last release, which callers' code was made from.

    python3 proto/tools/breaking.py [--released FILE] [PROTO_FOLDER]    # from the repository's root
    python3 proto/tools/breaking.py --release                           # at a release: writes FILE anew

Prints what would break a caller, on the wire, in JSON or in generated code, one a line, and exits with 1.
FILE: proto/released.binpb, a FileDescriptorSet without comments.
"""

import argparse
import glob
import subprocess
import sys

from google.protobuf import descriptor_pb2 as pb

RELEASED = "proto/released.binpb"


def compile_protos(folder):
    paths = sorted(glob.glob(f"{folder}/lingula/v1/*.proto"))
    command = ["protoc", "-I", folder, "--descriptor_set_out=/dev/stdout", *paths]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def named(items):
    return {item.name: item for item in items}


class Comparison:
    """Walks two descriptor sets and collects what the new one lacks of the old one."""

    def __init__(self):
        self.problems = []

    def say(self, where, what):
        self.problems.append(f"{where}: {what}")

    def files(self, old, new):
        # By package, not by file: moving a message breaks no caller but those who include the file.
        now = named(new.file)
        for file in old.file:
            if file.name not in now:
                self.say(file.name, "the file is gone")
            else:
                self.file(file, now[file.name])

    def file(self, old, new):
        if old.package != new.package:
            self.say(old.name, f"package {old.package} became {new.package}")
        self.each(old.package, "message", old.message_type, new.message_type, self.message)
        self.each(old.package, "enum", old.enum_type, new.enum_type, self.enum)
        self.each(old.package, "service", old.service, new.service, self.service)

    def each(self, where, kind, old, new, compare):
        now = named(new)
        for item in old:
            place = f"{where}.{item.name}"
            if item.name in now:
                compare(place, item, now[item.name])
            else:
                self.say(place, f"the {kind} is gone")

    def message(self, where, old, new):
        self.each(where, "message", old.nested_type, new.nested_type, self.message)
        self.each(where, "enum", old.enum_type, new.enum_type, self.enum)
        now = {field.number: field for field in new.field}
        names = {field.name: field.number for field in old.field}
        for field in old.field:
            if field.number in now:
                self.field(f"{where}.{field.name}", (old, field), (new, now[field.number]))
            elif not self.reserved(new, field):
                self.say(f"{where}.{field.name}", f"number {field.number} is gone and not reserved with its name")
        for field in new.field:
            if names.get(field.name, field.number) != field.number:
                self.say(f"{where}.{field.name}", f"number {names[field.name]} became {field.number}")

    @staticmethod
    def reserved(message, field):
        number = any(one.start <= field.number < one.end for one in message.reserved_range)
        return number and field.name in message.reserved_name

    def field(self, where, old, new):
        for what, before, after in zip(
            ("name", "JSON name", "type", "type", "cardinality", "presence", "oneof"),
            self.facts(*old),
            self.facts(*new),
        ):
            if before != after:
                self.say(where, f"{what} {before or 'none'} became {after or 'none'}")

    @staticmethod
    def facts(message, field):
        oneof = ""
        if field.HasField("oneof_index") and not field.proto3_optional:
            oneof = message.oneof_decl[field.oneof_index].name
        kind = pb.FieldDescriptorProto.Type.Name(field.type)
        label = pb.FieldDescriptorProto.Label.Name(field.label)
        optional = "optional" if field.proto3_optional else "implicit"
        return field.name, field.json_name, kind, field.type_name, label, optional, oneof

    def enum(self, where, old, new):
        now = {value.number: value.name for value in new.value}
        for value in old.value:
            if value.number not in now:
                self.say(f"{where}.{value.name}", f"number {value.number} is gone")
            elif now[value.number] != value.name:
                self.say(f"{where}.{value.name}", f"name became {now[value.number]}")

    def service(self, where, old, new):
        self.each(where, "call", old.method, new.method, self.call)

    def call(self, where, old, new):
        for what in ("input_type", "output_type", "client_streaming", "server_streaming"):
            if getattr(old, what) != getattr(new, what):
                self.say(where, f"{what} {getattr(old, what)} became {getattr(new, what)}")


def main():
    parser = argparse.ArgumentParser(description="What would break a caller of the last release?")
    parser.add_argument("--released", default=RELEASED)
    parser.add_argument("--release", action="store_true")
    parser.add_argument("folder", nargs="?", default="proto")
    arguments = parser.parse_args()
    now = compile_protos(arguments.folder)
    if arguments.release:
        with open(arguments.released, "wb") as file:
            file.write(now)
        return 0
    with open(arguments.released, "rb") as file:
        released = pb.FileDescriptorSet.FromString(file.read())
    comparison = Comparison()
    comparison.files(released, pb.FileDescriptorSet.FromString(now))
    print("\n".join(comparison.problems) or "nothing that a caller of the last release would notice")
    return 1 if comparison.problems else 0


if __name__ == "__main__":
    sys.exit(main())

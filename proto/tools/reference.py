"""Writes docs/reference.md from the comments of proto/lingula/v1. From the repository's root:

    python3 proto/tools/reference.py >docs/reference.md

A message, field, enum, value or call without a comment is a mistake. Needs protoc and protobuf for Python.
"""

import glob
import subprocess
import sys

from google.protobuf import descriptor_pb2 as pb

FILES = ["segmentation", "stream", "image", "guidance", "mask", "quality", "models", "admin", "shadow"]
HEAD = """# Reference

Every call, message and field of `lingula.v1`. Made from the comments in [`proto/lingula/v1`](../proto/lingula/v1) by
`python3 proto/tools/reference.py >docs/reference.md`; a test compares. How things fit together: [api.md](api.md).
"""


def descriptors(folder="proto"):
    """The FileDescriptorProtos of our protos, in the order of the page, with comments."""
    paths = sorted(glob.glob(f"{folder}/lingula/v1/*.proto"))
    command = ["protoc", "-I", folder, "--include_source_info", "--descriptor_set_out=/dev/stdout", *paths]
    whole = pb.FileDescriptorSet.FromString(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    by_name = {file.name.split("/")[-1][: -len(".proto")]: file for file in whole.file}
    missing = set(by_name) ^ set(FILES)
    if missing:
        sys.exit(f"reference.py: FILES and the folder differ: {', '.join(sorted(missing))}")
    return [by_name[name] for name in FILES]


class Page:
    """The page as lines; `missing` names what has no comment."""

    def __init__(self):
        self.lines = [HEAD]
        self.missing = []

    def file(self, file):
        comments = {tuple(one.path): one.leading_comments for one in file.source_code_info.location}
        about = " ".join(comments.get((12,), "").split())  # above `syntax`
        self.lines += [f"## {file.name.split('/')[-1]}", "", about or self._lacks(file.name), ""]
        for n, service in enumerate(file.service):
            self._service(service, (6, n), comments)
        for n, message in enumerate(file.message_type):
            self._message(message, (4, n), comments)
        for n, enum in enumerate(file.enum_type):
            self._enum(enum, (5, n), comments)

    def _service(self, service, path, comments):
        self._head(service.name, path, comments)
        for n, call in enumerate(service.method):
            sends = ("stream " if call.client_streaming else "") + link(call.input_type)
            answers = ("stream " if call.server_streaming else "") + link(call.output_type)
            self.lines += [f"#### {service.name}.{call.name}", "", f"{sends} → {answers}", ""]
            self.lines += [self._comment(f"{service.name}.{call.name}", (*path, 2, n), comments), ""]

    def _message(self, message, path, comments):
        self._head(message.name, path, comments)
        if not message.field:
            return
        self.lines += ["| field | no. | type | |", "|---|---|---|---|"]
        for n, field in enumerate(message.field):
            name = f"{message.name}.{field.name}"
            text = cell(self._comment(name, (*path, 2, n), comments))
            if field.HasField("oneof_index") and not field.proto3_optional:
                text = f"*One of `{message.oneof_decl[field.oneof_index].name}`.* {text}"
            self.lines.append(f"| `{field.name}` | {field.number} | {kind(field)} | {text} |")
        self.lines.append("")

    def _enum(self, enum, path, comments):
        self._head(enum.name, path, comments)
        self.lines += ["| value | no. | |", "|---|---|---|"]
        for n, value in enumerate(enum.value):
            text = cell(self._comment(f"{enum.name}.{value.name}", (*path, 2, n), comments))
            self.lines.append(f"| `{value.name}` | {value.number} | {text} |")
        self.lines.append("")

    def _head(self, name, path, comments):
        self.lines += [f"### {name}", "", self._comment(name, path, comments), ""]

    def _comment(self, name, path, comments):
        paragraphs = comments.get(path, "").split("\n\n")
        text = "\n\n".join(" ".join(one.split()) for one in paragraphs).strip()
        return escape(text) or self._lacks(name)

    def _lacks(self, name):
        self.missing.append(name)
        return ""


def escape(text):
    return text.replace("<", "&lt;").replace("*", "\\*")


def cell(text):
    return text.replace("\n\n", " ").replace("|", "\\|")


def link(type_name):
    name = type_name.split(".")[-1]
    ours = type_name.startswith(".lingula.v1.")
    return f"[{name}](#{name.lower()})" if ours else f"`{type_name[1:]}`"


def kind(field):
    name = pb.FieldDescriptorProto.Type.Name(field.type)[len("TYPE_") :].lower()
    if field.type_name:
        name = link(field.type_name)
    if field.label == pb.FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {name}"
    return f"optional {name}" if field.proto3_optional else name


def main():
    page = Page()
    for file in descriptors():
        page.file(file)
    if page.missing:
        sys.exit("reference.py: no comment: " + ", ".join(page.missing))
    print("\n".join(page.lines).rstrip())


if __name__ == "__main__":
    main()

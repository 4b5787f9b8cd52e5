#!/usr/bin/env python3
"""Writes what the image holds: STAGE/share/sbom.spdx.json (SPDX 2.3) and STAGE/share/licenses/LIST.md.

All of it comes from two sources: dpkg's database for Debian's packages, and the metadata of the wheels that
LibTorch comes in. What our programs take from headers alone is named here. Same input, same bytes.
"""
import argparse
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
from email.parser import HeaderParser

# Compiled into our programs, so no package of the image shows them.
HEADERS_ONLY = ["libcli11-dev", "nlohmann-json3-dev"]
# Debian's words for licences that SPDX lists; all others become a LicenseRef.
SPDX_NAMES = {
    "Apache-2.0": "Apache-2.0", "Artistic-2.0": "Artistic-2.0", "BSD-2-clause": "BSD-2-Clause",
    "BSD-3-clause": "BSD-3-Clause", "BSD-2-Clause": "BSD-2-Clause", "BSD-3-Clause": "BSD-3-Clause", "BSL-1.0": "BSL-1.0", "Expat": "MIT", "MIT": "MIT", "ISC": "ISC",
    "GPL-1+": "GPL-1.0-or-later", "GPL-2": "GPL-2.0-only", "GPL-2+": "GPL-2.0-or-later", "GPL-3": "GPL-3.0-only",
    "GPL-3+": "GPL-3.0-or-later", "LGPL-2+": "LGPL-2.0-or-later", "LGPL-2.1": "LGPL-2.1-only",
    "LGPL-2.1+": "LGPL-2.1-or-later", "LGPL-3+": "LGPL-3.0-or-later", "MPL-2.0": "MPL-2.0", "Zlib": "Zlib",
    "zlib": "Zlib",
}
FIELDS = ("Package", "Version", "Architecture", "source:Package", "source:Version", "db:Status-Abbrev")


def debian_packages(admindir, names=()):
    """Installed packages as dictionaries of FIELDS."""
    form = "\\t".join("${%s}" % field for field in FIELDS) + "\\n"
    command = ["dpkg-query", "-W", "-f", form, *names]
    if admindir:
        command.insert(1, "--admindir=%s" % admindir)
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [dict(zip(FIELDS, line.split("\t"))) for line in lines]
    return sorted((row for row in rows if row["db:Status-Abbrev"].startswith("ii")), key=lambda row: row["Package"])


def licences_of(copyright_file):
    """The licences that a machine-readable copyright file names, in Debian's words; none for a prose one."""
    if not copyright_file.is_file():
        return []
    text = copyright_file.read_text(errors="replace")
    if "Format:" not in text[:2000]:
        return []
    words = set()
    for line in re.findall(r"^License:[ \t]*(\S.*)$", text, re.MULTILINE):
        words.update(re.sub(r"\s+", "-", word.strip(" ()")) for word in re.split(r"\s+(?:or|and|and/or)\s+|,", line))
    return sorted(word for word in words if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.+-]*", word))


def expression(words, extracted):
    """An SPDX expression of all `words`; unknown ones go to `extracted`, since each needs a text there."""
    parts = []
    for word in words:
        if word in SPDX_NAMES:
            parts.append(SPDX_NAMES[word])
        else:
            reference = "LicenseRef-debian-" + word.replace("+", "-or-later")
            extracted[reference] = word
            parts.append(reference)
    return " AND ".join(sorted(set(parts))) or "NOASSERTION"


def package(kind, name, version, **fields):
    safe = re.sub(r"[^A-Za-z0-9.-]", "-", "%s-%s" % (kind, name))
    return {
        "SPDXID": "SPDXRef-" + safe, "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION",
        "copyrightText": "NOASSERTION", **fields,
    }


def purl(locator):
    return [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}]


def from_debian(row, doc, extracted):
    name, version = row["Package"], row["Version"]
    quoted = version.replace("+", "%2B").replace(":", "%3A").replace("~", "~")
    supplier = "Organization: Lingula" if name.startswith("lingula-") else "Organization: Debian"
    return package(
        "deb", name, version, supplier=supplier,
        licenseDeclared=expression(licences_of(doc / name / "copyright"), extracted),
        sourceInfo="source package %s %s" % (row["source:Package"], row["source:Version"]),
        externalRefs=purl("pkg:deb/debian/%s@%s?arch=%s&distro=debian-12" % (name, quoted, row["Architecture"])))


def from_wheel(folder, extracted):
    metadata = HeaderParser().parsestr((folder / "METADATA").read_text(errors="replace"))
    name, version = metadata["Name"], metadata["Version"]
    words = metadata["License-Expression"] or metadata["License"] or ""
    declared = words
    if words not in SPDX_NAMES.values():
        declared = words if words.startswith("LicenseRef-") else "LicenseRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)
        extracted[declared] = words or name
    return package("wheel", name, version, licenseDeclared=declared,
                   externalRefs=purl("pkg:pypi/%s@%s" % (name.lower().replace("_", "-"), version)))


def wheels_inside(wheels, stage):
    """dist-info folders of wheels that brought at least one file of the stage."""
    staged = {path.relative_to(stage).as_posix() for part in ("torch", "nvidia") for path in (stage / part).rglob("*")
              if path.is_file()}
    for folder in sorted(wheels.glob("*.dist-info")):
        record = (folder / "RECORD").read_text(errors="replace").splitlines()
        if any(line.split(",")[0] in staged for line in record):
            yield folder


def copy_licence_texts(folder, to):
    """Of a wheel's dist-info folder, or where its RECORD says that they lie among the wheel's own files."""
    record = (folder / "RECORD").read_text(errors="replace").splitlines()
    own = {folder.parent / line.split(",")[0] for line in record if line.count("/") == 2}  # nvidia/PART/LICENSE.txt
    for path in sorted({*folder.rglob("*"), *own}):
        if path.is_file() and re.match(r"(LICEN[CS]E|NOTICE|COPYING)", path.name, re.IGNORECASE):
            to.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to / path.name)


def document(arguments, packages, extracted):
    own = package("own", "lingula", arguments.version, licenseDeclared="Apache-2.0",
                  supplier="Organization: Lingula", primaryPackagePurpose="CONTAINER",
                  comment="revision " + arguments.revision)
    inside = [{"spdxElementId": own["SPDXID"], "relationshipType": "CONTAINS", "relatedSpdxElement": one["SPDXID"]}
              for one in packages]
    digest = hashlib.sha256(json.dumps(packages, sort_keys=True).encode()).hexdigest()
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": "lingula-%s-%s" % (arguments.flavour, arguments.version),
        "documentNamespace": "urn:lingula:image:%s:%s:%s" % (arguments.flavour, arguments.version, digest),
        "creationInfo": {"created": arguments.created, "creators": ["Tool: lingula-sbom-1"]},
        "packages": [own] + packages,
        "hasExtractedLicensingInfos": [
            {"licenseId": key, "name": word, "extractedText": "Named %s; the text lies in the image, see "
             "share/licenses/LIST.md" % word} for key, word in sorted(extracted.items())],
        "relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                           "relatedSpdxElement": own["SPDXID"]}] + inside,
    }


def licence_list(packages):
    rows = ["# Licences of what this image holds", "",
            "Texts: of Debian's packages in /usr/share/doc/PACKAGE/copyright, of the rest beside this file.", "",
            "| package | version | licences, as its makers name them |", "|---|---|---|"]
    for one in packages:
        words = one["licenseDeclared"].replace("LicenseRef-debian-", "").replace("LicenseRef-", "")
        shown = "in its copyright file" if words == "NOASSERTION" else words
        rows.append("| %s | %s | %s |" % (one["name"], one["versionInfo"], shown))
    return "\n".join(rows) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("admindir", "doc", "wheels", "stage"):
        parser.add_argument("--" + name, required=True, type=pathlib.Path)
    for name in ("flavour", "version", "revision", "created"):
        parser.add_argument("--" + name, required=True)
    arguments = parser.parse_args()
    share, extracted = arguments.stage / "share", {}
    packages = [from_debian(row, arguments.doc, extracted) for row in debian_packages(arguments.admindir)]
    for row in debian_packages(None, HEADERS_ONLY):
        packages.append(from_debian(row, pathlib.Path("/usr/share/doc"), extracted))
        packages[-1]["comment"] = "headers, compiled into our programs"
        copy_licence_texts_of_debian(row["Package"], share / "licenses" / row["Package"])
    for folder in wheels_inside(arguments.wheels, arguments.stage):
        packages.append(from_wheel(folder, extracted))
        copy_licence_texts(folder, share / "licenses" / packages[-1]["name"])
    (share / "sbom.spdx.json").write_text(json.dumps(document(arguments, packages, extracted), indent=1) + "\n")
    (share / "licenses" / "LIST.md").write_text(licence_list(packages))
    print("%d packages" % len(packages))


def copy_licence_texts_of_debian(name, to):
    to.mkdir(parents=True, exist_ok=True)
    shutil.copyfile("/usr/share/doc/%s/copyright" % name, to / "copyright")


if __name__ == "__main__":
    main()

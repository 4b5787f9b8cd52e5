#!/usr/bin/env python3
"""results.py [ROOT]: our figures in docs/ and README.md are those of the files that lingula-evaluate wrote.

A row of a table that links to [figures](….json) names one of that file's runs, its guidance; Dice, interval and
number of images in the row must be those of the run. Prints "file:line: what" and fails.
"""
import json
import pathlib
import re
import sys

LINK = re.compile(r"\[figures\]\(([^)]+\.json)\)")


def wanted(run):
    """What a row has to say of a run."""
    interval = f"{run['dice_low']:.4f} to {run['dice_high']:.4f}"
    return [f"{run['dice']:.4f}", interval, f"{run['n']:,}"]


def problems(page):
    for number, line in enumerate(page.read_text().splitlines(), 1):
        link = LINK.search(line)
        if not link or not line.startswith("|"):
            continue
        figures = page.parent / link.group(1)
        runs = json.loads(figures.read_text())["runs"]
        cells = [cell.strip(" *`") for cell in line.strip("|").split("|")]
        named = [cell.replace(" ", "_") for cell in cells if cell.replace(" ", "_") in runs]
        if len(named) != 1:
            yield f"{page}:{number}: names no guidance of {figures.name}: {', '.join(runs)}"
            continue
        for figure in wanted(runs[named[0]]):
            if figure not in cells:
                yield f"{page}:{number}: has no {figure}, which {figures} says of {named[0]}"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    pages = [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    found = [problem for page in pages if page.exists() for problem in problems(page)]
    for problem in found:
        print(problem)
    sys.exit(1 if found else 0)


main()

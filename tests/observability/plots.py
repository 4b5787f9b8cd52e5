"""Pictures for docs/operations.md, from queries of the dashboards and rules: see live.py --plots."""

import time

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

ALL = 'stage="total"'
RATE = "[10s]"
SERVICE = [
    ("Calls a second, by code", "", f"sum by (code) (rate(lingula_requests_total{RATE}))", "code"),
    ("Answer time, ms", "", [
        (f"1000 * histogram_quantile({q}, sum by (le) (rate(lingula_stage_duration_seconds_bucket{{{ALL}}}{RATE})))", f"{100 * q:g} %")
        for q in (0.5, 0.95)], None),
    ("Busy share and offered load", "", [
        ("lingula:busy:ratio1m", "busy"), ("lingula:offered_load:ratio1m", "with refused work")], None),
    ("Refused and expired a second", "", [
        (f"sum(rate(lingula_rejected_total{RATE}))", "refused"), (f"sum(rate(lingula_expired_total{RATE}))", "expired")], None),
]
QUALITY = [
    ("Expected Dice", "", [
        (f"histogram_quantile({q}, sum by (le) (rate(lingula_expected_dice_bucket[30s])))", f"{100 * q:g} % are below")
        for q in (0.1, 0.5, 0.9)], None),
    ("Flags, share of answers", "", (
        "(sum by (flag) (rate(lingula_flags_total[30s])) > 0)"
        f" / ignoring (flag) group_left () sum(rate(lingula_stage_duration_seconds_count{{{ALL}}}[30s]))"), "flag"),
    ("Frames of streams a second, by outcome", "", f"sum by (outcome) (rate(lingula_stream_frames_total{RATE}))", "outcome"),
    ("Mean batch", "", (
        f"sum by (model) (rate(lingula_batch_size_sum{RATE})) / (sum by (model) (rate(lingula_batch_size_count{RATE})) > 0)"), "model"),
]
# Seconds, and callers of each kind that come then.
PHASES = [(25, "patient", 1), (30, "hasty", 8), (35, "hasty", 24)]


def lines_of(prometheus, what, label, start, end):
    """(name, times, values) of a chart's queries."""
    for expression, name in what if isinstance(what, list) else [(what, None)]:
        for labels, times, values in prometheus.lines(expression, start, end):
            yield name or labels.get(label, ""), times, values


def picture(prometheus, path, charts, start, end):
    """Four charts as one small file."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 5.6), dpi=80)
    for axis, (title, _, what, label) in zip(axes.flat, charts):
        for name, times, values in lines_of(prometheus, what, label, start, end):
            axis.plot(times, values, label=name, linewidth=1.2)
        axis.set_title(title, fontsize=10)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
        axis.tick_params(labelsize=8)
        axis.legend(fontsize=7, loc="upper left")
    for axis in axes[1]:
        axis.set_xlabel("seconds", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Software": None})


def draw(folder, prometheus, _, traffic):
    """More and more callers, then the few of the beginning alone."""
    start = time.time()
    for seconds, kind, callers in PHASES:
        traffic.start(getattr(traffic, kind), callers)
        time.sleep(seconds)
    end = time.time()
    picture(prometheus, f"{folder}/metrics-service.png", SERVICE, start, end)
    picture(prometheus, f"{folder}/metrics-quality.png", QUALITY, start, end)

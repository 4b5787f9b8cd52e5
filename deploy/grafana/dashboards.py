#!/usr/bin/env python3
"""Writes the dashboards, as files that Grafana imports: dashboards.py [FOLDER], by default beside this file.

What each question means: docs/metrics.md and docs/operations.md. Tests ask every query of a real server's figures.
"""

import json
import pathlib
import sys

from panels import (
    GREEN, OF_MODEL, RED, SELECT, YELLOW, dashboard, graph, heatmap, mean, quantile, rate, share, stat, table,
)

CALLS = 'job=~"$job",instance=~"$instance",method=~"Segment|SegmentStream|ModelInfer"'
TOTAL = OF_MODEL + ',stage="total"'
ANSWERS = rate("lingula_stage_duration_seconds_count", TOTAL)
BY_JOB = 'job=~"$job"'
SIGNIFICANT = "out_of_distribution|guidance_conflict|low_confidence|empty_mask|wrong_view|wrong_modality"


def service():
    """What callers get, and how near the limit the service is."""
    latency = [(quantile(q, "lingula_stage_duration_seconds", TOTAL), f"{100 * q:g} %") for q in (0.5, 0.95, 0.99)]
    what = [
        stat("Replicas", "short", f"count(lingula_build_info{{{SELECT}}})", "Servers that are scraped."),
        stat("Calls and frames", "reqps", rate("lingula_requests_total", CALLS), "Answered each second."),
        stat("Failed in an hour", "percentunit", f"max(lingula:errors:ratio1h{{{BY_JOB}}})",
             "Our faults, overload and lateness. The objective is 0.1 % over 30 days.",
             (None, GREEN), (0.001, YELLOW), (0.0144, RED)),
        stat("Slower than 1 s", "percentunit", f"max(lingula:slow:ratio5m{{{BY_JOB}}})",
             "The objective is 1 %.", (None, GREEN), (0.01, YELLOW), (0.05, RED)),
        stat("Refused", "percentunit",
             share(rate("lingula_rejected_total", OF_MODEL + ',reason!="draining"'), rate("lingula_requests_total", CALLS)),
             "For want of capacity.", (None, GREEN), (0.01, YELLOW), (0.05, RED)),
        stat("Queue delay", "s", f"avg(lingula:queue_delay_seconds:mean1m{{{SELECT}}})",
             "Mean wait for the network.", (None, GREEN), (0.1, YELLOW), (0.5, RED)),
        graph("Calls by code", "reqps", [(rate("lingula_requests_total", CALLS, "code"), "{{code}}")],
              "INTERNAL is our fault, RESOURCE_EXHAUSTED want of capacity, INVALID_ARGUMENT the caller's.", stacked=True),
        graph("Calls by method", "reqps", [(rate("lingula_requests_total", SELECT, "method"), "{{method}}")],
              "Of streams each frame.", stacked=True),
        graph("Answer time", "s", latency, "Inside the server, of successful calls.", limit=1),
        graph("Where the time goes", "s", [(mean(
            "lingula_stage_duration_seconds", OF_MODEL + ',stage!="total"', "stage"), "{{stage}}")],
            "Mean of each stage: a growing queue means want of capacity, a growing infer a slower machine.", stacked=True),
    ]
    capacity = [
        graph("Queue delay", "s", [
            (mean("lingula_queue_delay_seconds", by="instance"), "{{instance}} mean"),
            (quantile(0.99, "lingula_queue_delay_seconds"), "99 % of all")], "Of all samples that had a place.", limit=0.5),
        graph("Samples that wait", "short", [(f"sum by (model) (lingula_queue_depth{{{OF_MODEL}}})", "{{model}}")],
              "Now, by model.", stacked=True),
        graph("Refused, expired, given up", "reqps", [
            (rate("lingula_rejected_total", by="reason"), "refused: {{reason}}"),
            (rate("lingula_expired_total"), "expired"), (rate("lingula_cancelled_total"), "given up by the caller")],
            "Refused at the door is cheap and honest; expired should be rare.", stacked=True),
        graph("Busy share and offered load", "percentunit", [
            (f"lingula:busy:ratio1m{{{SELECT}}}", "{{instance}} busy"),
            (f"lingula:offered_load:ratio1m{{{SELECT}}}", "{{instance}} with refused work")],
            "Replicas scale on the second: it goes on rising when the first cannot.", limit=1),
        graph("Mean batch", "short", [(mean("lingula_batch_size", by="model"), "{{model}}")],
              "Batches grow with the load."),
        graph("Why batches were closed", "reqps", [(rate("lingula_batch_cuts_total", by="reason"), "{{reason}}")],
              "idle: there was nothing to wait for; size: as large as pays; deadline: somebody could not wait.", stacked=True),
    ]
    trust = [
        graph("Days until certificates end", "d", [(
            f"(lingula_certificate_not_after_timestamp_seconds{{{SELECT}}} - time()) / 86400",
            "{{instance}} {{listener}}")], "Empty without TLS."),
        graph("Refused at the gate", "reqps", [
            (rate("lingula_refused_calls_total", SELECT, "reason"), "{{reason}}"),
            (rate("lingula_refused_connections_total", SELECT), "too many connections")],
            "Callers who are not known, may not, or want too much.", stacked=True),
        graph("Answers without a line in the audit log", "short", [(
            f"increase(lingula_audit_dropped_total{{{SELECT}}}[5m])", "{{instance}}")],
            "Should be nothing."),
    ]
    return dashboard("lingula-service", "Lingula: service", "What callers get, and how near the limit it is.",
                     [("What callers get", what), ("Capacity", capacity), ("Trust", trust)])


def models():
    """Which models serve, and whether their answers stay what they were."""
    there = [
        table("Loaded models", f"max by (model, family, weights) (lingula_model_info{{{OF_MODEL}}})",
              {"model": "Model", "family": "Family", "weights": "SHA-256 of the weights"}, "Over all replicas."),
        graph("Replicas by state", "short", [(
            f"sum by (model, state) (lingula_model_state{{{OF_MODEL}}}) > 0", "{{model}} {{state}}")],
            "failed: was refused, and whoever served before goes on.", width=12),
        graph("Answers", "reqps", [(rate("lingula_stage_duration_seconds_count", TOTAL, "model"), "{{model}}")],
              "By model.", stacked=True),
        graph("Loads of bundles", "short", [(
            f"sum by (model, code) (lingula_model_loads_total{{{OF_MODEL}}})", "{{model}} {{code}}")],
            "Since each server began."),
        graph("Golden runs", "short", [(
            f"sum by (model, outcome) (lingula_golden_runs_total{{{OF_MODEL}}})", "{{model}} {{outcome}}")],
            "failed: a replica does not compute what the bundle was made for."),
        graph("Time to load a bundle", "s", [(
            f"sum(lingula_model_load_duration_seconds_sum{{{SELECT}}}) / sum(lingula_model_load_duration_seconds_count{{{SELECT}}})",
            "mean")], "Reading, checking, warming up, measuring."),
    ]
    dice = [(quantile(q, "lingula_expected_dice"), f"{100 * q:g} %") for q in (0.1, 0.5, 0.9)]
    flags = rate("lingula_flags_total", OF_MODEL, "model, flag")
    quality = [
        graph("Expected Dice", "percentunit", dice, "A tenth, half and nine tenths of the masks are below.", most=1),
        heatmap("Expected Dice, spread", "percentunit", "lingula_expected_dice", "Two hills are two kinds of pictures."),
        graph("Masks below an expected Dice of 0.5", "percentunit", [(share(
            rate("lingula_expected_dice_bucket", OF_MODEL + ',le="0.5"', "model"),
            rate("lingula_expected_dice_count", by="model")), "{{model}}")], "To be looked at by a person.", most=1),
        graph("Flags", "percentunit", [(share(flags, rate(
            "lingula_stage_duration_seconds_count", TOTAL, "model"), "flag"), "{{model}} {{flag}}")],
            "Share of the answers of each model.", most=1, width=16),
        graph("Empty masks", "percentunit", [(share(rate(
            "lingula_flags_total", OF_MODEL + ',flag="empty_mask"', "model"), rate(
                "lingula_stage_duration_seconds_count", TOTAL, "model")), "{{model}}")], "Nothing was found.", most=1),
        graph("Drift of expected Dice", "percentunit", [
            (f'lingula:expected_dice:mean6h{{{BY_JOB},model=~"$model"}}', "{{model}} six hours"),
            (f'lingula:expected_dice:mean1w{{{BY_JOB},model=~"$model"}}', "{{model}} the week before")],
            "An alert speaks at a distance of 0.05.", width=12, most=1),
        graph("Drift of flags", "percentunit", [
            (f'lingula:flag_share:ratio6h{{{BY_JOB},model=~"$model",flag=~"{SIGNIFICANT}"}}', "{{model}} {{flag}}"),
            (f'lingula:flag_share:ratio1w{{{BY_JOB},model=~"$model",flag=~"{SIGNIFICANT}"}}', "{{model}} {{flag}}, the week before")],
            "An alert speaks at a distance of 0.1.", width=12, most=1),
    ]
    shadow = [
        graph("Pictures for the candidate", "reqps", [(rate("lingula_shadow_images_total", by="outcome"), "{{outcome}}")],
              "dropped: somebody had other work.", stacked=True, width=12),
        graph("Its masks against the live ones", "percentunit", [
            (mean("lingula_shadow_dice"), "mean Dice"), (quantile(0.05, "lingula_shadow_dice"), "5 % are below")],
            "The low end holds the pictures to look at.", most=1, width=12),
    ]
    return dashboard("lingula-models", "Lingula: models and quality", "Which models serve, and whether answers stay what they were.",
                     [("Models", there), ("Quality", quality), ("Shadow", shadow)])


def streams():
    """Whether cameras get their masks."""
    frames = rate("lingula_stream_frames_total", SELECT)
    latency = [(quantile(q, "lingula_stream_frame_duration_seconds", SELECT), f"{100 * q:g} %") for q in (0.5, 0.95, 0.99)]
    lost = rate("lingula_stream_frames_total", SELECT + ',outcome!="answered"', "outcome")
    panels = [
        stat("Open streams", "short", f"sum(lingula_streams_open{{{SELECT}}})", "Cameras now.", width=6),
        stat("Frames", "reqps", frames, "Answered each second, with a mask or a reason.", width=6),
        stat("Frames with a mask", "percentunit",
             share(rate("lingula_stream_frames_total", SELECT + ',outcome="answered"'), frames),
             "The rest was superseded, too old, bad, refused or failed.", (None, RED), (0.8, YELLOW), (0.95, GREEN), width=6),
        stat("Within 50 ms", "percentunit", share(
            rate("lingula_stream_frame_duration_seconds_bucket", SELECT + ',le="0.05"'),
            rate("lingula_stream_frame_duration_seconds_count", SELECT)), "Of the frames with a mask.", width=6),
        graph("Open streams", "short", [(f"sum by (instance) (lingula_streams_open{{{SELECT}}})", "{{instance}}")],
              "By replica: a stream stays where it began.", stacked=True),
        graph("Frames by outcome", "reqps", [(rate("lingula_stream_frames_total", SELECT, "outcome"), "{{outcome}}")],
              "superseded: a newer one took its place, as FRESHEST asks.", stacked=True),
        graph("Share without a mask", "percentunit", [(share(lost, frames, "outcome"), "{{outcome}}")],
              "An alert speaks when they are 0.2 together.", stacked=True, limit=0.2),
        graph("Frame latency", "s", latency, "From arrival to the sending of its mask.", width=12),
        heatmap("Frame latency, spread", "s", "lingula_stream_frame_duration_seconds", "Two hills: some wait for a batch.", SELECT),
    ]
    return dashboard("lingula-streams", "Lingula: streams", "Whether cameras get their masks.", [("Streams", panels)], ())


def devices():
    """What the networks run on."""
    busy = "lingula_instance_busy_seconds_total"
    networks = [
        graph("Busy share of each copy", "percentunit", [(
            rate(busy, by="instance, model, copy"), "{{instance}} {{model}} {{copy}}")], "1: it never rests.", most=1),
        graph("Forward pass", "s", [
            (quantile(q, "lingula_stage_duration_seconds", OF_MODEL + ',stage="infer"', "model"), "{{model}} " + f"{100 * q:g} %")
            for q in (0.5, 0.99)], "Of whole batches: grows with them, and when others use the machine."),
        graph("Network time of a picture", "s", [(share(rate(busy, by="model"), rate(
            "lingula_batch_size_sum", by="model")), "{{model}}")], "What a picture costs: the base of docs/scaling.md."),
        heatmap("Batches, spread", "short", "lingula_batch_size", "How many samples go together."),
        graph("Processors in use", "short", [(f"rate(lingula_process_cpu_seconds_total{{{SELECT}}}[$__rate_interval])",
                                              "{{instance}}")], "Cores of the whole process."),
        graph("Memory", "bytes", [(f"lingula_process_resident_memory_bytes{{{SELECT}}}", "{{instance}}")],
              "Flat at constant load."),
        graph("File descriptors", "percentunit", [(
            f"lingula_process_open_files{{{SELECT}}} / lingula_process_most_files{{{SELECT}}}", "{{instance}}")],
            "Each connection has one.", most=1, limit=0.8, width=12),
        graph("Time since start", "s", [(f"time() - lingula_process_start_time_seconds{{{SELECT}}}", "{{instance}}")],
              "A saw: it is restarted.", width=12),
    ]
    gpus = [
        graph("Answers", "short", [(f"lingula_device_up{{{SELECT}}}", "{{instance}} {{device}}")],
              "0: lost, and its process ends. Empty on processors, as are the next two.", most=1),
        graph("GPU memory", "bytes", [(
            f'lingula_device_memory_bytes{{{SELECT},kind=~"free|reserved"}}', "{{instance}} {{device}} {{kind}}")],
            "free: of no process; reserved: ours."),
        graph("Runs that did not fit", "short", [(
            f"increase(lingula_device_out_of_memory_total{{{SELECT}}}[5m])", "{{instance}} {{device}}")],
            "Each shrinks the batches for good."),
    ]
    return dashboard("lingula-devices", "Lingula: devices", "What the networks run on.",
                     [("Networks and process", networks), ("GPUs", gpus)])


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    for made in (service(), models(), streams(), devices()):
        text = json.dumps(made, indent=1, ensure_ascii=True) + "\n"
        (folder / f"{made['uid']}.json").write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()

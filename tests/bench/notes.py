"""What the page of the bench says of each part, beside its figures."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.bench.lists import ASKED


@dataclass(frozen=True)
class Part:
    """rows: what each ratio of results.json is called. unit: of its values."""

    title: str
    about: str
    unit: str = ""
    rows: dict[str, str] = field(default_factory=dict)
    plot: str | None = None
    note: str | None = None


OURS = ("gateway", "workflows worker", "media worker", "comfy worker", "gpu worker")

PARTS = [
    Part(
        "One job",
        "From the request to the stored result, against a bare script that makes ComfyUI's four"
        " calls with the same graph. The difference is all that the product does for it: shaping,"
        " durable steps, checks, joining, stills, storing.",
        "s",
        {
            "one_job_5s_render_vs_bare_script": "5 s of rendering, new files",
            "one_job_5s_render_same_files_vs_bare_script": "5 s, files used before",
            "one_job_60s_render_vs_bare_script": "60 s, new files",
        },
        plot="bench-one-job.svg",
        note="one_job",
    ),
    Part(
        "Long videos",
        "Four segments of 20 s, from the first one's start to the last one's end, against the same"
        " as one big graph.",
        "s",
        {"long_video_vs_one_graph": "four segments"},
        note="long_video",
    ),
    Part(
        "GPUs that never wait",
        "The share of the time a GPU renders under a backlog of 2 s renders, against ComfyUI's own"
        " queue filled up front.",
        "%",
        {
            f"gpu_busy_share_{gpus}_backends_vs_own_queue": f"{gpus} GPU{'s' if gpus > 1 else ''}"
            for gpus in (1, 2, 4)
        },
        note="gpu_share",
    ),
    Part(
        "Accepting",
        "Jobs a second that one gateway accepts (signed in, checked, stored, answered), against"
        " bare starts of as many workflows by the same clients; no worker runs meanwhile.",
        "/s",
        {
            f"accepted_jobs_per_s_{clients}_clients_vs_raw_starts": f"{clients} client"
            f"{'s' if clients > 1 else ''}"
            for clients in (1, 16, 64)
        },
        note="accepting",
    ),
    Part(
        "Viewers",
        "The delay from an event's row to who watches, 99 of 100: a thousand open streams on one"
        " gateway against one.",
        "ms",
        {"event_delay_p99_1000_viewers_vs_1": "1,000 viewers"},
        note="viewers",
    ),
    Part(
        "Lists",
        "The median answer through ingress and gateway at 1,000,000 jobs against 1,000; a tenth of"
        " them are the caller's own.",
        "ms",
        {f"list_{name}_1m_vs_1000_jobs": name.replace("_", " ") for name in ASKED},
        note="lists",
    ),
    Part(
        "Bytes",
        "Upload (through ingress and gateway, to the verdict) and collection (from ComfyUI to the"
        " store, hashed) of 150 MiB, against the S3 library's own upload of the file.",
        "MiB/s",
        {"upload_vs_plain_copy": "upload", "collect_vs_plain_copy": "collect"},
        note="transfer",
    ),
    Part(
        "A day",
        "24 hours of 12 jobs with renders of a moment; every second video is deleted. The last six"
        " hours against the six after the sixth.",
        "MB",
        {f"memory_of_{name.replace(' ', '_')}_after_24_hours_vs_after_6": name for name in OURS},
        note="day",
    ),
    Part(
        "Recovery",
        "kill -9 while a video is rendered: until the process serves again and the video has told"
        " its next step.",
        note="recovery",
    ),
    Part(
        "Growth",
        "What a draft leaves behind, deletion and retention aside.",
        note="growth",
    ),
    Part(
        "Watching",
        "One comfy worker that watches a thousand prompts at once.",
        note="watching",
    ),
]


def _one_job(found: dict[str, Any]) -> str:
    one = found["ratios"]["one_job_5s_render_vs_bare_script"]
    parts, beside = one["parts_s"], one["ours"] - one["baseline"]
    shaping = parts["accepted to uploaded"]
    finish = parts["collecting_outputs to completed"]
    durable = parts["uploaded to queued"] + parts["queued to executing"]
    words = (
        f"With new files {shaping:.2f} s are the shaping of the clip (decode, crop, scale, encode),"
        f" {finish:.2f} s fetching, joining, stills and storing, {durable:.2f} s the durable steps"
        " before the render. All of it is the same at 60 s of rendering, as it is for a draft of"
        " any length: what a video costs beside its render does not grow with the render."
    )
    if one["met"]:
        return words
    return (
        f"{words} On these cores it is {beside:.1f} s, half of it an encoder at its fastest, so"
        f" 1.15 is kept by renders of {beside / 0.15:.0f} s and longer, 1.02 by those of"
        f" {beside / 0.02:.0f} s."
    )


def _long_video(found: dict[str, Any]) -> str:
    playable = found["ratios"]["long_video_vs_one_graph"]["segment_end_to_playable_s"]
    return (
        f"A segment can be watched {playable['median']} s after its end"
        f" (at most {playable['longest']} s)."
    )


def _gpu_share(found: dict[str, Any]) -> str:
    one = found["ratios"]["gpu_busy_share_4_backends_vs_own_queue"]
    if one["met"]:
        return "One prompt renders and the next one's files and prompt are already there."
    return (
        "One prompt renders and the next one's files and prompt are already there. With four GPUs"
        " that finish a render every half a second together, the two cores of this machine, which"
        " also draw the four simulated videos, are what limits: each job takes about a second of"
        " processor time (shaping is shared, joining and stills are not). Renders of Wan take"
        " minutes, not 2 s."
    )


def _accepting(found: dict[str, Any]) -> str:
    many = found["ratios"]["accepted_jobs_per_s_64_clients_vs_raw_starts"]
    one = found["ratios"]["accepted_jobs_per_s_1_clients_vs_raw_starts"]
    return (
        f"With 64 clients the workflows of all accepted jobs were started at"
        f" {many['started_per_s']} a second, while others were accepted. What limits: a gateway is"
        f" one process on one core, and a job is a dozen statements in one transaction before the"
        f" answer. One client alone sees just that chain, {1000 / one['ours']:.0f} ms, where a bare"
        f" start is one call of {1000 / one['baseline']:.0f} ms. More gateways accept more."
    )


def _viewers(found: dict[str, Any]) -> str:
    one = found["ratios"]["event_delay_p99_1000_viewers_vs_1"]
    return (
        f"At {one['events_per_s']} events a second, each for one viewer. Median"
        f" {one['median_ms']} ms, {one['median_ms_of_1']} ms with one viewer. A viewer takes"
        f" {one['kib_per_viewer']} KiB of the gateway. When all thousand watch the same video, the"
        f" last one has an event {one['same_video_last_viewer_s']:.2f} s after it happened."
    )


def _transfer(found: dict[str, Any]) -> str:
    words = (
        "A video is collected to the worker's disk first and stored from there, because it is"
        " looked into before it counts: a copy more than the baseline makes. An upload passes two"
        " processes more than the baseline's."
    )
    return f"{words} {_memory(found['uploads'])}" if "uploads" in found else words


def _memory(uploads: dict[str, Any]) -> str:
    verdict = uploads["verdict_after_last_byte_of_50_mb"]
    peaks = uploads["peak_of_1_gb_vs_10_mb"]
    goal, ratios = peaks["goal"], peaks["ratios"]
    flat = [name for name, ratio in ratios.items() if ratio <= goal]
    other = ", ".join(f"{name} {ratio}" for name, ratio in ratios.items() if ratio > goal)
    words = f"Peak memory at 1 GB is at most {goal} times that at 10 MB in {', '.join(flat)}"
    words += f"; **not** in {other} (a large file has two parts on their way)." if other else "."
    return (
        f"{words} The verdict on 50 MB comes {verdict['median_s']} s after its last byte, in 95 of"
        f" 100 within {verdict['p95_s']} s (goal {verdict['goal_s']} s:"
        f" {'met' if verdict['met'] else '**missed**'})."
    )


def _day(found: dict[str, Any]) -> str:
    one = found["ratios"]["database_connections_after_24_hours_vs_after_6"]
    files = {
        name: found["ratios"][f"memory_of_{name.replace(' ', '_')}_after_24_hours_vs_after_6"]
        for name in OURS
    }
    opened = ", ".join(
        f"{name} {one['files'][0]:g} → {one['files'][1]:g}" for name, one in files.items()
    )
    left = ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in one["left"].items())
    return (
        f"Open files: {opened}. Database connections: {one['baseline']:g} → {one['ours']:g}. Left"
        f" over at the end: {left}."
    )


def _recovery(found: dict[str, Any]) -> str:
    table = ["| killed | back after | at most | events missed | renders begun again |"]
    table.append("|---|---|---|---|---|")
    for name, one in found["recovery"].items():
        if name != "runs":
            table.append(
                f"| {name.replace('_', ' ')} | {one['back_s']} s | {one['longest_s']} s |"
                f" {one['events_missed']} | {one['renders_begun_again']} |"
            )
    return "\n".join(table) + (
        "\n\nThe comfy worker's work is taken up by another try once its heartbeats are 10 s"
        " overdue; with a second worker the wait is the same, and only that video's progress"
        " stands still: it renders on. What a renderer had in its memory is gone with it, so that"
        " render is begun again."
    )


def _growth(found: dict[str, Any]) -> str:
    growth = found["growth"]
    names = {
        "one_segment": "one segment",
        "several_segments": f"{growth['several_segments']['segments']:g} segments",
        "each_further_segment": "each further segment",
    }
    table = ["| | rows | rows, KB | history events | history, KB | objects | objects, MB |"]
    table.append("|---|---|---|---|---|---|---|")
    for name, label in names.items():
        one = growth[name]
        table.append(
            f"| {label} | {one['rows']:g} | {one['row_kb']:g} | {one['history_events']:g} |"
            f" {one['history_kb']:g} | {one['objects']:g} | {one['object_mb']:g} |"
        )
    return "\n".join(table)


def _watching(found: dict[str, Any]) -> str:
    one = found["watching"]
    per_job = 1000 * (one["worker_mb"] - one["worker_idle_mb"]) / one["watched_prompts"]
    return (
        f"{one['watched_prompts']} prompts on {one['backends']} backends: {one['worker_mb']} MB"
        f" ({one['worker_idle_mb']} idle; {per_job:.0f} KB a job), {one['worker_cores']} of a core,"
        f" {one['requests_per_s']} requests a second to all of them together."
    )


NOTES: dict[str | None, Callable[[dict[str, Any]], str]] = {
    "one_job": _one_job,
    "long_video": _long_video,
    "gpu_share": _gpu_share,
    "accepting": _accepting,
    "viewers": _viewers,
    "transfer": _transfer,
    "day": _day,
    "recovery": _recovery,
    "growth": _growth,
    "watching": _watching,
}

"""What the stack runs, in groups: a group is started once all of the group before is ready."""

import sys
from pathlib import Path
from signal import Signals

from services.local.caddyfile import caddyfile, site_environment
from services.local.child import Child, program, tethered
from services.local.layout import HOST, SERVICES, STAND_INS, Layout
from services.local.ready import answers, listens, says
from services.settings import PREFIX, Settings


def servers(layout: Layout) -> list[Child]:
    """What others made, and the stand-in."""
    stand_ins = [_stand_in(layout, number) for number in range(1, layout.stand_ins + 1)]
    return [*stores(layout), _temporal(layout), *stand_ins]


def stores(layout: Layout) -> list[Child]:
    """What rows and files are kept in."""
    return [_postgres(layout), _objects(layout)]


def services(layout: Layout) -> list[Child]:
    """What we made, and the way in."""
    workers = [_worker(layout, role) for role in SERVICES if role != "gateway"]
    return [_gateway(layout), *workers, _ingress(layout)]


def _postgres(layout: Layout) -> Child:
    port = layout.ports["postgres"]
    return Child(
        "database",
        [sys.executable, "-m", "services.local.postgres", str(layout.data / "postgres"), str(port)],
        env={"PGPASSWORD": layout.secrets.database_password},
        ready=says("database system is ready to accept connections"),
        log=_log(layout, "postgres"),
        stop_signal=Signals.SIGINT,
    )


def _objects(layout: Layout) -> Child:
    ports = layout.ports
    folder = layout.folder("objects")
    flags = {
        "dir": folder,
        "ip": HOST,
        "ip.bind": HOST,
        "bucket": "media",
        "s3.port": ports["s3"],
        "s3.port.grpc": ports["s3_grpc"],
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.localSocket": folder / "s3.sock",
        "master.port": ports["s3_master"],
        "master.port.grpc": ports["s3_master_grpc"],
        "master.telemetry": "false",
        "volume.port": ports["s3_volume"],
        "volume.port.grpc": ports["s3_volume_grpc"],
        "volume.preStopSeconds": 0,
        "filer.port": ports["s3_filer"],
        "filer.port.grpc": ports["s3_filer_grpc"],
        "filer.localSocket": folder / "filer.sock",
        "admin.port": ports["s3_admin"],
        "admin.port.grpc": ports["s3_admin_grpc"],
        "admin.ui": "false",
        "webdav": "false",
        "s3.cacheCapacityMB": 16,
        "s3.readerCacheSizeMB": 32,
    }
    return Child(
        "files",
        tethered(
            program("weed"),
            "-logtostderr=true",
            "mini",
            *(f"-{name}={value}" for name, value in flags.items()),
        ),
        env={
            "AWS_ACCESS_KEY_ID": layout.secrets.s3_access_key,
            "AWS_SECRET_ACCESS_KEY": layout.secrets.s3_secret_key,
            # Buffers of a large file would stay. A limit instead has it collect all the time.
            "GOGC": "40",
        },
        ready=answers(ports["s3"], "/healthz"),
        log=_log(layout, "objects"),
        scratch=_scratch(layout, "objects"),
        # Sockets whose folder no flag can change.
        leaves=[
            Path(f"/tmp/seaweedfs-{role}-grpc-{ports[listener]}.sock")  # noqa: S108
            for role, listener in {
                "s3": "s3_grpc",
                "master": "s3_master_grpc",
                "volume": "s3_volume_grpc",
                "filer": "s3_filer_grpc",
                "admin": "s3_admin_grpc",
            }.items()
        ],
    )


def _temporal(layout: Layout) -> Child:
    ports = layout.ports
    # Fairness keys do nothing without the first; one partition keeps priorities exact; the last
    # takes the one-second floor from short timers.
    dynamic = [
        "matching.enableFairness=true",
        "matching.numTaskqueueReadPartitions=1",
        "matching.numTaskqueueWritePartitions=1",
        'history.timerProcessorMaxTimeShift="50ms"',
    ]
    return Child(
        "workflow server",
        tethered(
            program("temporal"),
            *("server", "start-dev", "--ip", HOST, "--port", str(ports["temporal"])),
            *("--ui-ip", HOST, "--ui-port", str(ports["temporal_ui"])),
            *("--metrics-port", str(ports["temporal_metrics"])),
            *("--db-filename", str(layout.folder("temporal") / "temporal.db")),
            *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=FULL"),
            *(part for value in dynamic for part in ("--dynamic-config-value", value)),
            *("--ui-disable-news-fetch", "--log-level", "warn", "--log-format", "json"),
        ),
        ready=listens(ports["temporal"]),
        log=_log(layout, "temporal"),
    )


def _stand_in(layout: Layout, number: int) -> Child:
    port = layout.ports[STAND_INS[number - 1]]
    name = f"comfy_sim-{number}"
    return Child(
        f"simulated renderer {number}" if layout.stand_ins > 1 else "simulated renderer",
        tethered(
            *(sys.executable, "-m", "services.comfy_sim", "--host", HOST, "--port", str(port)),
            *("--base-dir", str(layout.folder(f"comfy_sim/{number}"))),
            *("--step-seconds", str(layout.step_seconds)),
            *(["--control"] if layout.control else []),
        ),
        ready=answers(port, "/prompt"),
        log=_log(layout, name),
        scratch=_scratch(layout, name),
    )


def _gateway(layout: Layout) -> Child:
    port = layout.ports["gateway"]
    return Child(
        "gateway",
        tethered(sys.executable, "-m", "services.gateway", "--host", HOST, "--port", str(port)),
        env=environment(layout, "gateway") | _metrics(layout, "gateway"),
        ready=answers(port, "/readyz"),
        log=_log(layout, "gateway"),
        scratch=_scratch(layout, "gateway"),
    )


def _worker(layout: Layout, role: str) -> Child:
    name = f"{role} worker"
    return Child(
        name,
        tethered(sys.executable, "-m", "temporal.worker", role),
        env=environment(layout, name) | _metrics(layout, role),
        ready=says("worker ready"),
        log=_log(layout, f"worker-{role}"),
        scratch=_scratch(layout, f"worker-{role}"),
    )


def _ingress(layout: Layout) -> Child:
    config = layout.data / "Caddyfile"
    config.write_text(caddyfile(layout), encoding="utf-8")
    return Child(
        "ingress",
        tethered(program("caddy"), "run", "--adapter", "caddyfile", "--config", str(config)),
        env={"XDG_DATA_HOME": str(layout.data), "XDG_CONFIG_HOME": str(layout.data)}
        | site_environment(layout, environment(layout, "gateway")["ANIMATRIX_S3_ENDPOINT"]),
        ready=answers(layout.ports["http"], "/healthz"),
        log=_log(layout, "ingress"),
    )


def environment(layout: Layout, user: str = "") -> dict[str, str]:
    """The settings of our own services. user: whose detours count, by name."""
    return {
        "ANIMATRIX_DATABASE_URL": layout.database_url_at(layout.port("postgres", user)),
        "ANIMATRIX_TEMPORAL_ADDRESS": f"{HOST}:{layout.port('temporal', user)}",
        "ANIMATRIX_S3_ENDPOINT": f"http://{HOST}:{layout.port('s3', user)}",
        "ANIMATRIX_S3_ACCESS_KEY": layout.secrets.s3_access_key,
        "ANIMATRIX_S3_SECRET_KEY": layout.secrets.s3_secret_key,
        "ANIMATRIX_SECRET_KEY": layout.secrets.secret_key,
        "ANIMATRIX_CONSOLE_URL": layout.url,
        "ANIMATRIX_TEMPORAL_UI_URL": f"http://localhost:{layout.ports['temporal_ui']}",
        "ANIMATRIX_COMFY_URLS": ",".join(layout.comfy_urls),
    }


def settings_of(layout: Layout) -> Settings:
    """What the stack's own services run with."""
    given = environment(layout).items()
    return Settings.model_validate(
        {name.removeprefix(PREFIX).lower(): text for name, text in given}
    )


def _metrics(layout: Layout, service: str) -> dict[str, str]:
    return {"ANIMATRIX_METRICS_PORT": str(layout.ports[f"{service}_metrics"])}


def _log(layout: Layout, name: str) -> Path:
    return layout.folder("logs") / f"{name}.log"


def _scratch(layout: Layout, name: str) -> Path:
    return layout.folder("tmp") / name

from urllib.parse import urlsplit

from services.local.layout import HOST, ROOT, Layout
from services.settings import UploadLimits

FORM_BYTES = 1024 * 1024
"""What an upload may hold besides its file; the gateway allows less, and says so in words."""

SHARED = ROOT / "deploy" / "caddy"
TEMPLATE = """\
{{
	import "{shared}/options.caddy"
	grace_period 1s
	auto_https disable_redirects
	http_port {http}
	https_port {https}
	default_bind {host}
	storage file_system "{data}/caddy"
	servers {{
		import "{shared}/bounds.caddy"
	}}
}}

import "{shared}/site.caddy"

http:// {{
	import studio
}}

https://localhost, https://{host} {{
	tls internal
	import strict
	import studio
}}
"""


def caddyfile(layout: Layout) -> str:
    """One origin for the pages, the API and the media, over http and https with Caddy's own CA."""
    ports = layout.ports
    return TEMPLATE.format(
        host=HOST, data=layout.data, shared=SHARED, http=ports["http"], https=ports["https"]
    )


def site_environment(layout: Layout, endpoint: str) -> dict[str, str]:
    """What the site is told. endpoint: of the object store, as the gateway has it."""
    return {
        "INGRESS_GATEWAY": f"{HOST}:{layout.port('gateway', 'ingress')}",
        "INGRESS_STORE": f"http://{HOST}:{layout.port('s3', 'ingress')}",
        "INGRESS_STORE_HOST": urlsplit(endpoint).netloc,
        "INGRESS_BUCKET": "media",
        "INGRESS_FILES": str(ROOT),
        "INGRESS_MAX_UPLOAD_BYTES": str(UploadLimits().largest + FORM_BYTES),
    }

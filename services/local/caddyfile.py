from proto.errors import ErrorCode, Problem
from services.local.layout import HOST, ROOT, Layout
from services.settings import UploadLimits

FORM_BYTES = 1024 * 1024
"""What an upload may hold besides its file; the gateway allows less, and says so in words."""
OTHER_BYTES = 2 * 1024 * 1024
"""Of every other request's body. Here too the gateway allows less."""

# A deleted header makes the whole block act as the answer leaves, after the servers behind.
TEMPLATE = """\
{{
	admin off
	persist_config off
	grace_period 1s
	auto_https disable_redirects
	skip_install_trust
	http_port {http}
	https_port {https}
	default_bind {host}
	storage file_system "{data}/caddy"
	log {{
		level WARN
		format filter {{
			request>uri regexp "(/s/|[?]).*" "${{1}}***"
			request>headers delete
			resp_headers delete
		}}
	}}
	servers {{
		max_header_size 32KB
		timeouts {{
			read_header 15s
			read_body 24h
			write 24h
			idle 2m
		}}
	}}
}}

(safe) {{
	header {{
		-Server
		-Via
		X-Content-Type-Options nosniff
		X-Frame-Options DENY
		Referrer-Policy no-referrer
		Cross-Origin-Opener-Policy same-origin
		?Cross-Origin-Resource-Policy same-origin
		Permissions-Policy "{permissions}"
	}}
}}

(studio) {{
	import safe
	@upload path /api/assets/*
	request_body @upload {{
		max_size {upload_bytes}
	}}
	@other not path /api/assets/*
	request_body @other {{
		max_size {other_bytes}
	}}
	@api path /api/* /s/* /healthz /readyz
	handle @api {{
		header ?Content-Security-Policy "{sealed}"
		reverse_proxy {host}:{gateway} {{
			flush_interval -1
			header_up -Forwarded
			transport http {{
				keepalive 60s
			}}
		}}
	}}
	@media {{
		path /media/*
		method GET HEAD
	}}
	handle @media {{
		header >Content-Security-Policy sandbox
		reverse_proxy {host}:{s3} {{
			header_up -Cookie
			header_up -Authorization
			header_up -Forwarded
			header_up -X-Amz-*
			header_up -X-Seaweedfs-*
			header_down -X-Amz-*
			header_down -Seaweed*
			header_down -X-Seaweedfs-*
			header_down -Access-Control-*
			@refused status 400 401 403 404 5xx
			handle_response @refused {{
				respond "" {{rp.status_code}}
			}}
			@beyond status 416
			handle_response @beyond {{
				header Content-Range {{rp.header.Content-Range}}
				respond "" 416
			}}
		}}
	}}
	handle /media/* {{
		respond 405
	}}
	handle_path /samples/* {{
		root * "{root}/services/local/samples"
		header Cache-Control "public, max-age=3600"
		header Content-Security-Policy sandbox
		file_server {{
			hide *.py __pycache__
		}}
	}}
	handle {{
		root * "{root}/frontend/dist"
		encode gzip
		header Content-Security-Policy "{policy}"
		@hashed path /assets/*
		handle @hashed {{
			header Cache-Control "public, max-age=31536000, immutable"
			file_server
		}}
		handle {{
			header Cache-Control no-cache
			@operator path /operator /operator/*
			rewrite @operator /operator.html
			try_files {{path}} /index.html
			file_server
		}}
	}}
	handle_errors {{
		import safe
		header Content-Security-Policy "{sealed}"
		header Cache-Control no-store
		@large expression {{err.status_code}} == 413
		handle @large {{
			header Content-Type application/problem+json
			respond `{too_large}` 413
		}}
		handle {{
			respond "" {{err.status_code}}
		}}
	}}
}}

http:// {{
	import studio
}}

https://localhost, https://{host} {{
	tls internal
	header Strict-Transport-Security "max-age=31536000"
	import studio
}}
"""

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)

SEALED = "default-src 'none'; frame-ancestors 'none'"
"""Of what is no page. Shared pages bring a policy of their own."""

TOO_LARGE = Problem(
    title="Too large",
    status=413,
    code=ErrorCode.TOO_LARGE,
    message="This is larger than anything we take. Nothing of it was kept.",
    reference="{http.request.uuid}",
)

# A browser complains about a feature that it does not know, so only those of all are named.
FEATURES = (
    *("camera", "microphone", "geolocation", "payment", "usb", "serial", "hid", "midi"),
    *("accelerometer", "gyroscope", "magnetometer", "display-capture", "screen-wake-lock"),
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in FEATURES)


def caddyfile(layout: Layout) -> str:
    """One origin for the pages, the API and the media, over http and https with Caddy's own CA.

    Signed media URLs name the host they were asked for by, so requests keep their Host header.
    """
    return TEMPLATE.format(
        host=HOST,
        data=layout.data,
        root=ROOT,
        policy=POLICY,
        sealed=SEALED,
        permissions=PERMISSIONS,
        upload_bytes=UploadLimits().largest + FORM_BYTES,
        other_bytes=OTHER_BYTES,
        too_large=TOO_LARGE.model_dump_json(),
        http=layout.ports["http"],
        https=layout.ports["https"],
        gateway=layout.port("gateway", "ingress"),
        s3=layout.port("s3", "ingress"),
    )

from services.local.layout import HOST, ROOT, Layout

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
	}}
}}

(studio) {{
	header {{
		-Server
		X-Content-Type-Options nosniff
		X-Frame-Options DENY
		Referrer-Policy no-referrer
		Cross-Origin-Opener-Policy same-origin
		Permissions-Policy "camera=(), microphone=(), geolocation=()"
	}}
	@api path /api/* /s/* /healthz /readyz
	handle @api {{
		reverse_proxy {host}:{gateway} {{
			flush_interval -1
		}}
	}}
	@media {{
		path /media/*
		method GET HEAD
	}}
	handle @media {{
		reverse_proxy {host}:{s3}
	}}
	handle /media/* {{
		respond 405
	}}
	handle_path /samples/* {{
		root * "{root}/services/local/samples"
		header Cache-Control "public, max-age=3600"
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
}}

http:// {{
	import studio
}}

https://localhost, https://{host} {{
	tls internal
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


def caddyfile(layout: Layout) -> str:
    """One origin for the pages, the API and the media, over http and https with Caddy's own CA.

    Signed media URLs name the host they were asked for by, so requests keep their Host header.
    """
    return TEMPLATE.format(
        host=HOST,
        data=layout.data,
        root=ROOT,
        policy=POLICY,
        http=layout.ports["http"],
        https=layout.ports["https"],
        gateway=layout.port("gateway", "ingress"),
        s3=layout.port("s3", "ingress"),
    )

"""Security headers of every answer: no foreign content, no framing, no inline script."""

from __future__ import annotations

from ckan.plugins import toolkit
from ckan.types import Response
from flask import Blueprint

headers = Blueprint("territoire_headers", __name__)

# Scripts come from our own files only. CKAN's own screens set styles in attributes, hence
# 'unsafe-inline' for styles alone. Map libraries run their worker from a blob.
POLICY = "; ".join((
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-src 'self'",
    "frame-ancestors 'self'",
))  # fmt: skip
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


# A browser that came once by TLS never comes without it again. Not said over plain HTTP.
ONLY_TLS = "max-age=31536000; includeSubDomains"


@headers.after_app_request
def add_headers(response: Response) -> Response:
    """Complete an answer; what a view has set for itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if str(toolkit.config["ckan.site_url"]).startswith("https://"):
        response.headers.setdefault("Strict-Transport-Security", ONLY_TLS)
    return response

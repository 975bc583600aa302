"""URLs that come from outside."""

from urllib.parse import SplitResult, urlsplit

LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")


def split(url):
    """The parts of a URL; all are empty if it cannot be read, such as `http://[`."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def without_port(url):
    parts = split(url)
    return (parts.scheme, parts.hostname, parts.path, parts.query, parts.fragment)


def is_acceptable_redirect(url):
    """Whether a code may be sent there: with HTTPS, or with HTTP to this machine."""
    parts = split(url)
    if parts.fragment or parts.username or "*" in parts.netloc:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS)

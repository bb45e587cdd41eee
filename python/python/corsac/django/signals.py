"""The signal by which code enables a request that the settings do not."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with ``request``. A receiver that returns something true enables CORS for the request's path,
#: and lets in its origin with the rights that the settings give.
check_request_enabled = Signal()

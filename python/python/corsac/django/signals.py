"""The signal with which code allows a request that the settings do not allow."""

from __future__ import annotations

from django.dispatch import Signal

#: Sent with ``request``. A receiver that returns a true value enables CORS for the request's path, and
#: allows its origin with the rights in the settings.
check_request_enabled = Signal()

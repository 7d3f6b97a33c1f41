"""Opens the library's clients for a connection."""

from mien_client import AsyncClient, Client
from mien_client.command.connection import Connection
from mien_client.command.faults import CommandError
from mien_client.command.statuses import ExitStatus


def client(connection: Connection) -> Client:
    """Return a client that waits; raises CommandError where the address or the key is none."""
    try:
        return Client(connection.url, api_key=_key(connection), timeout=connection.timeout)
    except ValueError as error:
        raise _misused(error) from error


def async_client(connection: Connection) -> AsyncClient:
    """Return a client for asyncio; raises CommandError where the address or the key is none."""
    try:
        return AsyncClient(connection.url, api_key=_key(connection), timeout=connection.timeout)
    except ValueError as error:
        raise _misused(error) from error


async def labels_of(asking: AsyncClient, model: str) -> tuple[str, ...]:
    """Return a model's labels, the default's without a name; none for a model that is not there."""
    models = await asking.models()
    asked = [each for each in models if each.name == model] if model else models[:1]
    return asked[0].labels if asked else ()


def _key(connection: Connection) -> str | None:
    """Return the key that travels in a header; libraries would quote a broken one in errors."""
    key = connection.api_key.strip()
    if key and not (key.isascii() and key.isprintable()):
        message = (
            "the API key has characters in it that no key has; was it copied whole, and alone?"
        )
        raise CommandError(message, status=ExitStatus.MISUSED)
    return key or None


def _misused(error: ValueError) -> CommandError:
    return CommandError(str(error), status=ExitStatus.MISUSED)

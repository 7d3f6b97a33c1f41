"""A real name server on loopback, whose one name moves as pods come and go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset

NAME = "face-detector.mien.test"


@dataclass
class NameServer:
    """Answers for NAME with the addresses it has now."""

    addresses: list[str]
    port: int = 0
    asked: int = 0

    def target(self, port: int) -> str:
        """What a gRPC channel is given, to ask this server and no other."""
        return f"dns://127.0.0.1:{self.port}/{NAME}:{port}"


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        query = dns.message.from_wire(data)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        question = query.question[0]
        if question.name.to_text(omit_final_dot=True) == NAME:
            self._server.asked += 1
            if question.rdtype == dns.rdatatype.A and self._server.addresses:
                answer = dns.rrset.from_text(question.name, 1, "IN", "A", *self._server.addresses)
                response.answer.append(answer)
        self._transport.sendto(response.to_wire(), addr)


@asynccontextmanager
async def name_server(*addresses: str) -> AsyncIterator[NameServer]:
    """Serve the name at these addresses at first."""
    server = NameServer(list(addresses))
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Protocol(server), local_addr=("127.0.0.1", 0)
    )
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()

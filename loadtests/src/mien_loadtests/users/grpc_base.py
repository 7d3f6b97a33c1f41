"""What users of mien.v1.EmotionService have in common: a connection each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import grpc.experimental.gevent
from mien.v1 import emotion_pb2_grpc

from mien_loadtests.users.base import MienUser

# Locust's users are greenlets; without this, one gRPC call would hold up all of them.
grpc.experimental.gevent.init_gevent()


class CallFailedError(Exception):
    """A call ended with a status that is not OK."""


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn gRPC's error of many lines, which differ from call to call, into one that counts.

    Raises:
        CallFailedError: the call failed.
    """
    try:
        yield
    except grpc.RpcError as error:
        message = f"{error.code().name}: {error.details()}"
        raise CallFailedError(message) from error


class GrpcBaseUser(MienUser):
    """Has a channel of its own: users who shared one would share its connection."""

    abstract = True

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        # Channels to the same target share connections unless each has a pool of its own.
        options = (("grpc.use_local_subchannel_pool", 1),)
        self.channel = grpc.insecure_channel(self.plan.grpc_target, options)
        self.service = emotion_pb2_grpc.EmotionServiceStub(self.channel)
        key = self.plan.api_key
        self.metadata = (("authorization", f"Bearer {key}"),) if key else ()

    def on_stop(self) -> None:
        """Leave."""
        super().on_stop()
        self.channel.close()

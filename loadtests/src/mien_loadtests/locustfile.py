"""What Locust loads: a class of users per protocol, and what happens around them.

Name classes to have only some: `... RestRawUser GrpcUser`; `--tags pytorch` for one framework.
"""

from mien_loadtests.run import Run, listen
from mien_loadtests.users.grpc_stream import GrpcStreamUser
from mien_loadtests.users.grpc_unary import GrpcUser
from mien_loadtests.users.rest import RestBase64User, RestMultipartUser, RestRawUser
from mien_loadtests.users.websockets import WebSocketUser

__all__ = [
    "GrpcStreamUser",
    "GrpcUser",
    "RestBase64User",
    "RestMultipartUser",
    "RestRawUser",
    "WebSocketUser",
]

listen(Run())

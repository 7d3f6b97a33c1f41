"""Who may talk to whom, worked out from the NetworkPolicies as the cluster would."""

from collections.abc import Iterator

from tests.k8s.rendering import Manifest, Rendering, Workload, name_of

Peer = Manifest
_DNS = 53


def default_deny(rendering: Rendering) -> Iterator[str]:
    """Every pod, whatever it is, is held in both directions."""
    policies = rendering.of("NetworkPolicy")
    for workload in rendering.workloads:
        held = {
            direction
            for policy in policies
            if selects(policy["spec"].get("podSelector", {}), workload.labels)
            for direction in policy["spec"].get("policyTypes", [])
        }
        for direction in sorted({"Ingress", "Egress"} - held):
            yield f"{workload}: any {direction.lower()} is allowed"


def policy_ports(rendering: Rendering) -> Iterator[str]:
    """A policy's ports are ports of the pods that it is about."""
    for policy in rendering.of("NetworkPolicy"):
        spec = policy["spec"]
        targets = [one for one in rendering.workloads if selects(spec["podSelector"], one.labels)]
        listened = {port for one in targets for port in [*one.ports, *one.ports.values()]}
        for rule in spec.get("ingress", []):
            for port in rule.get("ports", []):
                if port["port"] not in listened:
                    yield f"{name_of(policy)}: nobody listens on {port['port']}"
        for rule in spec.get("egress", []):
            for workload in _within(rendering, rule.get("to", [])):
                for port in rule.get("ports", []):
                    if port["port"] not in {*workload.ports, *workload.ports.values(), _DNS}:
                        yield f"{name_of(policy)}: {workload} has no port {port['port']}"
        if not targets:
            yield f"{name_of(policy)}: is about no pod"


def edges(rendering: Rendering) -> set[str]:
    """Return every way that is open, as `caller -> called:port`, by the parts' names.

    Within the release a way is open if the caller may go out and the called lets it in.
    """
    found = set()
    for called in rendering.workloads:
        for port in called.ports.values():
            for caller in rendering.workloads:
                goes = _opens(rendering, caller, "egress", "to", called, port)
                comes = _opens(rendering, called, "ingress", "from", caller, port)
                if goes and comes:
                    found.add(f"{caller.component} -> {called.component}:{port}")
    for workload in rendering.workloads:
        found |= {f"{who} -> {workload.component}:{port}" for who, port in _in(rendering, workload)}
        found |= {
            f"{workload.component} -> {who}:{port}" for who, port in _out(rendering, workload)
        }
    return found


def _policies(rendering: Rendering, workload: Workload, direction: str) -> Iterator[Manifest]:
    for policy in rendering.of("NetworkPolicy"):
        if selects(policy["spec"]["podSelector"], workload.labels):
            yield from policy["spec"].get(direction, [])


def _opens(
    rendering: Rendering, own: Workload, direction: str, key: str, other: Workload, port: int
) -> bool:
    """Whether a policy of one end lets the other end pass."""
    listening = other if direction == "egress" else own
    return any(
        _port_matches(rule, listening, port)
        and any(_is_within(peer, other) for peer in rule.get(key, []))
        for rule in _policies(rendering, own, direction)
    )


def _port_matches(rule: Manifest, listening: Workload, port: int) -> bool:
    numbers = {_number(one["port"], listening) for one in rule.get("ports", [])}
    return not rule.get("ports") or port in numbers


def _number(port: str | int, workload: Workload) -> int | None:
    return workload.ports.get(port) if isinstance(port, str) else port


def _is_within(peer: Peer, workload: Workload) -> bool:
    """Whether a peer is a pod of our own namespace."""
    inside = "podSelector" in peer and "namespaceSelector" not in peer
    return inside and selects(peer["podSelector"], workload.labels)


def _within(rendering: Rendering, peers: list[Peer]) -> list[Workload]:
    return [one for one in rendering.workloads if any(_is_within(peer, one) for peer in peers)]


def _in(rendering: Rendering, workload: Workload) -> Iterator[tuple[str, int | str]]:
    for rule in _policies(rendering, workload, "ingress"):
        for who in _outsiders(rule.get("from", [])):
            ports = [one["port"] for one in rule.get("ports", [])] or ["any"]
            for port in ports:
                yield who, _number(port, workload) or port


def _out(rendering: Rendering, workload: Workload) -> Iterator[tuple[str, int | str]]:
    for rule in _policies(rendering, workload, "egress"):
        for who in _outsiders(rule.get("to", [])):
            for port in [one["port"] for one in rule.get("ports", [])] or ["any"]:
                yield who, port


def _outsiders(peers: list[Peer]) -> list[str]:
    """Return the names of those peers that are not of this release."""
    if not peers:
        return ["anyone"]
    return [_name(peer) for peer in peers if "namespaceSelector" in peer or "ipBlock" in peer]


def _name(peer: Peer) -> str:
    if "ipBlock" in peer:
        return str(peer["ipBlock"]["cidr"])
    labels = {
        **peer["namespaceSelector"].get("matchLabels", {}),
        **peer.get("podSelector", {}).get("matchLabels", {}),
    }
    return f"<{'/'.join(labels.values())}>"


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector matches; an empty one matches everything."""
    if not selector.get("matchLabels", {}).items() <= labels.items():
        return False
    return all(_holds(one, labels) for one in selector.get("matchExpressions", []))


def _holds(expression: Manifest, labels: dict[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values", [])
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[expression["operator"]]

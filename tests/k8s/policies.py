"""All rules, by name."""

from collections.abc import Callable, Iterator

from tests.k8s.rendering import Rendering
from tests.k8s.rules import files, measures, network, running, scaling, security, settings, wiring

Rule = Callable[[Rendering], Iterator[str]]

RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        security.pod_security,
        security.read_only_root,
        security.no_cluster_access,
        security.images_are_named,
        security.secrets_stay_secret,
        running.probes,
        running.grace,
        running.resources,
        running.scratch_space,
        running.updates,
        running.disruptions,
        running.spread,
        running.understood,
        scaling.one_scaler,
        scaling.replicas,
        scaling.bounds,
        scaling.behaviour,
        network.default_deny,
        network.policy_ports,
        wiring.labels,
        wiring.names,
        wiring.selectors,
        wiring.services,
        wiring.private_ports,
        wiring.headless,
        wiring.references,
        settings.known_settings,
        settings.allowed_hosts,
        settings.substitutions,
        settings.tensorflow_flags,
        settings.tensorflow_leaves_room,
        files.paths,
        measures.known_metrics,
        measures.fallback,
    )
}


def findings(rendering: Rendering) -> dict[str, list[str]]:
    """Return what each rule has to say, those that are content left out."""
    found = {name: list(rule(rendering)) for name, rule in RULES.items()}
    return {name: texts for name, texts in found.items() if texts}

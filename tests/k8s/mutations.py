"""Ways to break a rendering, each in one place, and the rule that each is about."""

from dataclasses import dataclass
from typing import Any

from tests.k8s.rendering import Manifest, name_of

GONE = object()


@dataclass(frozen=True)
class Mutation:
    """An object by the beginning of its name, a path of keys in it, and the new value there."""

    rule: str
    target: str
    path: str
    value: Any = GONE
    also: str | None = None
    """A second rule that cannot but object."""

    def __str__(self) -> str:
        return f"{self.rule}: {self.target} {self.path}"

    def apply(self, objects: list[Manifest]) -> None:
        """Change the first object whose name begins like the target, or fail."""
        place: Any = next(one for one in objects if name_of(one).startswith(self.target))
        *way, last = [int(key) if key.isdecimal() else key for key in self.path.split()]
        for key in way:
            place = place[key]
        if self.value is GONE:
            del place[last]
        else:
            place[last] = self.value


POD = "spec template spec"
ONE = f"{POD} containers 0"
SECURITY = f"{ONE} securityContext"
SPREAD = f"{POD} topologySpreadConstraints 0"
SELECTOR = "spec selector matchLabels app.kubernetes.io"
ROLLING = "spec strategy rollingUpdate maxUnavailable"

GATEWAY, DETECTOR = "Deployment/mien-gateway", "Deployment/mien-detector"
TORCHSERVE, TENSORFLOW = "Deployment/mien-torchserve", "Deployment/mien-tensorflow"
GPU = "Deployment/mien-tensorflow-gpu"
REDIS = "StatefulSet/mien-redis"
HPA, KEDA = "HorizontalPodAutoscaler/mien-gateway", "ScaledObject/mien-torchserve-keda"
SETTINGS = "ConfigMap/mien-gateway"
TRIGGER = "spec triggers 0 metadata"

BROKEN_PODS = [
    Mutation("pod_security", GATEWAY, f"{POD} hostNetwork", True),
    Mutation("pod_security", GATEWAY, f"{POD} volumes 0", {"name": "tmp", "hostPath": {}}),
    Mutation("pod_security", GATEWAY, f"{SECURITY} runAsNonRoot", False),
    Mutation("pod_security", DETECTOR, f"{POD} securityContext runAsUser", 0),
    Mutation("pod_security", DETECTOR, f"{SECURITY} allowPrivilegeEscalation"),
    Mutation("pod_security", TORCHSERVE, f"{POD} initContainers 0 securityContext capabilities"),
    Mutation("pod_security", TORCHSERVE, f"{SECURITY} capabilities add", ["SYS_PTRACE"]),
    Mutation("pod_security", GATEWAY, f"{SECURITY} seccompProfile type", "Unconfined"),
    Mutation("pod_security", GATEWAY, f"{ONE} ports 0 hostPort", 8000),
    Mutation("read_only_root", REDIS, f"{SECURITY} readOnlyRootFilesystem"),
    Mutation("no_cluster_access", GATEWAY, f"{POD} automountServiceAccountToken"),
    Mutation("no_cluster_access", "ServiceAccount/", "automountServiceAccountToken", True),
    Mutation("no_cluster_access", "PodDisruptionBudget/mien-worker", "kind", "RoleBinding"),
    Mutation("images_are_named", DETECTOR, f"{ONE} image", "mien/face-detector"),
    Mutation("images_are_named", DETECTOR, f"{ONE} image", "mien/face-detector:latest"),
    Mutation("images_are_named", DETECTOR, f"{ONE} image", "registry:5000/mien/face-detector"),
    Mutation("secrets_stay_secret", SETTINGS, "data MIEN_GATEWAY_CACHE_KEY", "a" * 20),
    Mutation("secrets_stay_secret", SETTINGS, "data MIEN_GATEWAY_REDIS_URL", "redis://:x@r:6379/0"),
    Mutation("resources", GATEWAY, f"{ONE} resources limits cpu", "2"),
    Mutation("resources", GATEWAY, f"{ONE} resources limits memory", "8Gi"),
    Mutation("resources", DETECTOR, f"{ONE} resources requests cpu"),
    Mutation("scratch_space", DETECTOR, f"{POD} volumes 0 emptyDir", {}),
    Mutation("scratch_space", DETECTOR, f"{POD} volumes 0 emptyDir sizeLimit", "1Ti"),
    Mutation(
        "scratch_space",
        DETECTOR,
        f"{POD} volumes 0 emptyDir",
        {"medium": "Memory", "sizeLimit": "1Ti"},
    ),
]

BROKEN_LIVES = [
    Mutation("probes", GATEWAY, f"{ONE} readinessProbe"),
    Mutation("probes", GATEWAY, f"{ONE} livenessProbe httpGet path", "/readyz"),
    Mutation("probes", DETECTOR, f"{ONE} livenessProbe grpc service", "mien.v1.FaceDetector"),
    Mutation("probes", DETECTOR, f"{ONE} startupProbe grpc port", 50052),
    Mutation("grace", GATEWAY, f"{ONE} lifecycle"),
    Mutation("grace", GATEWAY, f"{POD} terminationGracePeriodSeconds", 30),
    Mutation("grace", DETECTOR, f"{POD} terminationGracePeriodSeconds", 50),
    Mutation("grace", TORCHSERVE, f"{POD} terminationGracePeriodSeconds", 45),
    Mutation("updates", GATEWAY, ROLLING, 1),
    Mutation("updates", GATEWAY, "spec strategy"),
    Mutation("updates", GPU, ROLLING, "50%"),
    Mutation("disruptions", "PodDisruptionBudget/mien-detector", f"{SELECTOR}/component", "x"),
    Mutation("disruptions", "PodDisruptionBudget/mien-gateway", "spec maxUnavailable", 0),
    Mutation("spread", GATEWAY, f"{SPREAD} topologyKey", "rack"),
    Mutation("spread", GATEWAY, f"{SPREAD} labelSelector matchLabels", {}),
    Mutation("understood", "Service/mien-gateway", "spec trafficDistribution", "PreferClose"),
]

BROKEN_SCALING = [
    Mutation("one_scaler", HPA, "spec scaleTargetRef name", "gone", also="replicas"),
    Mutation(
        "one_scaler", KEDA, "spec scaleTargetRef name", "mien-torchserve-gpu", also="replicas"
    ),
    Mutation("replicas", GATEWAY, "spec replicas", 2),
    Mutation("replicas", GPU, "spec replicas"),
    Mutation("bounds", HPA, "spec minReplicas", 99),
    Mutation("bounds", HPA, "spec minReplicas", 0),
    Mutation("bounds", HPA, "spec metrics", []),
    Mutation("bounds", KEDA, "spec maxReplicaCount"),
    Mutation("known_metrics", HPA, "spec metrics 1 pods metric name", "mien_gateway_in_flight"),
    Mutation("known_metrics", KEDA, f"{TRIGGER} query", "sum(mien_gateway_queue_depth)"),
    Mutation("known_metrics", KEDA, f"{TRIGGER} query", 'mien_gateway_part_up{part="gone"}'),
    Mutation("fallback", KEDA, "spec fallback replicas", 9),
    Mutation("behaviour", HPA, "spec behavior"),
    Mutation("behaviour", KEDA, "spec advanced"),
]

BROKEN_WIRES = [
    Mutation("default_deny", "NetworkPolicy/mien-default-deny", "spec policyTypes", ["Egress"]),
    Mutation("policy_ports", "NetworkPolicy/mien-redis", "spec ingress 0 ports 0 port", 6380),
    Mutation("labels", GATEWAY, "metadata labels helm.sh/chart"),
    Mutation("labels", GATEWAY, "metadata labels app.kubernetes.io/instance"),
    Mutation("names", "PodDisruptionBudget/mien-worker", "metadata name", "mien-gateway"),
    Mutation("names", "PodDisruptionBudget/mien-worker", "metadata name", "w" * 64),
    Mutation("selectors", GATEWAY, f"{SELECTOR}/version", "0.1.0"),
    Mutation("selectors", GATEWAY, f"{SELECTOR}/component"),
    Mutation("selectors", GATEWAY, f"{SELECTOR}/instance", "other"),
    Mutation("services", "Service/mien-gateway", "spec ports 0 targetPort", "web"),
    Mutation(
        "services", "Service/mien-detector", "spec selector app.kubernetes.io/component", "gone"
    ),
    Mutation("headless", "Service/mien-detector", "spec clusterIP"),
    Mutation("private_ports", "Service/mien-gateway", "spec type", "LoadBalancer"),
    Mutation(
        "private_ports", TORCHSERVE, f"{ONE} ports 2 containerPort", 8081, also="policy_ports"
    ),
    Mutation("references", GATEWAY, f"{POD} serviceAccountName", "gone"),
    Mutation("references", GATEWAY, f"{POD} volumes 0 name", "elsewhere"),
    Mutation("allowed_hosts", SETTINGS, "data MIEN_GATEWAY_ALLOWED_HOSTS", "mien.example.org"),
    Mutation("known_settings", SETTINGS, "data MIEN_GATEWAY_REST_PROT", "8000"),
    Mutation("known_settings", SETTINGS, "data MIEN_GATEWAY_REST_PORT", "eighty"),
    Mutation("known_settings", SETTINGS, "data MIEN_INTENDED_PURPOSE", ""),
    Mutation("known_settings", GATEWAY, f"{ONE} image", "mien/gate:0.1.0"),
    Mutation("known_settings", "ConfigMap/mien-detector", "data MIEN_DETECTOR_QUEU", "3"),
    Mutation("paths", SETTINGS, "data MIEN_GATEWAY_REGISTRY", "/etc/mien/registry.yml"),
    Mutation("paths", SETTINGS, "data MIEN_GATEWAY_SPOOL_DIR", "/var/spool"),
    Mutation("substitutions", REDIS, f"{ONE} env 0 name", "REDIS_PASSWD"),
    Mutation("substitutions", "Deployment/mien-worker", f"{ONE} env 1 name", "PASSWORD"),
    Mutation("tensorflow_flags", GPU, f"{ONE} args 0", "--prot=8500"),
    Mutation("tensorflow_flags", "Deployment/mien-tensorflow-canary", f"{ONE} args 0", "--hots=::"),
    Mutation("tensorflow_leaves_room", GPU, f"{ONE} env 1 value", "false"),
]

MUTATIONS = BROKEN_PODS + BROKEN_LIVES + BROKEN_SCALING + BROKEN_WIRES

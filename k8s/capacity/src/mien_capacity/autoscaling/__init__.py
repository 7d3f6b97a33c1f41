"""The rules of the HorizontalPodAutoscaler (autoscaling/v2) and of KEDA."""

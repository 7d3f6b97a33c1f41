"""How the chart's autoscalers follow a day's traffic, and how many pods a load needs."""

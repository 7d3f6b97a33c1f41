"""Where a request's time goes, stage by stage."""

"""What is particular to BPMN: events and gateways by their outlines alone, the signs in them, the icons of tasks."""

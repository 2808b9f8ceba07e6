"""Training of the net that reads BPMN's signs: triggers in events, signs in gateways, icons and markers of tasks."""

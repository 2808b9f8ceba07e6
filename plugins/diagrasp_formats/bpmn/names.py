"""The words of BPMN 2.0 XML beside those of the model."""

from __future__ import annotations

from diagrasp.model import Shape, Trigger

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
OURS = "urn:diagrasp:bpmn:1"
INSIDE = "_inside"
"""Ends the id of the group that an expanded subprocess has beside its node."""

ACTIVITIES: dict[str, Shape] = {
    "task": "task",
    "userTask": "user_task",
    "serviceTask": "service_task",
    "scriptTask": "script_task",
    "sendTask": "send_task",
    "receiveTask": "receive_task",
    "manualTask": "manual_task",
    "businessRuleTask": "business_rule_task",
    "callActivity": "call_activity",
    "subProcess": "subprocess",
    "adHocSubProcess": "subprocess",
    "transaction": "subprocess",
}
EVENTS: dict[str, Shape] = {
    "startEvent": "start_event",
    "intermediateCatchEvent": "intermediate_event",
    "intermediateThrowEvent": "intermediate_event",
    "boundaryEvent": "boundary_event",
    "endEvent": "end_event",
}
GATEWAYS: dict[str, Shape] = {
    "exclusiveGateway": "exclusive_gateway",
    "parallelGateway": "parallel_gateway",
    "inclusiveGateway": "inclusive_gateway",
    "eventBasedGateway": "event_gateway",
    "complexGateway": "complex_gateway",
}
DATA: dict[str, Shape] = {
    "dataObject": "data_object",
    "dataObjectReference": "data_object",
    "dataStoreReference": "data_store",
    "dataInput": "data_object",
    "dataOutput": "data_object",
}
SUBPROCESSES = ("subProcess", "adHocSubProcess", "transaction")
NODES: dict[str, Shape] = {**ACTIVITIES, **EVENTS, **GATEWAYS, **DATA, "textAnnotation": "annotation"}
TRIGGERS: dict[str, Trigger] = {
    "messageEventDefinition": "message",
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "signalEventDefinition": "signal",
    "escalationEventDefinition": "escalation",
    "compensateEventDefinition": "compensation",
    "conditionalEventDefinition": "conditional",
    "linkEventDefinition": "link",
    "terminateEventDefinition": "terminate",
    "cancelEventDefinition": "cancel",
}
QUIET = frozenset(
    {
        "documentation", "extensionElements", "incoming", "outgoing", "laneSet", "ioSpecification", "property",
        "sequenceFlow", "association", "monitoring", "auditing", "supports", "resourceRole", "performer",
        "potentialOwner", "humanPerformer", "standardLoopCharacteristics", "multiInstanceLoopCharacteristics",
        "dataInputAssociation", "dataOutputAssociation", "correlationSubscription", "completionCondition", "group",
        "rendering", "script", "ioBinding", "text",
    }
)  # fmt: skip
"""Children of a process that are no symbols of their own."""


def local(ref: str) -> str:
    """The id in a reference, without the prefix of a qualified name."""
    return ref.strip().rpartition(":")[2]

"""What each node class does here."""

from typing import Any

from services.comfy_sim.node_images import IMAGE_NODES, IMAGE_REPORTS
from services.comfy_sim.node_latents import LATENT_NODES
from services.comfy_sim.node_loaders import LOADERS
from services.comfy_sim.node_savers import SAVERS
from services.comfy_sim.run import Inputs, Node, Report, Run
from services.comfy_sim.values import Token, Values
from workflows_comfy.nodes import NodeClass

NODES: dict[str, Node] = {**LOADERS, **IMAGE_NODES, **LATENT_NODES}
REPORTS: dict[str, Report] = {**SAVERS, **IMAGE_REPORTS}


def run_node(
    class_type: str, node_class: NodeClass, run: Run, inputs: Inputs
) -> tuple[Values, dict[str, Any] | None]:
    """Its outputs by slot, and what it reports, if it does.

    A class of which only the type matters, like a loader, gives tokens.
    """
    node, report = NODES.get(class_type), REPORTS.get(class_type)
    told = report(run, inputs) if report else None
    if node is None:
        return tuple(Token(type_) for type_ in node_class.outputs), told
    return node(run, inputs), told

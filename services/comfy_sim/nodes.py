"""What each node class does here."""

from services.comfy_sim.node_images import IMAGE_NODES
from services.comfy_sim.node_latents import LATENT_NODES
from services.comfy_sim.node_loaders import LOADERS
from services.comfy_sim.run import Inputs, Node, Run
from services.comfy_sim.values import Token, Values
from workflows_comfy.nodes import NodeClass

NODES: dict[str, Node] = {**LOADERS, **IMAGE_NODES, **LATENT_NODES}


def run_node(class_type: str, node_class: NodeClass, run: Run, inputs: Inputs) -> Values:
    """Its outputs by slot; a class of which only the type matters, like a loader, gives tokens."""
    node = NODES.get(class_type)
    if node is None:
        return tuple(Token(type_) for type_ in node_class.outputs)
    return node(run, inputs)

"""What a case hands to peer.py: the work of one step."""

import dataclasses
from collections.abc import Callable

import torch


@dataclasses.dataclass
class Work:
    """One step of a case: `compute (*inputs)`, and what follows from it.

    samples     pictures or sequences a step (a sample is not a view)
    compute     the loss to go backward from; without parameters, the features
    inputs      fixed tensors, made once
    parameters  what AdamW updates; none: inference
    after       runs after the update, e.g. a teacher that follows its student
    """

    samples: int
    compute: Callable[..., torch.Tensor]
    inputs: tuple[torch.Tensor, ...]
    parameters: list[torch.nn.Parameter] = dataclasses.field(default_factory=list)
    after: Callable[[], None] | None = None

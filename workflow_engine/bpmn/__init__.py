"""BPMN 2.0: any workflow as a diagram that other tools open, and block-structured diagrams as workflows.

Source of the vocabulary: OMG BPMN 2.0.2 (formal/2013-12-09), diagram interchange chapter 12.
"""

from .export import to_bpmn
from .importing import from_bpmn

__all__ = ["from_bpmn", "to_bpmn"]

"""The process of the engine bench for Viewflow: first approval (li), a choice by the amount, second approval (wang).

A module of its own, which Viewflow finds again by its name; imported once Django is configured (viewflow_process.py).
"""

from typing import Any

from viewflow import this
from viewflow.workflow import flow


class RequestFlow(flow.Flow):
    start = flow.StartHandle(this.submit).Next(this.first)
    first = flow.View(lambda request: None).Assign(username="li").Next(this.size)
    size = flow.If(lambda activation: activation.process.data["amount"] > 5000).Then(this.second).Else(this.end)
    second = flow.View(lambda request: None).Assign(username="wang").Next(this.end)
    end = flow.End()

    def submit(self, activation: Any, amount: int) -> Any:
        activation.process.data = {"amount": amount, "note": "n"}
        return activation.process

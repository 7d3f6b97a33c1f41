"""stub to be written"""
from dataclasses import dataclass
@dataclass
class Conditions:
    machine: dict
    date: str
    command: str
def write(out, plan, results, conditions):
    results.save(out)

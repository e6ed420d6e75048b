"""Kafka and the processes that read and write it: relay and worker, what they reject and what they measure.

Keeps: order per aggregate on the way to Kafka; offsets are committed after the database; rubbish of one sender costs
the others little; what does not flow is seen, with what to do.
"""

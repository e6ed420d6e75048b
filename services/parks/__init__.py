"""Joint parks and their countersigned agreements.

Owns the aggregates `parks.park` and `parks.agreement`; publishes what happens to them as `parks.park.*` and
`parks.agreement.*`; listens to what is decided about an entry rule whose standard stopped counting, and to
tenants that leave the platform.
"""

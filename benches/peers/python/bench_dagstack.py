"""dagstack-plugin-system: its own dispatchers over trivial in-process plugins.

The hooks of this benchmark belong to no kind that the package ships, so its dispatchers are told
the class (`dispatch_class_override`), which spares them a lookup.
"""

import asyncio
import logging
import sys

from dagstack.plugin_system import (
    BroadcastCollectDispatcher,
    BroadcastNotifyDispatcher,
    CapabilityDispatcher,
    ChainDispatcher,
    NoOpTenantContext,
    PluginContext,
    PluginRegistry,
    load_manifest_from_dict,
)

from measure import Row, measure, payload

PEER = "dagstack"


class Plugin:
    def __init__(self):
        self.calls = 0

    def matches(self, ctx, event):
        return event.get("path") is not None

    def now(self, ctx, event):
        self.calls += 1
        return event

    async def ready(self, ctx, event):
        self.calls += 1
        return event

    async def fresh(self, ctx, event):
        self.calls += 1
        return dict(event)


def registry(count):
    made = PluginRegistry()
    for index in range(count):
        manifest = {
            "schema_version": "1",
            "name": f"plugin-{index:04}",
            "kind": "k",
            "kind_api_version": "1.0.0",
            "core_version": ">=0",
            "runtime": "in_process",
            "entry_point": "bench_dagstack:Plugin",
        }
        made.register_manifest(load_manifest_from_dict(manifest))
    context = PluginContext(
        config={}, logger=logging.getLogger("bench"), registry=made, tenant=NoOpTenantContext()
    )
    asyncio.run(made.setup_all(context))
    return made, context


def rows(n):
    made, context = registry(n)
    event = payload()
    collect = BroadcastCollectDispatcher(made, dispatch_class_override="broadcast_collect")
    notify = BroadcastNotifyDispatcher(made, dispatch_class_override="broadcast_notify")
    chain = ChainDispatcher(made, dispatch_class_override="chain")
    capability = CapabilityDispatcher(made, dispatch_class_override="capability")

    replies, errors = collect.dispatch("k", "now", context, event)
    assert len(replies) == n and errors is None

    def collect_now(count):
        for _ in range(count):
            collect.dispatch("k", "now", context, event)

    async def collect_ready(count):
        for _ in range(count):
            await collect.dispatch_async("k", "ready", context, event)

    async def notify_ready(count):
        for _ in range(count):
            await notify.dispatch_async("k", "ready", context, event)

    async def chain_ready(count):
        for _ in range(count):
            await chain.dispatch_async("k", "ready", context, initial_value=event)

    async def chain_fresh(count):
        for _ in range(count):
            await chain.dispatch_async("k", "fresh", context, initial_value=event)

    async def capability_ready(count):
        for _ in range(count):
            await capability.dispatch_async("k", "ready", context, event)

    return [
        Row(PEER, "collect sync", n, collect_now),
        Row(PEER, "collect async", n, collect_ready),
        Row(PEER, "notify async", n, notify_ready),
        Row(PEER, "chain async", n, chain_ready),
        Row(PEER, "chain fresh", n, chain_fresh),
        Row(PEER, "capability async", n, capability_ready),
    ]


if __name__ == "__main__":
    # The registry imports its plugins by name: this module, and not a second copy of it.
    sys.modules["bench_dagstack"] = sys.modules["__main__"]
    measure(rows(10) + rows(100))

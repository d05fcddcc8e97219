"""pluggy: one hook call over trivial plugins."""

import pluggy

from measure import Row, measure, payload

specification = pluggy.HookspecMarker("bench")
implementation = pluggy.HookimplMarker("bench")


class Hooks:
    @specification
    def hook(self, event):
        pass


class Plugin:
    def __init__(self):
        self.calls = 0

    @implementation
    def hook(self, event):
        self.calls += 1
        return event


def row(n):
    manager = pluggy.PluginManager("bench")
    manager.add_hookspecs(Hooks)
    for index in range(n):
        manager.register(Plugin(), name=f"plugin-{index:04}")
    event = payload()
    assert len(manager.hook.hook(event=event)) == n

    def work(count):
        for _ in range(count):
            manager.hook.hook(event=event)

    return Row("pluggy", "hook", n, work)


if __name__ == "__main__":
    measure([row(10), row(100)])

"""The MCP surface: two tools, resources, prompts; over stdio here, over HTTP mounted by `diagrasp.http`.

Importing this package imports the MCP SDK, which takes half a second: import it where it is used.
"""

import gc

# The SDK builds some thousand classes, among which the collector looks for garbage that is not there: without it the
# import, which is most of the handshake's time over stdio, is a fifth shorter.
_collecting = gc.isenabled()
gc.disable()
try:
    from diagrasp.mcp.server import DiagraspServer, create_server, run_stdio
finally:
    if _collecting:
        gc.enable()

__all__ = ["DiagraspServer", "create_server", "run_stdio"]

"""The MCP surface: two tools, resources, prompts; over stdio here, over HTTP mounted by `diagrasp.http`.

Importing this package imports the MCP SDK, which takes half a second: import it where it is used.
"""

from diagrasp.mcp.server import DiagraspServer, create_server, run_stdio

__all__ = ["DiagraspServer", "create_server", "run_stdio"]

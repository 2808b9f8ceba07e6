"""A chat for diagrasp: an MCP client of the diagrasp server with a page of its own, and nothing more."""

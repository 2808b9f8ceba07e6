"""From a scene and its readings to the typed graph, and how sure it is."""

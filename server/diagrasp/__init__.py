"""diagrasp: pictures of diagrams in, typed graphs out."""

__version__ = "0.1.0"

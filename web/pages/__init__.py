"""One blueprint per area a person sees. A view parses, calls one service and renders."""

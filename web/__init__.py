"""What a person sees: pages rendered on the server, small modules in the browser. Holds no query and no rule."""

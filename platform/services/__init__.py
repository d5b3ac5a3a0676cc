"""The verbs of the business, one module per noun. A function is one use case and one transaction."""

"""The REST API: marshmallow schemas and blueprints over the same services as the pages."""

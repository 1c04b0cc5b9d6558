"""Every JSON document of a project as a typed record, and how the growing ones are written."""

"""What people see: pages, template helpers, facets."""

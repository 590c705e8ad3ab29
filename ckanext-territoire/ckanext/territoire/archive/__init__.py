"""All that is open as one archive, built again only when something changed."""

"""Shows: the published knowledge base becomes pages, JSON and a search API."""

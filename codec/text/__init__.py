"""Object ⇄ JSON, YAML and dict, by Go's rules of what is read and what is omitted."""

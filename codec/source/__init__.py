"""Where stored values live: files, what etcdctl prints, HTTP bodies. It and the command are all that does I/O."""

"""A real etcd and a real kube-apiserver on this machine, for as long as a capture needs them.

Nothing here is part of the library: scripts/capture uses it to make fixtures/etcd."""

package main

func checkAll(out string, versions []string, read []schema, upstream []map[string]*protoFile, merged *union) error {
	return nil
}

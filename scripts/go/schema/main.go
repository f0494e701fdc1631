// Command schema reads the Go types of many Kubernetes releases and writes proto/: one .proto file for each Go package, merged over
// all releases. With -check it reads proto/ back and compares it with every release and with upstream's generated.proto.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	out := flag.String("out", "", "directory of the .proto files")
	only := flag.String("releases", "", "versions to read, newest first, separated by commas (default: every minor release)")
	check := flag.Bool("check", false, "compare the files in -out with every release instead of writing them")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*out, *only, *check); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func run(out, only string, checking bool) error {
	versions := releaseVersions()
	if only != "" {
		versions = strings.Split(only, ",")
	}
	releases, err := locate(versions)
	if err != nil {
		return err
	}
	var read []schema
	var upstream []map[string]*protoFile
	for _, r := range releases {
		s, files, err := readRelease(r)
		if err != nil {
			return err
		}
		read, upstream = append(read, s), append(upstream, files)
	}
	merged, err := merge(versions, read)
	if err != nil {
		return err
	}
	if only == "" {
		if err := merged.settle(); err != nil {
			return err
		}
	}
	if checking {
		return checkAll(out, versions, read, upstream, merged)
	}
	notes, err := parseComments(commentsText)
	if err != nil {
		return err
	}
	notes.partial = only != ""
	if err := writeSchema(out, merged.Schema, notes); err != nil {
		return err
	}
	report(versions[0]+" alone", read[0])
	report(fmt.Sprintf("union of %d releases", len(versions)), merged.Schema)
	return nil
}

func report(title string, s schema) {
	messages, fields, enums, constants := s.counts()
	kinds := 0
	for _, p := range s {
		for _, m := range p.Messages {
			kinds += len(m.Kinds)
		}
	}
	fmt.Printf("%s: %d files, %d messages, %d fields, %d kinds, %d enums with %d constants\n", title, len(s), messages, fields, kinds, enums, constants)
}

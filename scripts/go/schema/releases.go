package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// Modules whose types API servers store or serve as protobuf.
var modules = []string{"k8s.io/api", "k8s.io/apimachinery", "k8s.io/apiextensions-apiserver", "k8s.io/kube-aggregator"}

// One release for each minor; the newest stands at the patch that the oracle is built with (scripts/go/go.mod).
const (
	oldestMinor = 17
	newestMinor = 37
	newestPatch = 2
)

// release is one minor release: where each of its modules lies.
type release struct {
	Version string            // v0.37.2
	Dirs    map[string]string // module path to directory
}

// releaseVersions lists all versions, newest first.
func releaseVersions() []string {
	versions := []string{fmt.Sprintf("v0.%d.%d", newestMinor, newestPatch)}
	for minor := newestMinor - 1; minor >= oldestMinor; minor-- {
		versions = append(versions, fmt.Sprintf("v0.%d.0", minor))
	}
	return versions
}

// locate asks the go command for the modules of the versions, downloading what is missing.
func locate(versions []string) ([]*release, error) {
	args := []string{"mod", "download", "-json"}
	for _, version := range versions {
		for _, module := range modules {
			args = append(args, module+"@"+version)
		}
	}
	command := exec.Command("go", args...)
	command.Dir = os.TempDir() // outside of any module, so that no go.sum is touched
	var stderr bytes.Buffer
	command.Stderr = &stderr
	output, runErr := command.Output()
	found := map[string]string{}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var row struct{ Path, Version, Dir, Error string }
		err := decoder.Decode(&row)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("go mod download: %w: %s", err, stderr.String())
		}
		if row.Error != "" {
			return nil, fmt.Errorf("%s@%s: %s", row.Path, row.Version, row.Error)
		}
		found[row.Path+"@"+row.Version] = row.Dir
	}
	if runErr != nil {
		return nil, fmt.Errorf("go mod download: %w: %s", runErr, strings.TrimSpace(stderr.String()))
	}
	var releases []*release
	for _, version := range versions {
		r := &release{Version: version, Dirs: map[string]string{}}
		for _, module := range modules {
			dir := found[module+"@"+version]
			if dir == "" {
				return nil, fmt.Errorf("%s@%s: not found", module, version)
			}
			r.Dirs[module] = dir
		}
		releases = append(releases, r)
	}
	return releases, nil
}

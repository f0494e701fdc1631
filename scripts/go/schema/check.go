package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The check: what was written is read back and held against every release, field by field, and each release's Go types against
// upstream's own generated.proto.

// upstreamNames: "message#number name of the tag" to the name in generated.proto, where upstream disagreed with itself. Up to v0.30
// these tags carried a name that was put right by hand in generated.proto; the newest tags have it too.
var upstreamNames = map[string]string{
	"k8s.io.api.rbac.v1.Subject#2 aPIGroup":         "apiGroup",
	"k8s.io.api.rbac.v1alpha1.Subject#2 aPIVersion": "apiVersion",
	"k8s.io.api.rbac.v1beta1.Subject#2 aPIGroup":    "apiGroup",
}

type checker struct {
	written  map[string]*protoFile // by protobuf package
	listed   map[conflictKey]bool
	found    map[string]bool // "message#number" of fields that some release has
	renamed  map[string]bool // entries of upstreamNames that were met
	problems []string
	upstream int // fields compared with generated.proto
	fields   int // fields of releases found again
}

func (c *checker) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// checkAll compares the files in dir with the releases, newest first, and prints what was counted.
func checkAll(dir string, versions []string, read []schema, upstream []map[string]*protoFile, merged *union) error {
	c := &checker{written: map[string]*protoFile{}, listed: map[conflictKey]bool{}, found: map[string]bool{}, renamed: map[string]bool{}}
	for _, known := range conflicts {
		c.listed[known.conflictKey] = true
	}
	if err := c.readWritten(dir); err != nil {
		return err
	}
	newest := newestWith(read)
	for i, version := range versions {
		c.release(version, read[i], upstream[i], func(message string) bool { return newest[message] == i })
	}
	for _, key := range sortedKeys(upstreamNames) {
		if !c.renamed[key] {
			c.problem("%s is listed in upstreamNames and no longer occurs", key)
		}
	}
	c.invented()
	c.sameKinds(merged.Schema)
	c.enums(merged.Schema)
	fmt.Printf("checked %d releases: %d fields agree with generated.proto, %d fields found again in %s\n", len(versions), c.upstream, c.fields, dir)
	if c.problems == nil {
		return nil
	}
	slices.Sort(c.problems)
	return fmt.Errorf("%d problems:\n  %s", len(c.problems), strings.Join(c.problems, "\n  "))
}

// readWritten reads every file below dir but the options themselves.
func (c *checker) readWritten(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".proto") || strings.HasSuffix(filepath.ToSlash(path), "/"+optionsFile) {
			return err
		}
		file, err := readProto(path)
		if err != nil {
			return err
		}
		if c.written[file.Package] != nil {
			return fmt.Errorf("%s: a second file of package %s", path, file.Package)
		}
		c.written[file.Package] = file
		return nil
	})
}

// newestWith gives for each message the index of the newest release that has it.
func newestWith(read []schema) map[string]int {
	newest := map[string]int{}
	for i, s := range read {
		for _, p := range s {
			for name := range p.Messages {
				full := p.Name + "." + name
				if _, known := newest[full]; !known {
					newest[full] = i
				}
			}
		}
	}
	return newest
}

func (file *protoFile) message(name string) *protoMessage {
	if file != nil {
		for _, m := range file.Messages {
			if m.Name == name {
				return m
			}
		}
	}
	return nil
}

func (m *protoMessage) field(number int) *protoField {
	for _, f := range m.Fields {
		if f.Number == number {
			return f
		}
	}
	return nil
}

func (f *protoField) has(option string) bool {
	return slices.Contains(f.Options["(codec."+option+")"], "true")
}

// wireType renders as field.wireType does.
func (f *protoField) wireType(file *protoFile) string {
	if f.MapKey != "" {
		return "map<" + f.MapKey + ", " + file.typeRef(f.Type).String() + ">"
	}
	return file.typeRef(f.Type).String()
}

func (c *checker) release(version string, read schema, upstream map[string]*protoFile, isNewest func(string) bool) {
	for _, name := range sortedKeys(read) {
		p := read[name]
		for _, messageName := range sortedKeys(p.Messages) {
			m, full := p.Messages[messageName], name+"."+messageName
			c.againstUpstream(version, full, m, upstream[name])
			c.againstWritten(version, full, m, isNewest(full))
		}
		if len(upstream[name].Messages) != len(p.Messages) {
			c.problem("%s %s: %d messages, generated.proto has %d", version, name, len(p.Messages), len(upstream[name].Messages))
		}
	}
}

// againstUpstream: names, numbers, types and labels as in generated.proto. Its labels know no difference between value and pointer.
func (c *checker) againstUpstream(version, full string, m *message, file *protoFile) {
	theirs := file.message(m.Name)
	if theirs == nil {
		c.problem("%s %s: not in generated.proto", version, full)
		return
	}
	if len(theirs.Fields) != len(m.Fields) {
		c.problem("%s %s: %d fields, generated.proto has %d", version, full, len(m.Fields), len(theirs.Fields))
	}
	for _, f := range m.Fields {
		their := theirs.field(f.Number)
		if their == nil {
			c.problem("%s %s.%s: generated.proto has no number %d", version, full, f.Name, f.Number)
			continue
		}
		name := f.Name
		if other, known := upstreamNames[fmt.Sprintf("%s#%d %s", full, f.Number, name)]; known && their.Name == other {
			c.renamed[fmt.Sprintf("%s#%d %s", full, f.Number, name)] = true
			name = other
		}
		label := map[label]string{labelValue: "optional", labelOptional: "optional", labelRepeated: "repeated", labelMap: ""}[f.Label]
		if their.Name != name || their.wireType(file) != f.wireType() || their.Label != label {
			c.problem("%s %s.%s: %s %s, generated.proto has %s %s %s", version, full, f.Name, label, f.wireType(), their.Label, their.wireType(file), their.Name)
		}
		c.upstream++
	}
}

// againstWritten: the field stands in proto/ with number, type and presence, unless the difference is a listed conflict.
func (c *checker) againstWritten(version, full string, m *message, newest bool) {
	pkg, name := splitFull(full)
	file := c.written[pkg]
	ours := file.message(name)
	if ours == nil {
		c.problem("%s %s: not in proto/", version, full)
		return
	}
	if form := strings.Join(ours.Options["(codec.form)"], " "); form != m.Form {
		c.problem("%s %s: form %q, proto/ has %q", version, full, m.Form, form)
	}
	if slices.Contains(ours.Options["(codec.type_meta)"], "true") != m.TypeMeta {
		c.problem("%s %s: TypeMeta differs", version, full)
	}
	for _, f := range m.Fields {
		our := ours.field(f.Number)
		if our == nil {
			c.problem("%s %s.%s: number %d is not in proto/", version, full, f.Name, f.Number)
			continue
		}
		c.found[fmt.Sprintf("%s#%d", full, f.Number)] = true
		c.fields++
		written := our.model(file, m.Form != "", f)
		if newest && written.WasValue {
			c.problem("%s %s.%s: was_value, and the newest release has it", version, full, f.Name)
		}
		for _, key := range differences(full, f, written) {
			if !c.listed[key] && (key.Aspect != "always" || !c.dropped(f, written, newest)) {
				c.problem("%s %s.%s: %s %q, proto/ has %q", version, full, f.Name, key.Aspect, key.Was, key.Now)
			}
		}
	}
	if newest {
		c.order(version, full, m, ours)
	}
}

// dropped: what only older releases print always is printed no more.
func (c *checker) dropped(f, written *field, newest bool) bool {
	return !newest && f.Always && !written.Always && f.Label != labelValue
}

// model reads a written field back as the generator means it. JSON names default as protoc does; one that neither side can show is
// taken from the Go field.
func (f *protoField) model(file *protoFile, form bool, goField *field) *field {
	m := &field{Name: f.Name, Number: f.Number, Type: file.typeRef(f.Type), Always: f.has("always"), Inline: f.has("inline"), WasValue: f.has("was_value")}
	switch {
	case f.MapKey != "":
		m.Label, m.Key = labelMap, file.typeRef(f.MapKey)
	case f.Label == "repeated":
		m.Label = labelRepeated
	case f.Label == "optional":
		m.Label = labelOptional
	}
	m.JSON = defaultJSONName(f.Name)
	if names := f.Options["json_name"]; names != nil {
		m.JSON = names[0]
	}
	if (form || m.Inline) && f.Options["json_name"] == nil {
		m.JSON = goField.JSON
	}
	return m
}

// order: the newest release's fields stand in the order of its Go struct.
func (c *checker) order(version, full string, m *message, ours *protoMessage) {
	at := -1
	for _, f := range m.Fields {
		i := slices.IndexFunc(ours.Fields, func(our *protoField) bool { return our.Number == f.Number })
		if i < at {
			c.problem("%s %s.%s: out of order in proto/", version, full, f.Name)
		}
		at = i
	}
}

// invented finds fields in proto/ that no release has.
func (c *checker) invented() {
	for _, pkg := range sortedKeys(c.written) {
		for _, m := range c.written[pkg].Messages {
			for _, f := range m.Fields {
				if key := fmt.Sprintf("%s.%s#%d", pkg, m.Name, f.Number); !c.found[key] {
					c.problem("%s (%s): in proto/ and in no release", key, f.Name)
				}
			}
		}
	}
}

// sameKinds: the kinds in proto/ are those registered in any release, each by one message.
func (c *checker) sameKinds(merged schema) {
	owner := map[string]string{}
	for _, pkg := range sortedKeys(c.written) {
		for _, m := range c.written[pkg].Messages {
			full := pkg + "." + m.Name
			for _, kind := range m.Options["(codec.kind)"] {
				if owner[kind] != "" {
					c.problem("%s: both %s and %s", kind, owner[kind], full)
				}
				owner[kind] = full
			}
			known := merged.message(full)
			if known == nil || !slices.Equal(known.Kinds, m.Options["(codec.kind)"]) {
				c.problem("%s: other kinds than registered: %q", full, m.Options["(codec.kind)"])
			}
		}
	}
	fmt.Printf("%d kinds in proto/\n", len(owner))
}

// enums: every constant of every release is there with its text, and every enum that a field names exists.
func (c *checker) enums(merged schema) {
	declared := map[string]bool{}
	for _, pkg := range sortedKeys(c.written) {
		for _, e := range c.written[pkg].Enums {
			declared[pkg+"."+e.Name] = true
			var texts, want []string
			for i, v := range e.Values {
				if v.Number != i {
					c.problem("%s.%s: %s is number %d", pkg, e.Name, v.Name, v.Number)
				}
				texts = append(texts, v.Options["(codec.text)"]...)
			}
			if known := merged[pkg].Enums[e.Name]; known != nil {
				for _, constant := range known.Constants {
					want = append(want, constant.Text)
				}
			}
			if !slices.Equal(texts, want) {
				c.problem("%s.%s: texts %q, the releases have %q", pkg, e.Name, texts, want)
			}
		}
	}
	for _, pkg := range sortedKeys(merged) {
		for name := range merged[pkg].Enums {
			if !declared[pkg+"."+name] {
				c.problem("%s.%s: the enum is not in proto/", pkg, name)
			}
		}
		if c.written[pkg] == nil {
			c.problem("%s: no file in proto/", pkg)
			continue
		}
		for _, m := range c.written[pkg].Messages {
			for _, f := range m.Fields {
				for _, name := range f.Options["(codec.enum)"] {
					if !declared[name] {
						c.problem("%s.%s.%s: no enum %s", pkg, m.Name, f.Name, name)
					}
				}
			}
		}
	}
}

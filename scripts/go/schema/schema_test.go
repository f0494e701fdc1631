package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestMemberNames(t *testing.T) {
	cases := []struct {
		enum  string
		names []string
		want  []string
	}{
		{"Protocol", []string{"ProtocolTCP", "ProtocolUDP"}, []string{"TCP", "UDP"}},
		{"ConditionStatus", []string{"ConditionTrue"}, []string{"True"}},
		{"PodPhase", []string{"PodRunning"}, []string{"Running"}},
		{"ServiceType", []string{"ServiceTypeClusterIP"}, []string{"ClusterIP"}},
		{"DNSPolicy", []string{"DNSClusterFirst", "DNSNone"}, []string{"ClusterFirst", "None"}},
		{"PersistentVolumeAccessMode", []string{"ReadWriteOnce"}, []string{"ReadWriteOnce"}},
		{"PersistentVolumeClaimPhase", []string{"ClaimBound"}, []string{"Bound"}},
		{"Level", []string{"Level", "LevelNone"}, []string{"Level", "None"}},
		{"Mode", []string{"Mode1", "ModeA"}, []string{"Mode1", "A"}},
		{"Kind", []string{"KindA", "A"}, []string{"KindA", "A"}},
		{"RetentionType", []string{"RetentionRetentionType"}, []string{"RetentionRetentionType"}},
	}
	for _, c := range cases {
		e := &enum{Name: c.enum}
		for _, name := range c.names {
			e.Constants = append(e.Constants, constant{GoName: name})
		}
		got, err := memberNames(e)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s %q: %q, %v; want %q", c.enum, c.names, got, err, c.want)
		}
	}
	if _, err := memberNames(&enum{Name: "E", Constants: []constant{{GoName: "AB"}, {GoName: "Ab"}}}); err == nil {
		t.Error("members that differ by case alone were taken")
	}
}

func stringField(name string, number int, label label) *field {
	return &field{Name: name, Number: number, Label: label, Type: typeRef{Kind: kindString}, JSON: name}
}

func oneMessage(fields ...*field) schema {
	return schema{"p": {Name: "p", File: "p/v1", Enums: map[string]*enum{}, Messages: map[string]*message{"M": {Name: "M", Fields: fields}}}}
}

func TestMergeKeepsDroppedFieldsAtTheirPlace(t *testing.T) {
	newest := oneMessage(stringField("a", 1, labelValue), stringField("c", 3, labelOptional))
	older := oneMessage(stringField("a", 1, labelValue), stringField("b", 2, labelValue), stringField("c", 3, labelOptional), stringField("d", 4, labelOptional))
	u, err := merge([]string{"v2", "v1"}, []schema{newest, older})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range u.Schema["p"].Messages["M"].Fields {
		names = append(names, f.Name)
	}
	if !slices.Equal(names, []string{"a", "b", "c", "d"}) {
		t.Errorf("order %q", names)
	}
	b, d := u.Schema.message("p.M").byName("b"), u.Schema.message("p.M").byName("d")
	if !b.WasValue || b.Label != labelOptional {
		t.Errorf("a dropped value: %+v", b)
	}
	if d.WasValue || d.Label != labelOptional {
		t.Errorf("a dropped pointer: %+v", d)
	}
	if len(u.Met) != 0 {
		t.Errorf("conflicts: %v", u.Met)
	}
	if older.message("p.M").byName("b").WasValue {
		t.Error("the release itself was changed")
	}
}

func TestMergeNoticesEveryDifference(t *testing.T) {
	change := map[string]func(f *field){
		"name":     func(f *field) { f.Name = "other" },
		"type":     func(f *field) { f.Type = typeRef{Kind: kindInt32} },
		"presence": func(f *field) { f.Label = labelOptional },
		"json":     func(f *field) { f.JSON = "other" },
		"always":   func(f *field) { f.Always = true },
		"inline":   func(f *field) { f.Inline = true },
	}
	for aspect, apply := range change {
		changed := stringField("a", 1, labelValue)
		apply(changed)
		u, err := merge([]string{"v2", "v1"}, []schema{oneMessage(stringField("a", 1, labelValue)), oneMessage(changed)})
		if err != nil {
			t.Fatal(err)
		}
		if len(u.Met) != 1 {
			t.Errorf("%s: %v", aspect, u.Met)
		}
		for key := range u.Met {
			if key.Aspect != aspect {
				t.Errorf("%s: noticed as %s", aspect, key.Aspect)
			}
		}
	}
	if _, err := merge([]string{"v2", "v1"}, []schema{oneMessage(stringField("a", 1, labelValue)), oneMessage(stringField("a", 2, labelValue))}); err == nil {
		t.Error("a changed number was taken")
	}
}

func TestSettleRefusesUnlistedAndStaleConflicts(t *testing.T) {
	met := map[conflictKey][]string{}
	for _, c := range conflicts {
		met[c.conflictKey] = []string{"v1"}
	}
	u := &union{Met: met}
	if err := u.settle(); err != nil {
		t.Fatal(err)
	}
	extra := conflictKey{"p.M#1", "name", "a", "b"}
	met[extra] = []string{"v1"}
	if err := u.settle(); err == nil || !strings.Contains(err.Error(), "p.M#1: name was") {
		t.Errorf("an unlisted conflict: %v", err)
	}
	delete(met, extra)
	delete(met, conflicts[0].conflictKey)
	if err := u.settle(); err == nil || !strings.Contains(err.Error(), "no longer occurs") {
		t.Errorf("a stale entry: %v", err)
	}
}

func TestJSONTags(t *testing.T) {
	cases := []struct {
		tag                   string
		embedded, structValue bool
		want                  string
		always, inline        bool
	}{
		{"a", false, false, "a", true, false},
		{"a,omitempty", false, false, "a", false, false},
		{"a,omitempty", false, true, "a", true, false},
		{"a,omitempty,omitzero", false, true, "a", false, false},
		{"", false, false, "GoName", true, false},
		{"-", false, false, "", false, false},
		{"", true, true, "", false, true},
		{",inline", true, true, "", false, true},
		{"metadata,omitempty", true, true, "metadata", true, false},
	}
	for _, c := range cases {
		f := &field{Type: typeRef{Kind: kindMessage}}
		if err := f.readJSONTag(c.tag, "GoName", c.embedded, c.structValue); err != nil {
			t.Fatal(err)
		}
		if f.JSON != c.want || f.Always != c.always || f.Inline != c.inline {
			t.Errorf("%+v: %+v", c, f)
		}
	}
	if err := new(field).readJSONTag("a,string", "A", false, false); err == nil {
		t.Error("an unknown option was taken")
	}
}

func TestCommentsOfWhatDoesNotExistFail(t *testing.T) {
	for text, want := range map[string]string{
		"message p.M\n  About.\nfield a\n  One.\n":                      "",
		"message p.M\n  About.\n":                                       "p.M:a has no comment",
		"message p.M\n  About.\nfield a\n  One.\nfield b\n  Two.\n":     "p.M:b does not exist",
		"message p.M p.N\n  About.\nfield a\n  One.\n":                  "p.N does not exist",
		"message p.M\n  About.\nfield a\n":                              "p.M:a has no text",
		"message p.M\n  About.\nfield a\n  One.\nfield a\n  Twice.\n":   "is there twice",
		"message p.M\n  About.\n\n  More.\nfield a\n  One.\nnonsense\n": "neither message nor field",
	} {
		notes, err := parseComments(text)
		if err == nil {
			err = writeSchemaNamed(t, notes)
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// writeSchemaNamed writes a schema of one message in a group that about.go knows.
func writeSchemaNamed(t *testing.T, notes *comments) error {
	t.Helper()
	s := oneMessage(stringField("a", 1, labelValue))
	s["p"].File = "core/v1"
	return writeSchema(t.TempDir(), s, notes)
}

// TestCheckNoticesTampering changes written files in one place each and expects the check to name it.
func TestCheckNoticesTampering(t *testing.T) {
	version := releaseVersions()[:1]
	releases, err := locate(version)
	if err != nil {
		t.Fatal(err)
	}
	read, upstream, err := readRelease(releases[0])
	if err != nil {
		t.Fatal(err)
	}
	merged, err := merge(version, []schema{read})
	if err != nil {
		t.Fatal(err)
	}
	notes, err := parseComments("")
	if err != nil {
		t.Fatal(err)
	}
	saved := upstreamNames
	upstreamNames = map[string]string{} // of older releases
	defer func() { upstreamNames = saved }()
	for _, c := range []struct{ file, old, new, want string }{
		{"core/v1", "", "", ""},
		{"core/v1", "  int32 port = 2 [(codec.always) = true];\n  string protocol = 3", "  int32 port = 5 [(codec.always) = true];\n  string protocol = 3", "EndpointPort.port: number 2 is not in proto/"},
		{"core/v1", "  int32 port = 2 [(codec.always) = true];\n  string protocol = 3", "  int64 port = 2 [(codec.always) = true];\n  string protocol = 3", `type "int32", proto/ has "int64"`},
		{"core/v1", "  optional string appProtocol = 4;", "  string appProtocol = 4;", `presence "optional", proto/ has "value"`},
		{"core/v1", `option (codec.kind) = "v1 Endpoints";`, `option (codec.kind) = "v2 Endpoints";`, "other kinds than registered"},
		{"core/v1", `(codec.text) = "SCTP"`, `(codec.text) = "SCTQ"`, "k8s.io.api.core.v1.Protocol: texts"},
		{"meta/v1", `(codec.form) = "time"`, `(codec.form) = "tome"`, `form "time", proto/ has "tome"`},
		{"meta/v1", "  string generateName = 2;\n  string namespace = 3;\n", "  string namespace = 3;\n  string generateName = 2;\n", "out of order"},
		{"meta/v1", "message Verbs {", "message Nothing {\n  string more = 1;\n}\n\nmessage Verbs {", "in no release"},
	} {
		dir := t.TempDir()
		if err := writeSchema(dir, merged.Schema, notes); err != nil {
			t.Fatal(err)
		}
		if c.old != "" {
			path := filepath.Join(dir, c.file+".proto")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(string(text), c.old) == 0 {
				t.Fatalf("%s does not have %q", c.file, c.old)
			}
			if err := os.WriteFile(path, []byte(strings.Replace(string(text), c.old, c.new, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		saveConflicts := conflicts
		conflicts = nil
		err := checkAll(dir, version, []schema{read}, []map[string]*protoFile{upstream}, merged)
		conflicts = saveConflicts
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s %q: %v, want %q", c.file, c.new, err, c.want)
		}
	}
}

// TestUnlistedEncodingMethodStops: a type with a MarshalJSON that forms.go does not know is not read as a plain object.
func TestUnlistedEncodingMethodStops(t *testing.T) {
	releases, err := locate(releaseVersions()[:1])
	if err != nil {
		t.Fatal(err)
	}
	saved := forms[metaV1Package+".GroupVersion"]
	delete(forms, metaV1Package+".GroupVersion")
	defer func() { forms[metaV1Package+".GroupVersion"] = saved }()
	if _, _, err := readRelease(releases[0]); err == nil || !strings.Contains(err.Error(), "is not listed in forms.go") {
		t.Errorf("%v", err)
	}
}

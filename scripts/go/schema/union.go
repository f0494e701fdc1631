package main

import (
	"fmt"
	"slices"
)

// Many releases become one schema. The newest wins; what only older ones had is kept at its place; every difference that the wire
// or JSON would show must stand in conflicts.go.

// conflictKey is one difference between an older release and the union.
type conflictKey struct {
	Field  string // full message name, "#", field number
	Aspect string // name, type, presence, json, always, inline
	Was    string
	Now    string
}

// union is the merged schema and the conflicts met on the way, each with the releases that differ.
type union struct {
	Schema schema
	Met    map[conflictKey][]string
}

// merge takes releases' schemas, newest first.
func merge(versions []string, releases []schema) (*union, error) {
	u := &union{Schema: schema{}, Met: map[conflictKey][]string{}}
	for i, read := range releases {
		for _, name := range sortedKeys(read) {
			if err := u.mergePackage(versions[i], read[name]); err != nil {
				return nil, fmt.Errorf("%s: %w", versions[i], err)
			}
		}
	}
	return u, nil
}

func (u *union) mergePackage(version string, older *protoPackage) error {
	p := u.Schema[older.Name]
	if p == nil {
		p = &protoPackage{Name: older.Name, File: older.File, Messages: map[string]*message{}, Enums: map[string]*enum{}}
		u.Schema[older.Name] = p
	}
	for _, name := range sortedKeys(older.Messages) {
		m := p.Messages[name]
		if m == nil {
			p.Messages[name] = older.Messages[name].clone()
			continue
		}
		if err := u.mergeMessage(version, older.Name, m, older.Messages[name]); err != nil {
			return fmt.Errorf("%s.%s: %w", older.Name, name, err)
		}
	}
	for _, name := range sortedKeys(older.Enums) {
		e := p.Enums[name]
		if e == nil {
			p.Enums[name] = &enum{Name: name, Constants: slices.Clone(older.Enums[name].Constants)}
			continue
		}
		e.Constants = mergeOrdered(e.Constants, older.Enums[name].Constants, func(a, b constant) bool { return a.GoName == b.GoName })
	}
	return nil
}

func (m *message) clone() *message {
	c := *m
	c.Kinds = slices.Clone(m.Kinds)
	c.Fields = make([]*field, len(m.Fields))
	for i, f := range m.Fields {
		copied := *f
		c.Fields[i] = &copied
	}
	return &c
}

// mergeOrdered inserts what only the older list has, each behind the nearest predecessor that both know.
func mergeOrdered[T any](merged, older []T, same func(a, b T) bool) []T {
	at := 0
	for _, item := range older {
		if i := slices.IndexFunc(merged, func(known T) bool { return same(known, item) }); i >= 0 {
			at = i + 1
			continue
		}
		merged = slices.Insert(merged, at, item)
		at++
	}
	return merged
}

func (u *union) mergeMessage(version, pkg string, m, older *message) error {
	if m.Form != older.Form || m.TypeMeta != older.TypeMeta {
		return fmt.Errorf("form or TypeMeta changed")
	}
	for _, kind := range older.Kinds {
		m.addKind(kind)
	}
	var dropped []*field
	for _, was := range older.Fields {
		now := m.byNumber(was.Number)
		if now == nil {
			if now = m.byName(was.Name); now != nil {
				return fmt.Errorf("%s changed its number from %d to %d", was.Name, was.Number, now.Number)
			}
			dropped = append(dropped, was)
			continue
		}
		for _, key := range differences(pkg+"."+m.Name, was, now) {
			u.Met[key] = append(u.Met[key], version)
		}
	}
	kept := make([]*field, len(older.Fields))
	for i, was := range older.Fields {
		kept[i] = was
		if slices.Contains(dropped, was) {
			kept[i] = was.dropped()
		}
	}
	m.Fields = mergeOrdered(m.Fields, kept, func(a, b *field) bool { return a.Number == b.Number })
	return nil
}

// dropped is the field as a release keeps it that no longer has it: never printed or written of its own accord.
func (f *field) dropped() *field {
	d := *f
	d.Always = false
	if d.Label == labelValue {
		d.Label, d.WasValue = labelOptional, true
	}
	return &d
}

// differences lists what a release says otherwise than the union.
func differences(message string, was, now *field) []conflictKey {
	var found []conflictKey
	compare := func(aspect, a, b string) {
		if a != b {
			found = append(found, conflictKey{Field: fmt.Sprintf("%s#%d", message, now.Number), Aspect: aspect, Was: a, Now: b})
		}
	}
	compare("name", was.Name, now.Name)
	compare("type", was.wireType(), now.wireType())
	nowLabel := now.Label
	if now.WasValue {
		nowLabel = labelValue
	}
	compare("presence", was.Label.String(), nowLabel.String())
	compare("json", was.JSON, now.JSON)
	compare("inline", fmt.Sprint(was.Inline), fmt.Sprint(now.Inline))
	if !now.WasValue {
		compare("always", fmt.Sprint(was.Always), fmt.Sprint(now.Always))
	}
	return found
}

// settle holds the conflicts met against the list: an unlisted one and a listed one that no longer occurs both fail.
func (u *union) settle() error {
	listed := map[conflictKey]bool{}
	for _, c := range conflicts {
		if c.Reason == "" {
			return fmt.Errorf("conflicts.go: %s %s has no reason", c.Field, c.Aspect)
		}
		if listed[c.conflictKey] {
			return fmt.Errorf("conflicts.go: %s %s is listed twice", c.Field, c.Aspect)
		}
		listed[c.conflictKey] = true
	}
	var problems []string
	for key, versions := range u.Met {
		if !listed[key] {
			problems = append(problems, fmt.Sprintf("%s: %s was %q in %s … %s and is %q now; not listed in conflicts.go",
				key.Field, key.Aspect, key.Was, versions[len(versions)-1], versions[0], key.Now))
		}
	}
	for key := range listed {
		if u.Met[key] == nil {
			problems = append(problems, fmt.Sprintf("%s: %s %q → %q is listed in conflicts.go and no longer occurs", key.Field, key.Aspect, key.Was, key.Now))
		}
	}
	if problems == nil {
		return nil
	}
	slices.Sort(problems)
	text := ""
	for _, problem := range problems {
		text += "\n  " + problem
	}
	return fmt.Errorf("%d conflicts between releases:%s", len(problems), text)
}

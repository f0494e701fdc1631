package k8s

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// How much of an object a Filler fills.
type style int

const (
	realistic style = iota // about what people store: some pointers, zero to three items
	full                   // every field, two items everywhere
	scalars                // the plain values of one struct, nothing below it
	wild                   // anything that the types can hold
)

// A Filler gives the fields of Go API types values that read like real ones. The same seed gives
// the same values, whatever else was filled before.
type Filler struct {
	random *rand.Rand
	style  style
	depth  int
	active map[reflect.Type]int // struct types being filled right now; bounds recursive ones
}

func newFiller(style style, seed string) *Filler {
	hash := fnv.New64a()
	hash.Write([]byte(seed))
	return &Filler{rand.New(rand.NewPCG(hash.Sum64(), 0)), style, 0, map[reflect.Type]int{}}
}

// Realistic makes an object of the kind as one would find it in a cluster.
func Realistic(kind Kind, seed string) runtime.Object { return newFiller(realistic, seed).object(kind) }

// Full makes an object of the kind with every field set that the type can hold at once.
func Full(kind Kind, seed string) runtime.Object { return newFiller(full, seed).object(kind) }

// Wild makes an object of the kind with anything in it that Go can store and read again.
func Wild(kind Kind, seed string) runtime.Object { return newFiller(wild, seed).object(kind) }

func (f *Filler) object(kind Kind) runtime.Object {
	object := kind.New()
	f.structure(reflect.ValueOf(object).Elem())
	return object
}

// deepest is the depth below which lists have one item in full objects and are mostly empty in
// realistic ones; without a bound a Pod's size would run away.
const deepest = 6

// structure fills a struct. One that has no scalars of its own, as DeploymentSpec.template, gets
// something from below, so that it is not left zero.
func (f *Filler) structure(v reflect.Value) {
	f.fields(v)
	if f.style != scalars || v.NumField() == 0 {
		return
	}
	f.style = realistic
	for range 8 {
		if !v.IsZero() {
			break
		}
		f.fields(v)
	}
	f.style = scalars
}

// fields fills the fields of a struct, in order.
func (f *Filler) fields(v reflect.Value) {
	t := v.Type()
	f.active[t]++
	f.depth++
	defer func() {
		f.active[t]--
		f.depth--
	}()
	only := -1
	if f.style == realistic && isUnion(t) {
		only = f.random.IntN(t.NumField())
	}
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Name == "TypeMeta" || field.Tag.Get("protobuf") == "" {
			continue // TypeMeta is not on the wire; the rest are Go-only, as RawExtension.Object
		}
		if only >= 0 && only != i && f.random.IntN(20) > 0 {
			continue
		}
		name := JSONName(field)
		if only != i && !f.wants(v.Field(i), name) {
			continue
		}
		f.value(v.Field(i), name)
	}
}

// isUnion tells whether a struct looks like a choice: nothing but pointers to structs, as VolumeSource.
func isUnion(t reflect.Type) bool {
	for i := range t.NumField() {
		if ft := t.Field(i).Type; ft.Kind() != reflect.Pointer || ft.Elem().Kind() != reflect.Struct {
			return false
		}
	}
	return t.NumField() > 1
}

// counted are integers that stay small in life.
var counted = map[string]bool{
	"generation": true, "observedgeneration": true, "replicas": true, "readyreplicas": true, "updatedreplicas": true,
	"availablereplicas": true, "minreplicas": true, "maxreplicas": true, "parallelism": true, "completions": true, "weight": true,
}

// rare are fields of nearly every object that are seldom set, or that storage holds empty.
var rare = map[string]bool{
	"selfLink": true, "resourceVersion": true, "generateName": true, "deletionTimestamp": true,
	"deletionGracePeriodSeconds": true, "continue": true, "remainingItemCount": true,
}

// wants decides whether a field is filled at all.
func (f *Filler) wants(v reflect.Value, name string) bool {
	t := v.Type()
	element := t
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		element = t.Elem()
	}
	if element.Kind() == reflect.Struct && f.active[element] >= 2 {
		return false
	}
	switch f.style {
	case full:
		return true
	case scalars:
		return special(t) || element.Kind() != reflect.Struct && t.Kind() != reflect.Map && t.Kind() != reflect.Slice
	}
	if rare[name] && f.style == realistic {
		return f.random.IntN(12) == 0
	}
	switch t.Kind() {
	case reflect.Struct:
		return !special(t) || f.random.IntN(4) > 0
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return f.random.IntN(10) < max(2, 8-f.depth)
	case reflect.String:
		if _, known := byField[strings.ToLower(name)]; known {
			return f.random.IntN(20) > 0
		}
		return f.random.IntN(10) < 7
	case reflect.Bool:
		return f.random.IntN(10) < 3
	default:
		return f.random.IntN(10) < 7
	}
}

// value gives one field, item or map value something that differs from its zero value, except
// that a realistic pointer may point to zero.
func (f *Filler) value(v reflect.Value, name string) {
	if made, ok := f.special(v.Type()); ok {
		v.Set(made)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		pointed := reflect.New(v.Type().Elem())
		if f.style == full || f.style == scalars || special(pointed.Elem().Type()) || f.random.IntN(7) > 0 {
			f.value(pointed.Elem(), name)
		}
		v.Set(pointed)
	case reflect.Struct:
		f.structure(v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(f.bytes())
			return
		}
		items := reflect.MakeSlice(v.Type(), f.count(), 4)
		for i := range items.Len() {
			f.item(items, i, name)
		}
		v.Set(items)
	case reflect.Map:
		v.Set(f.mapping(v.Type(), name))
	case reflect.String:
		v.SetString(f.text(v.Type(), name))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(f.integer(name, v.Type().Bits()))
	case reflect.Float64:
		if f.style == wild {
			v.SetFloat(f.wildFloat())
			return
		}
		v.SetFloat(f.pick64(0.5, -1, 100, 1e21, 1e-7, 3.141592653589793, -2.5e-9, 1e6, math.MaxInt32))
	default:
		panic("no filler for " + v.Type().String())
	}
}

// item fills one item of a list, with a few tries to differ from the one before.
func (f *Filler) item(items reflect.Value, i int, name string) {
	for range 4 {
		items.Index(i).SetZero()
		f.value(items.Index(i), name)
		if i == 0 || !reflect.DeepEqual(items.Index(i).Interface(), items.Index(i-1).Interface()) {
			return
		}
	}
}

// count is how many items a list gets.
func (f *Filler) count() int {
	switch {
	case f.style == full && f.depth < deepest:
		return 2
	case f.style == full || f.style == scalars || f.depth >= deepest:
		return 1
	default:
		return []int{1, 1, 2, 3}[f.random.IntN(4)]
	}
}

func (f *Filler) mapping(t reflect.Type, name string) reflect.Value {
	keys := keyWords
	if known, ok := keysByField[strings.ToLower(name)]; ok {
		keys = known
	}
	if known, ok := keysByType[t.Key().Name()]; ok {
		keys = known
	}
	entries := reflect.MakeMap(t)
	if f.style == wild {
		keys = []string{f.wildText(), f.wildText(), f.pick(keys), f.pick(keyWords)}
	}
	for _, i := range f.random.Perm(len(keys))[:min(len(keys), f.count()+1)] {
		item := reflect.New(t.Elem()).Elem()
		f.value(item, name)
		entries.SetMapIndex(reflect.ValueOf(keys[i]).Convert(t.Key()), item)
	}
	return entries
}

func (f *Filler) text(t reflect.Type, name string) string {
	if f.style == wild {
		return f.wildText()
	}
	name = strings.ToLower(name)
	if f.style == realistic && freeText[name] && f.random.IntN(4) == 0 {
		return f.pick(oddities)
	}
	for _, choices := range [][]string{byType[t.Name()], byField[name], words} {
		if len(choices) > 0 {
			return f.pick(choices)
		}
	}
	panic("unreachable")
}

func (f *Filler) integer(name string, bits int) int64 {
	if f.style == wild {
		return int64(f.random.Uint64()) >> (64 - bits + f.random.IntN(bits))
	}
	name = strings.ToLower(name)
	switch {
	case strings.HasSuffix(name, "port"):
		return []int64{80, 443, 6033, 8080, 65535}[f.random.IntN(5)]
	case strings.HasPrefix(name, "runas") || name == "fsgroup":
		return []int64{1000, 65534}[f.random.IntN(2)]
	case strings.HasSuffix(name, "mode"):
		return 0o644
	case f.style == realistic && counted[name]:
		return 1 + f.random.Int64N(9)
	}
	switch n := f.random.IntN(20); {
	case n == 0:
		return 1<<(bits-1) - 1
	case n == 1:
		return -1 << (bits - 1)
	case n == 2:
		return -1 - f.random.Int64N(1000)
	case n < 6:
		return f.random.Int64N(1 << 31)
	default:
		return 1 + f.random.Int64N(300)
	}
}

func (f *Filler) bytes() []byte {
	data := make([]byte, 1+f.random.IntN(24))
	for i := range data {
		data[i] = byte(f.random.IntN(256))
	}
	return data
}

func (f *Filler) pick(choices []string) string { return choices[f.random.IntN(len(choices))] }

func (f *Filler) pick64(choices ...float64) float64 { return choices[f.random.IntN(len(choices))] }

// JSONName is the name of a field in JSON, or "" where the field is inline.
func JSONName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

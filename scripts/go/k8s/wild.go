package k8s

import (
	"math"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

// wildText is any string: listed oddities, and runes of every length of UTF-8. A few hold bytes
// that are no UTF-8, which protobuf keeps and JSON replaces.
func (f *Filler) wildText() string {
	switch f.random.IntN(4) {
	case 0:
		return f.pick(oddities)
	case 1:
		return f.pick(words)
	}
	var text strings.Builder
	for range f.random.IntN(12) {
		switch f.random.IntN(12) {
		case 0:
			text.WriteRune(rune(f.random.IntN(0x20)))
		case 1:
			text.WriteRune(rune(0xa0 + f.random.IntN(0x760)))
		case 2:
			text.WriteRune(rune(0x2000 + f.random.IntN(0x40)))
		case 3:
			text.WriteRune(rune(0x800 + f.random.IntN(0xf800)))
		case 4:
			text.WriteRune(rune(0x10000 + f.random.IntN(0x100000)))
		case 5:
			switch f.random.IntN(60) {
			case 0:
				text.WriteByte(byte(0x80 + f.random.IntN(0x80))) // no UTF-8
			case 1:
				text.WriteRune(rune(0x7f + f.random.IntN(0x21))) // Go's YAML refuses these
			}
		default:
			text.WriteByte(byte(0x20 + f.random.IntN(0x5f)))
		}
	}
	return text.String()
}

func (f *Filler) wildFloat() float64 {
	for {
		var number float64
		switch f.random.IntN(3) {
		case 0:
			number = math.Float64frombits(f.random.Uint64())
		case 1:
			number = math.Round(f.random.NormFloat64()*1e4) / 1e2
		default:
			number = float64(f.random.Int64N(2e6)-1e6) * math.Pow10(f.random.IntN(44)-22)
		}
		if !math.IsNaN(number) && !math.IsInf(number, 0) { // JSON has neither
			return number
		}
	}
}

var suffixes = []string{"", "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-2", "e+6", "e-11"}

// wildQuantity is a text that Go parses as a Quantity, in canonical form or not.
func (f *Filler) wildQuantity() string {
	for {
		text := f.pick([]string{"", "", "-", "+"}) + f.digits()
		if f.random.IntN(3) == 0 {
			text += "." + f.digits()
		}
		text += f.pick(suffixes)
		if _, err := resource.ParseQuantity(text); err == nil {
			return text
		}
	}
}

func (f *Filler) digits() string {
	digits := make([]byte, 1+f.random.IntN([]int{3, 8, 24}[f.random.IntN(3)]))
	for i := range digits {
		digits[i] = byte('0' + f.random.IntN(10))
	}
	return string(digits)
}

// wildJSON is valid JSON text with spaces, escapes and numbers as a writer might choose them.
func (f *Filler) wildJSON() string {
	var text strings.Builder
	f.writeJSON(&text, 0)
	return text.String()
}

func (f *Filler) writeJSON(text *strings.Builder, depth int) {
	space := func() { text.WriteString(f.pick([]string{"", "", "", "", " ", "\n  ", "\t"})) }
	kinds := 6
	if depth > 3 {
		kinds = 4
	}
	switch f.random.IntN(kinds) {
	case 0:
		text.WriteString(f.pick([]string{"true", "false", "null", `""`}))
	case 1:
		text.WriteString(f.pick([]string{"0", "-0", "1.0", "1e3", "1E+2", "-1.5e-7", "9007199254740993", "18446744073709551616", "0.1", "1e21", "123456789.5"}))
	case 2:
		text.WriteString(strconv.FormatInt(int64(f.random.Uint64())>>f.random.IntN(64), 10))
	case 3:
		f.writeJSONString(text)
	case 4:
		text.WriteByte('[')
		for i := range f.random.IntN(4) {
			if i > 0 {
				text.WriteByte(',')
			}
			space()
			f.writeJSON(text, depth+1)
			space()
		}
		text.WriteByte(']')
	case 5:
		text.WriteByte('{')
		for i := range f.random.IntN(4) {
			if i > 0 {
				text.WriteByte(',')
			}
			space()
			// Numbered, because what becomes of duplicate keys is a question of its own.
			text.WriteString(`"` + strconv.Itoa(f.random.IntN(12)) + f.pick([]string{"a", "B", "é", "\\n", "<", ""}) + strconv.Itoa(i) + `"`)
			space()
			text.WriteByte(':')
			space()
			f.writeJSON(text, depth+1)
		}
		space()
		text.WriteByte('}')
	}
}

// What strings in JSON text are made of; Go's YAML writer fails on the second list.
var (
	plainPieces = []string{
		"a", "Z", " ", "<", ">", "&", "é", "東", "😀", "\u2028", `\n`, `\"`, `\\`, `\u00e9`, `\u003c`, `\u0000`, `\b`,
		"yes", "1:30", ": ", " #",
	}
	noYAML = []string{"\x7f", `\/`, `\ud83d\ude00`, `\ud800`}
)

func (f *Filler) writeJSONString(text *strings.Builder) {
	text.WriteByte('"')
	for range f.random.IntN(8) {
		pieces := plainPieces
		if f.random.IntN(200) == 0 {
			pieces = noYAML
		}
		text.WriteString(f.pick(pieces))
	}
	text.WriteByte('"')
}

// Times the real serializers of apimachinery, one road at a time, as the other side of scripts/bench.
//
// Reads one JSON request a line and answers each with one line:
//
//	{"load": [base64, …]}                        → {"refused": [i, …]}  stored values to work on from then on, but for
//	                                                                    those that this release does not read or print
//	{"road": name, "seconds": s}                 → {"ns": CPU time of one pass over the values, "passes": n}
//
// Roads: json, yaml (stored bytes → text), object (stored bytes → object), storage (JSON → stored bytes),
// encode (object → stored bytes). CPU time is that of the whole process, so that the garbage collector's share counts.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"

	"k8s-codec/scripts/k8s"

	apiruntime "k8s.io/apimachinery/pkg/runtime"
)

type request struct {
	Load    [][]byte `json:"load"`
	Road    string   `json:"road"`
	Seconds float64  `json:"seconds"`
}

type value struct {
	raw    []byte
	json   []byte
	object apiruntime.Object
}

func main() {
	runtime.GOMAXPROCS(1)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	var values []value
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			fail(err)
		}
		if r.Load != nil {
			var refused []int
			values, refused = load(r.Load)
			_ = out.Encode(map[string][]int{"refused": refused})
			continue
		}
		ns, passes, err := measure(values, r.Road, r.Seconds)
		if err != nil {
			fail(err)
		}
		_ = out.Encode(map[string]any{"ns": ns, "passes": passes})
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func load(raws [][]byte) ([]value, []int) {
	var values []value
	refused := []int{}
	for i, raw := range raws {
		one, err := prepare(raw)
		if err != nil {
			refused = append(refused, i)
			continue
		}
		values = append(values, one)
	}
	return values, refused
}

func prepare(raw []byte) (value, error) {
	object, err := k8s.Decode(k8s.Protobuf, raw)
	if err != nil {
		return value{}, err
	}
	var text bytes.Buffer
	if err := k8s.JSON.Encode(object, &text); err != nil {
		return value{}, err
	}
	_, err = k8s.Decode(k8s.JSON, text.Bytes())
	return value{raw, text.Bytes(), object}, err
}

// measure repeats passes over the values until the CPU time is used up.
func measure(values []value, road string, seconds float64) (float64, int, error) {
	run, ok := roads[road]
	if !ok {
		return 0, 0, fmt.Errorf("no road %q", road)
	}
	runtime.GC()
	var buffer bytes.Buffer
	begin := cpu()
	passes := 0
	for {
		for i := range values {
			buffer.Reset()
			if err := run(&values[i], &buffer); err != nil {
				return 0, 0, err
			}
		}
		passes++
		if used := cpu() - begin; used.Seconds() >= seconds {
			return float64(used.Nanoseconds()) / float64(passes), passes, nil
		}
	}
}

var roads = map[string]func(*value, *bytes.Buffer) error{
	"json": func(v *value, out *bytes.Buffer) error {
		object, err := k8s.Decode(k8s.Protobuf, v.raw)
		if err != nil {
			return err
		}
		return k8s.JSON.Encode(object, out)
	},
	"yaml": func(v *value, out *bytes.Buffer) error {
		object, err := k8s.Decode(k8s.Protobuf, v.raw)
		if err != nil {
			return err
		}
		return k8s.YAML.Encode(object, out)
	},
	"object": func(v *value, _ *bytes.Buffer) error {
		_, err := k8s.Decode(k8s.Protobuf, v.raw)
		return err
	},
	"storage": func(v *value, out *bytes.Buffer) error {
		object, err := k8s.Decode(k8s.JSON, v.json)
		if err != nil {
			return err
		}
		return k8s.Protobuf.Encode(object, out)
	},
	"encode": func(v *value, out *bytes.Buffer) error {
		return k8s.Protobuf.Encode(v.object, out)
	},
}

// cpu is the CPU time of all threads of this process.
func cpu() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Command kine makes fixtures/kine: the files of a real kine over SQLite, as they lie there while it runs, and what it
// answers about each revision.
//
//	go run . -out ../../../fixtures/kine
package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/k3s-io/kine/pkg/endpoint"
	"github.com/sirupsen/logrus"
	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

// pair is a key as kine answers it; JSON writes the value in base64.
type pair struct {
	Key            string `json:"key"`
	Value          []byte `json:"value"`
	CreateRevision int64  `json:"create_revision"`
	ModRevision    int64  `json:"mod_revision"`
	Lease          int64  `json:"lease"`
}

// state is the answer for one revision: the keys, or that they are compacted.
type state struct {
	Revision  int64  `json:"revision"`
	Compacted bool   `json:"compacted,omitempty"`
	Pairs     []pair `json:"pairs"`
}

// store asks kine as an API server does: by transactions that compare the mod revision.
type store struct {
	client *clientv3.Client
	at     map[string]int64
}

func (s *store) put(ctx context.Context, key, value string, lease int64) error {
	var options []clientv3.OpOption
	if lease != 0 {
		granted, err := s.client.Grant(ctx, lease)
		if err != nil {
			return err
		}
		options = append(options, clientv3.WithLease(granted.ID))
	}
	answer, err := s.client.Txn(ctx).
		If(clientv3.Compare(clientv3.ModRevision(key), "=", s.at[key])).
		Then(clientv3.OpPut(key, value, options...)).
		Else(clientv3.OpGet(key)).
		Commit()
	if err != nil {
		return err
	}
	if !answer.Succeeded {
		return fmt.Errorf("kine refused to put %s", key)
	}
	s.at[key] = answer.Header.Revision
	return nil
}

func (s *store) delete(ctx context.Context, key string) error {
	answer, err := s.client.Txn(ctx).
		If(clientv3.Compare(clientv3.ModRevision(key), "=", s.at[key])).
		Then(clientv3.OpDelete(key)).
		Else(clientv3.OpGet(key)).
		Commit()
	if err != nil {
		return err
	}
	if !answer.Succeeded {
		return fmt.Errorf("kine refused to delete %s", key)
	}
	delete(s.at, key)
	return nil
}

func (s *store) state(ctx context.Context, revision int64) (state, error) {
	answer, err := s.client.Get(ctx, "/", clientv3.WithPrefix(), clientv3.WithRev(revision))
	if errors.Is(err, rpctypes.ErrCompacted) {
		return state{Revision: revision, Compacted: true}, nil
	}
	if err != nil {
		return state{}, err
	}
	found := state{Revision: revision, Pairs: []pair{}}
	for _, each := range answer.Kvs {
		found.Pairs = append(found.Pairs, pair{string(each.Key), each.Value, each.CreateRevision, each.ModRevision, each.Lease})
	}
	return found, nil
}

// fill writes a history: updates, deletions, keys that come back, a lease, bytes that are no text, a compaction.
func (s *store) fill(ctx context.Context) (newest int64, err error) {
	const pods = 6
	for round := 0; round < 3; round++ {
		for number := 0; number < pods; number++ {
			key := fmt.Sprintf("/registry/pods/default/p%d", number)
			if err := s.put(ctx, key, fmt.Sprintf("k8s\x00\xff round %d of %d", round, number), 0); err != nil {
				return 0, err
			}
		}
		if err := s.delete(ctx, "/registry/pods/default/p1"); err != nil {
			return 0, err
		}
	}
	if err := s.put(ctx, "/registry/namespaces/kube-system", "k8s\x00", 0); err != nil {
		return 0, err
	}
	if err := s.put(ctx, "/registry/events/default/e1", "k8s\x00", 3600); err != nil {
		return 0, err
	}
	answer, err := s.client.Get(ctx, "/registry/namespaces/kube-system")
	if err != nil {
		return 0, err
	}
	return answer.Header.Revision, nil
}

func run(out string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	work, err := os.MkdirTemp("", "kine-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	database := filepath.Join(work, "state.db")
	config := endpoint.Config{
		Listener:         "unix://" + filepath.Join(work, "kine.sock"),
		Endpoint:         "sqlite://" + database + "?_journal_mode=WAL&cache=shared&_busy_timeout=30000&_txlock=immediate",
		NotifyInterval:   time.Second,
		PollInterval:     100 * time.Millisecond,
		PollBatchSize:    500,
		CompactInterval:  3 * time.Second,
		CompactTimeout:   5 * time.Second,
		CompactMinRetain: 9,
		CompactBatchSize: 100,
	}
	etcd, err := endpoint.Listen(ctx, config)
	if err != nil {
		return err
	}
	client, err := clientv3.New(clientv3.Config{Endpoints: etcd.Endpoints, DialTimeout: 10 * time.Second, Logger: zap.NewNop()})
	if err != nil {
		return err
	}
	defer client.Close()
	s := &store{client, map[string]int64{}}
	newest, err := s.fill(ctx)
	if err != nil {
		return err
	}
	// The compactor begins with the first watch.
	client.Watch(ctx, "/registry/none")
	for {
		first, err := s.state(ctx, 2)
		if err != nil {
			return err
		}
		if first.Compacted {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	if err := s.put(ctx, "/registry/pods/default/p1", "back again", 0); err != nil {
		return err
	}
	newest++
	answers, err := os.Create(filepath.Join(out, "answers.jsonl"))
	if err != nil {
		return err
	}
	defer answers.Close()
	writer := json.NewEncoder(answers)
	for revision := int64(1); revision <= newest; revision++ {
		found, err := s.state(ctx, revision)
		if err != nil {
			return err
		}
		if err := writer.Encode(found); err != nil {
			return err
		}
	}
	for _, name := range []string{"state.db", "state.db-wal"} {
		if err := compress(filepath.Join(work, name), filepath.Join(out, name+".gz")); err != nil {
			return err
		}
	}
	return nil
}

func compress(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	defer target.Close()
	writer, err := gzip.NewWriterLevel(target, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := io.Copy(writer, source); err != nil {
		return err
	}
	return writer.Close()
}

func main() {
	out := flag.String("out", "", "the folder to write to")
	flag.Parse()
	logrus.SetOutput(io.Discard) // kine tells of every compacted revision that is asked for
	if *out == "" {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*out); err != nil {
		log.Fatal(err)
	}
}

package customstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/examples/customstore"
	"example.com/customer/memstore"
)

func TestWhatWasAcknowledgedIsThereAfterReopening(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	store := open(t, path)
	full := customer.Draft{
		ExternalID: "crm-1", Name: "José 👩‍🚀 <b>", Email: "José@EXÄMPLE.de", Phone: "+49 (0)711 28", Company: "O’Reilly & Co", Notes: "tab\tand\nline\u2028",
		Address: customer.Address{Line1: "1", Line2: "2", City: "Köln", Region: "NW", PostalCode: "50667", Country: "DE"},
		Tags:    []string{"vip", "b2b"}, Metadata: map[string]string{"plan": `"gold"`}, IdempotencyKey: "order-1",
		CreatedAt: time.Date(1900, 1, 1, 0, 0, 0, 1000, time.UTC),
	}
	first := create(t, store, full)
	create(t, store, customer.Draft{Name: "The Visitor", CreatedAt: time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)})
	archived := create(t, store, customer.Draft{Email: "gone@example.com"})
	if _, err := customer.Archive(t.Context(), store, archived.ID, 1); err != nil {
		t.Fatal(err)
	}
	if err := store.Delete(t.Context(), create(t, store, customer.Draft{Name: "deleted"}).ID, 1); err != nil {
		t.Fatal(err)
	}
	create(t, store.Tenant("acme"), customer.Draft{Email: full.Email})
	walk := customer.Query{OrderBy: customer.NameAZ, Limit: 1}
	page, err := store.Search(t.Context(), walk)
	if err != nil {
		t.Fatal(err)
	}
	walk.After = page.Next

	again := open(t, path)
	if diff := cmp.Diff(everybody(t, store), everybody(t, again)); diff != "" {
		t.Errorf("customers after reopening (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(everybody(t, store.Tenant("acme")), everybody(t, again.Tenant("acme"))); diff != "" {
		t.Errorf("another tenant's customers after reopening (-want +got):\n%s", diff)
	}
	if got := create(t, again, full); got.ID != first.ID {
		t.Error("the idempotency key makes another customer after reopening")
	}
	if _, err = again.Create(t.Context(), customer.Draft{Name: "another", IdempotencyKey: full.IdempotencyKey}); !errors.Is(err, customer.ErrKeyReused) {
		t.Errorf("Create under the key of another draft after reopening: %v, want ErrKeyReused", err)
	}
	_, err = again.Create(t.Context(), customer.Draft{Email: "josé@exämple.DE"})
	if want := (&customer.ConflictError{Field: "email", Holder: first.ID}); !cmp.Equal(want, err) {
		t.Errorf("Create with a taken email: %v, want %v", err, want)
	}
	if rest, err := again.Search(t.Context(), walk); err != nil || len(rest.Customers) != 1 || rest.Customers[0].ID == page.Customers[0].ID {
		t.Errorf("the page after reopening: %d customers, error %v, want the second one", len(rest.Customers), err)
	}
}

// Whatever a series of writes leaves, each seen by a store that has just been opened, is what one store that is never closed would hold.
func TestAnySeriesOfWritesIsThereAfterReopening(t *testing.T) {
	t.Parallel()
	dir, clock := t.TempDir(), func() time.Time { return time.Unix(0, 0) }
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(dir, "customers.json")
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		held := memstore.New(memstore.WithClock(clock))
		for range rapid.IntRange(1, 6).Draw(t, "writes") {
			draft := customer.Draft{
				ID: customer.ID{15: rapid.ByteRange(1, 3).Draw(t, "id")}, Name: rapid.String().Draw(t, "name"), Notes: rapid.String().Draw(t, "notes"), Company: "Acme",
				IdempotencyKey: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "key"), Email: rapid.SampledFrom([]string{"", "a@b.co"}).Draw(t, "email"),
				CreatedAt: time.UnixMicro(rapid.Int64Range(-1e15, 1e17).Draw(t, "created")),
			}
			write := rapid.SampledFrom([]func(s customer.Store) error{
				func(s customer.Store) error { _, err := s.Create(t.Context(), draft); return err },
				func(s customer.Store) error {
					_, err := s.Update(t.Context(), draft.ID, customer.AnyVersion, customer.Patch{Name: &draft.Name, Email: &draft.Email})
					return err
				},
				func(s customer.Store) error { return s.Delete(t.Context(), draft.ID, customer.AnyVersion) },
			}).Draw(t, "write")
			if want, got := fmt.Sprint(write(held)), fmt.Sprint(write(open(t, path, customstore.WithClock(clock)))); got != want {
				t.Fatalf("error %s, want %s", got, want)
			}
		}
		if diff := cmp.Diff(everybody(t, held), everybody(t, open(t, path))); diff != "" {
			t.Fatalf("customers after reopening (-want +got):\n%s", diff)
		}
	})
}

func TestAWriteThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		broken func(t *testing.T, path string) (repair func())
	}{
		{"the directory is gone", func(t *testing.T, path string) func() {
			dir := filepath.Dir(path)
			rename(t, dir, dir+".away")
			return func() { rename(t, dir+".away", dir) }
		}},
		{"the new file cannot be made", func(t *testing.T, path string) func() {
			makeDir(t, filepath.Join(path+".tmp", "in the way"))
			return func() {
				if err := os.RemoveAll(path + ".tmp"); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{"the new file cannot take the place of the old one", func(t *testing.T, path string) func() {
			rename(t, path, path+".away")
			makeDir(t, path)
			return func() {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
				rename(t, path+".away", path)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "data", "customers.json")
			makeDir(t, filepath.Dir(path))
			store := open(t, path)
			ada := create(t, store, customer.Draft{Email: "ada@example.com"})
			before := everybody(t, store)

			repair := c.broken(t, path)
			for what, err := range writes(t, store, ada) {
				if !errors.Is(err, customer.ErrUnavailable) {
					t.Errorf("%s: error %v, want ErrUnavailable", what, err)
				}
			}
			if diff := cmp.Diff(before, everybody(t, store)); diff != "" {
				t.Errorf("customers after writes that failed (-want +got):\n%s", diff)
			}
			repair()

			if diff := cmp.Diff(before, everybody(t, open(t, path))); diff != "" {
				t.Errorf("customers in the file after writes that failed (-want +got):\n%s", diff)
			}
			for what, err := range writes(t, store, ada) {
				if err != nil {
					t.Errorf("%s after the repair: %v", what, err)
				}
			}
			onlyFile(t, path)
		})
	}
}

// writes returns the errors of one write of each kind. Failing, they leave no email and no key behind that would be in the way of the next.
func writes(t *testing.T, s customer.Store, c customer.Customer) map[string]error {
	t.Helper()
	_, created := s.Create(t.Context(), customer.Draft{Email: "grace@example.com", IdempotencyKey: "order-1"})
	_, updated := s.Update(t.Context(), c.ID, c.Version, customer.Patch{Name: new("Ada")})
	return map[string]error{"Create": created, "Update": updated, "Delete": s.Delete(t.Context(), c.ID, customer.AnyVersion)}
}

func TestOpenRefusesAndKeepsWhatItCannotRead(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	create(t, open(t, path), customer.Draft{Name: "Ada Lovelace"})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, content string }{
		{"an empty file", ""},
		{"a file cut off", string(whole[:len(whole)-1])},
		{"a file with something behind it", string(whole) + "{}"},
		{"a file of another format", strings.Replace(string(whole), `"format":1`, `"format":2`, 1)},
		{"a file of something else", `{"name":"Ada Lovelace"}`},
		{"an ID that is none", strings.Replace(string(whole), `"id":"`, `"id":"Ada Lovelace`, 1)},
		{"a time that is none", strings.Replace(string(whole), `"created_at":"`, `"created_at":"Ada Lovelace`, 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			switch _, err := customstore.Open(path); {
			case err == nil:
				t.Error("Open succeeds")
			case strings.Contains(err.Error(), "Ada"):
				t.Errorf("Open quotes the file: %v", err)
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != c.content {
				t.Errorf("the file has changed to %q, %v", left, err)
			}
		})
	}
	if _, err := customstore.Open(filepath.Join(t.TempDir(), "none", "customers.json")); err == nil {
		t.Error("Open succeeds where there is no directory")
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	create(t, open(t, path), customer.Draft{Name: "Ada"})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode(); mode != 0o600 {
		t.Errorf("the file has mode %v, want 0600", mode)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"format":1,"rows":[]}`))
	f.Add([]byte(`{"format":1,"rows":[{"tenant":"","key_hash":"","draft_hash":"","customer":{"id":"01970000-0000-7000-8000-000000000001","name":"Ada"}}]}`))
	f.Add([]byte(`{"format":1,"rows":[{"customer":{"email":"a@b@c","phone":"+","created_at":"0001-01-01T00:00:00Z","tags":[""]}},null]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := newPath(t)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		store, err := customstore.Open(path)
		if err != nil {
			return
		}
		total, err := store.Count(t.Context(), nil, 0)
		if got := len(everybody(t, store)); err != nil || got != total.Value {
			t.Errorf("a walk finds %d customers, Count %d, %v", got, total.Value, err)
		}
	})
}

// test is a *testing.T or a *rapid.T.
type test interface {
	rapid.TB
	Context() context.Context
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "customers.json") }

func open(t rapid.TB, path string, opts ...customstore.Option) *customstore.Store {
	t.Helper()
	store, err := customstore.Open(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func create(t test, s customer.Store, d customer.Draft) customer.Customer {
	t.Helper()
	c, err := s.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func everybody(t test, s customer.Store) []customer.Customer {
	t.Helper()
	var all []customer.Customer
	for c, err := range customer.All(t.Context(), s, customer.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func makeDir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

// onlyFile checks that nothing lies beside the file.
func onlyFile(t *testing.T, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != filepath.Base(path) {
		t.Errorf("the directory holds %v, want the file alone", entries)
	}
}

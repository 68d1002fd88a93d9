package customer_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/memstore"
)

// meddler lets somebody else act right before a store creates or updates, each time it is asked.
type meddler struct {
	customer.Store
	meddle func(tries int)
	tries  int
}

func (m *meddler) Create(ctx context.Context, d customer.Draft) (customer.Customer, error) {
	m.tries++
	m.meddle(m.tries)
	return m.Store.Create(ctx, d)
}

func (m *meddler) Update(ctx context.Context, id customer.ID, v customer.Version, p customer.Patch) (customer.Customer, error) {
	m.tries++
	m.meddle(m.tries)
	return m.Store.Update(ctx, id, v, p)
}

func mustCreate(t *testing.T, s customer.Store, d customer.Draft) customer.Customer {
	t.Helper()
	c, err := s.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestUpsertMergesFieldByField(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		draft customer.Draft
		want  func(c *customer.Customer)
	}{
		"a draft of the key alone changes nothing":    {customer.Draft{}, nil},
		"the draft that created it changes nothing":   {fullDraft(), nil},
		"text overwrites text":                        {customer.Draft{Name: " Augusta "}, func(c *customer.Customer) { c.Name = "Augusta" }},
		"blank text is no text":                       {customer.Draft{Name: " ", Notes: "\u2003\n", Phone: "\u200f"}, nil},
		"another spelling of the key overwrites it":   {customer.Draft{Email: "ada@EXAMPLE.com"}, func(c *customer.Customer) { c.Email = "ada@EXAMPLE.com" }},
		"one line of the address replaces all":        {customer.Draft{Address: customer.Address{City: "Bath"}}, func(c *customer.Customer) { c.Address = customer.Address{City: "Bath"} }},
		"an address of blank lines is no address":     {customer.Draft{Address: customer.Address{City: " "}}, nil},
		"tags replace all tags":                       {customer.Draft{Tags: []string{"New", "new"}}, func(c *customer.Customer) { c.Tags = []string{"new"} }},
		"no tags that are not nil take all tags away": {customer.Draft{Tags: []string{}}, func(c *customer.Customer) { c.Tags = nil }},
		"metadata is merged by key": {
			customer.Draft{Metadata: map[string]string{"plan": "silver", "seats": "5"}},
			func(c *customer.Customer) { c.Metadata = map[string]string{"plan": "silver", "seats": "5"} },
		},
		"an empty value of metadata keeps what is there": {customer.Draft{Metadata: map[string]string{"plan": "", "seats": " "}}, nil},
		"ID and time of creation are for creating":       {customer.Draft{ID: customer.ID{1}, CreatedAt: noon.Add(-time.Hour)}, nil},
		"an idempotency key is for creating":             {customer.Draft{Notes: "n", IdempotencyKey: "k"}, func(c *customer.Customer) { c.Notes = "n" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, by := range []customer.Key{customer.EmailKey, customer.ExternalIDKey} {
				s := memstore.New(memstore.WithClock(func() time.Time { return noon }))
				want, d := mustCreate(t, s, fullDraft()), tt.draft
				d.Email, d.ExternalID = either(d.Email, want.Email), want.ExternalID
				outcome := customer.Unchanged
				if tt.want != nil {
					tt.want(&want)
					outcome, want.Version = customer.Updated, 2
				}
				checkUpsert(t, s, by, d, want, outcome)
				checkUpsert(t, s, by, d, want, customer.Unchanged)
			}
		})
	}
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func checkUpsert(t *testing.T, s customer.Store, by customer.Key, d customer.Draft, want customer.Customer, wantOutcome customer.Outcome) {
	t.Helper()
	before := d
	before.Tags, before.Metadata = append([]string(nil), d.Tags...), maps.Clone(d.Metadata)
	got, outcome, err := customer.Upsert(t.Context(), s, by, d)
	if err != nil || outcome != wantOutcome {
		t.Fatalf("Upsert by %s: %s, %v, want %s", by, outcome, err, wantOutcome)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Upsert by %s (-want +got):\n%s", by, diff)
	}
	if len(d.Tags) > 0 && !cmp.Equal(before.Tags, d.Tags) || !cmp.Equal(before.Metadata, d.Metadata) {
		t.Errorf("Upsert by %s changed its draft", by)
	}
}

func TestUpsertNeedsItsKey(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	for name, tt := range map[string]struct {
		by    customer.Key
		draft customer.Draft
		want  []customer.FieldError
	}{
		"no email": {customer.EmailKey, customer.Draft{Name: "Ada", ExternalID: "x"}, []customer.FieldError{{Field: "email", Code: customer.CodeRequired}}},
		"an email of spaces": {
			customer.EmailKey,
			customer.Draft{Name: "Ada", Email: "  "},
			[]customer.FieldError{{Field: "email", Code: customer.CodeRequired}},
		},
		"no external id": {customer.ExternalIDKey, customer.Draft{Name: "Ada", Email: "a@b.co"}, []customer.FieldError{{Field: "external_id", Code: customer.CodeRequired}}},
		"an email that is none, told with all other faults": {
			customer.EmailKey,
			customer.Draft{Email: "ada", Phone: "1"},
			[]customer.FieldError{{Field: "email", Code: customer.CodeInvalidEmail}, {Field: "phone", Code: customer.CodeInvalidPhone}},
		},
		"an external id with a control character": {
			customer.ExternalIDKey,
			customer.Draft{Name: "Ada", ExternalID: "a\x00"},
			[]customer.FieldError{{Field: "external_id", Code: customer.CodeInvalidText}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, outcome, err := customer.Upsert(t.Context(), s, tt.by, tt.draft)
			_, created, findErr := customer.FindOrCreate(t.Context(), s, tt.by, tt.draft)
			if !c.ID.IsZero() || outcome != 0 || created {
				t.Errorf("Upsert: %s, %s; FindOrCreate created: %t", c.ID, outcome, created)
			}
			for _, err := range []error{err, findErr} {
				invalid, ok := errors.AsType[*customer.ValidationError](err)
				if !ok || !errors.Is(err, customer.ErrInvalid) {
					t.Fatalf("error %v, want a *ValidationError", err)
				}
				for i := range invalid.Fields {
					invalid.Fields[i].Message = ""
				}
				if diff := cmp.Diff(tt.want, invalid.Fields); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
	if _, _, err := customer.Upsert(t.Context(), s, "phone", fullDraft()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("by another key: %v", err)
	}
}

func TestUpsertReportsEveryFaultOfAnUpdate(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	c := mustCreate(t, s, fullDraft())
	d := customer.Draft{Email: c.Email, Name: "\x00", Phone: "1", Tags: []string{"a,b"}, Metadata: map[string]string{"bad key": "", "plan": "\x00"}}
	_, _, err := customer.Upsert(t.Context(), s, customer.EmailKey, d)
	wantFaults(t, err, "name invalid_text", "phone invalid_phone", "tags.0 invalid_text", "metadata invalid_key", "metadata.plan invalid_text")
	if got, err := s.Get(t.Context(), c.ID); err != nil || !cmp.Equal(got, c) {
		t.Errorf("afterwards: %+v, %v", got, err)
	}
}

func TestUpsertTriesAgainWhereOthersAreFaster(t *testing.T) {
	t.Parallel()
	mine := customer.Draft{Email: "ada@example.com", ExternalID: "x", Notes: "mine"}
	theirs := customer.Draft{Email: "Ada@Example.com", ExternalID: "x", Notes: "theirs", Metadata: map[string]string{"by": "them"}}
	both := func(c customer.Customer) bool { return c.Notes == "mine" && c.Metadata["by"] == "them" }
	type someone func(t *testing.T, s customer.Store, tries int)
	update := func(p customer.Patch) someone {
		return func(t *testing.T, s customer.Store, tries int) {
			if have, err := customer.FindByEmail(t.Context(), s, mine.Email); err != nil {
				t.Error(err)
			} else if _, err = s.Update(t.Context(), have.ID, customer.AnyVersion, p); err != nil || tries > 5 {
				t.Error(tries, err)
			}
		}
	}
	for name, tt := range map[string]struct {
		there   bool
		meddle  someone
		until   int // tries at which somebody meddles
		outcome customer.Outcome
		check   func(c customer.Customer) bool
	}{
		"created by another between the look and the create": {
			false, func(t *testing.T, s customer.Store, _ int) { mustCreate(t, s, theirs) }, 1, customer.Updated, both,
		},
		"created and deleted by another": {
			false, func(t *testing.T, s customer.Store, tries int) {
				if tries == 1 {
					mustCreate(t, s, theirs)
				} else if have, err := customer.FindByEmail(t.Context(), s, mine.Email); err != nil || s.Delete(t.Context(), have.ID, customer.AnyVersion) != nil {
					t.Error(err)
				}
			}, 2, customer.Created, func(c customer.Customer) bool { return c.Notes == "mine" && c.Metadata == nil },
		},
		"changed by another, time and again": {
			true, func(t *testing.T, s customer.Store, tries int) {
				update(customer.Patch{AddTags: []string{string(rune('a' + tries))}})(t, s, tries)
			}, 5, customer.Updated, func(c customer.Customer) bool { return both(c) && len(c.Tags) == 5 },
		},
		"archived by another": {
			true, update(customer.Patch{Status: new(customer.Archived)}), 1, customer.Created, func(c customer.Customer) bool { return c.Version == 1 && c.Metadata == nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, d := memstore.New(), mine
			if tt.there {
				mustCreate(t, s, theirs)
			}
			if tt.outcome == customer.Created {
				d.ExternalID = ""
			}
			m := &meddler{Store: s, meddle: func(tries int) {
				if tries <= tt.until {
					tt.meddle(t, s, tries)
				}
			}}
			c, outcome, err := customer.Upsert(t.Context(), m, customer.EmailKey, d)
			if err != nil || outcome != tt.outcome || !tt.check(c) {
				t.Errorf("Upsert: %+v, %s, %v, want %s", c, outcome, err, tt.outcome)
			}
			if m.tries != tt.until+1 {
				t.Errorf("%d tries, want %d", m.tries, tt.until+1)
			}
		})
	}
}

func TestUpsertEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := memstore.New()
	c := mustCreate(t, s, fullDraft())
	m := &meddler{Store: s, meddle: func(tries int) {
		if _, err := s.Update(t.Context(), c.ID, customer.AnyVersion, customer.Patch{AddTags: []string{string(rune('a' + tries))}}); err != nil {
			t.Error(err)
		}
		if tries == 10 {
			cancel()
		}
	}}
	_, outcome, err := customer.Upsert(ctx, m, customer.EmailKey, customer.Draft{Email: c.Email, Notes: "never"})
	if !errors.Is(err, context.Canceled) || outcome != 0 || m.tries != 10 {
		t.Errorf("after %d tries: %s, %v", m.tries, outcome, err)
	}
	if _, _, err := customer.FindOrCreate(ctx, s, customer.EmailKey, customer.Draft{}); !errors.Is(err, context.Canceled) {
		t.Errorf("the context comes before the draft: %v", err)
	}
}

func TestUpsertReturnsTheConflictWithAThirdRecord(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	holder := mustCreate(t, s, customer.Draft{Name: "holder", ExternalID: "x"})
	d := customer.Draft{Email: "ada@example.com", ExternalID: "x"}
	want := customer.ConflictError{Field: "external_id", Holder: holder.ID}
	for _, there := range []bool{false, true} {
		if there {
			mustCreate(t, s, customer.Draft{Email: d.Email})
		}
		_, outcome, err := customer.Upsert(t.Context(), s, customer.EmailKey, d)
		if conflict, ok := errors.AsType[*customer.ConflictError](err); !ok || *conflict != want || outcome != 0 {
			t.Errorf("the customer is there: %t; %s, %v, want %v", there, outcome, err, &want)
		}
	}
}

// blind finds nobody.
type blind struct{ customer.Store }

func (blind) Search(context.Context, customer.Query) (customer.Page, error) {
	return customer.Page{}, nil
}

func TestUpsertGivesUpWhereAHolderIsNeverFound(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	holder := mustCreate(t, s, fullDraft())
	for by, field := range map[customer.Key]string{customer.EmailKey: "email", customer.ExternalIDKey: "external_id"} {
		d := customer.Draft{Email: holder.Email}
		if by == customer.ExternalIDKey {
			d = customer.Draft{Name: "x", ExternalID: holder.ExternalID}
		}
		_, _, err := customer.Upsert(t.Context(), blind{s}, by, d)
		if conflict, ok := errors.AsType[*customer.ConflictError](err); !ok || *conflict != (customer.ConflictError{Field: field, Holder: holder.ID}) {
			t.Errorf("by %s: %v", by, err)
		}
	}
}

func TestUpsertUnderAnIdempotencyKeyReturnsWhatTheKeyMade(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	d := customer.Draft{Email: "ada@example.com", IdempotencyKey: "k"}
	made, outcome, err := customer.Upsert(t.Context(), s, customer.EmailKey, d)
	if err != nil || outcome != customer.Created {
		t.Fatalf("%s, %v", outcome, err)
	}
	moved, err := s.Update(t.Context(), made.ID, made.Version, customer.Patch{Email: new("ada@acme.com")})
	if err != nil {
		t.Fatal(err)
	}
	got, outcome, err := customer.Upsert(t.Context(), s, customer.EmailKey, d)
	if err != nil || outcome != customer.Created || !cmp.Equal(got, moved) {
		t.Errorf("again: %+v, %s, %v", got, outcome, err)
	}
	d.Name = "another draft"
	if _, _, err := customer.Upsert(t.Context(), s, customer.EmailKey, d); !errors.Is(err, customer.ErrKeyReused) {
		t.Errorf("another draft: %v", err)
	}
}

func TestUpsertAndFindOrCreatePassOnTheErrorsOfTheStore(t *testing.T) {
	t.Parallel()
	for _, by := range []customer.Key{customer.EmailKey, customer.ExternalIDKey} {
		s := storeOf(t, 1)
		s.failAfter = 1
		if _, _, err := customer.Upsert(t.Context(), s, by, fullDraft()); err != nil {
			t.Fatal(err)
		}
		if _, _, err := customer.Upsert(t.Context(), s, by, fullDraft()); !errors.Is(err, errLost) {
			t.Errorf("Upsert by %s: %v", by, err)
		}
		if _, _, err := customer.FindOrCreate(t.Context(), s, by, fullDraft()); !errors.Is(err, errLost) {
			t.Errorf("FindOrCreate by %s: %v", by, err)
		}
	}
}

func TestFindOrCreateChangesNothingItFinds(t *testing.T) {
	t.Parallel()
	s := memstore.New()
	d := fullDraft()
	made, created, err := customer.FindOrCreate(t.Context(), s, customer.EmailKey, d)
	if err != nil || !created || made.Name != "Ada Lovelace" {
		t.Fatalf("%+v, %t, %v", made, created, err)
	}
	for _, by := range []customer.Key{customer.EmailKey, customer.ExternalIDKey} {
		found, created, err := customer.FindOrCreate(t.Context(), s, by, customer.Draft{Email: "ADA@example.com", ExternalID: " " + d.ExternalID, Name: "\x00"})
		if err != nil || created {
			t.Errorf("by %s: created %t, %v", by, created, err)
		}
		if diff := cmp.Diff(made, found); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", by, diff)
		}
	}
	if _, err := customer.Archive(t.Context(), s, made.ID, customer.AnyVersion); err != nil {
		t.Fatal(err)
	}
	if c, created, err := customer.FindOrCreate(t.Context(), s, customer.ExternalIDKey, d); !errors.Is(err, customer.ErrArchived) || created || !c.ID.IsZero() {
		t.Errorf("archived, by external id: %s, %t, %v", c.ID, created, err)
	}
	if _, created, err := customer.FindOrCreate(t.Context(), s, customer.EmailKey, customer.Draft{Email: d.Email}); err != nil || !created {
		t.Errorf("archived, by email: created %t, %v", created, err)
	}
}

func TestOutcomesHaveNames(t *testing.T) {
	t.Parallel()
	want := map[customer.Outcome]string{0: "none", customer.Created: "created", customer.Updated: "updated", customer.Unchanged: "unchanged", 9: "none"}
	for outcome, name := range want {
		if got := outcome.String(); got != name {
			t.Errorf("Outcome(%d) = %s, want %s", outcome, got, name)
		}
	}
}

// Whatever is there: after an upsert the customer says all that the draft says and keeps the rest, and the same upsert again changes nothing.
func TestUpsertTwiceIsUpsertOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s, ctx := memstore.New(), t.Context()
		first, second := drawCustomer(t), drawCustomer(t)
		draft := func(c customer.Customer) customer.Draft {
			return customer.Draft{
				ExternalID: "x", Name: c.Name, Email: c.Email, Phone: c.Phone, Company: c.Company, Notes: c.Notes, Address: c.Address, Tags: c.Tags, Metadata: c.Metadata,
			}
		}
		before, outcome, err := customer.Upsert(ctx, s, customer.ExternalIDKey, draft(first))
		if err != nil || outcome != customer.Created {
			t.Fatalf("%s, %v", outcome, err)
		}
		after, outcome, err := customer.Upsert(ctx, s, customer.ExternalIDKey, draft(second))
		if err != nil || (outcome == customer.Unchanged) != (after.Version == 1) {
			t.Fatalf("%s, version %d, %v", outcome, after.Version, err)
		}
		want := before.Clone()
		want.Version, want.UpdatedAt = after.Version, after.UpdatedAt
		for to, from := range map[*string]string{
			&want.Name: second.Name, &want.Email: second.Email, &want.Phone: second.Phone, &want.Company: second.Company, &want.Notes: second.Notes,
		} {
			if from != "" {
				*to = from
			}
		}
		if second.Address != (customer.Address{}) {
			want.Address = second.Address
		}
		if second.Tags != nil {
			want.Tags = second.Tags
		}
		if want.Metadata == nil && len(second.Metadata) > 0 {
			want.Metadata = map[string]string{}
		}
		maps.Copy(want.Metadata, second.Metadata)
		if diff := cmp.Diff(want, after); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		again, outcome, err := customer.Upsert(ctx, s, customer.ExternalIDKey, draft(second))
		if err != nil || outcome != customer.Unchanged || !cmp.Equal(again, after) {
			t.Fatalf("again: %s, %v", outcome, err)
		}
	})
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"example.com/customer"
	"example.com/customer/httpserver"
)

func TestWhatTheServerAnswersIsSentAgainOrTold(t *testing.T) {
	t.Parallel()
	type canned struct {
		status int
		header string
		body   string
	}
	const (
		results = "{\"line\":1,\"result\":\"created\",\"id\":\"01970000-0000-7000-8000-000000000001\"}\n{\"line\":2,\"result\":\"created\"}\n"
		end     = `{"end":true,"rows":2}`
	)
	good := canned{200, "", results + end}
	busy := canned{503, "Retry-After: 7", ""}
	for name, tc := range map[string]struct {
		answers []canned
		takes   time.Duration
		says    string
	}{
		"an answer":                          {[]canned{good}, 0, ""},
		"a server that is busy":              {[]canned{busy, good}, 7 * time.Second, ""},
		"a server that is busy for long":     {[]canned{{503, "Retry-After: 86400", ""}, good}, longestWait, ""},
		"a proxy without its server":         {[]canned{{502, "", ""}, {504, "", ""}, good}, firstWait * 3, ""},
		"a server that stays busy":           {[]canned{busy}, 7 * (attempts - 1) * time.Second, "503"},
		"an answer that is cut off":          {[]canned{{200, "", results}, good}, firstWait, ""},
		"an answer that is cut within a row": {[]canned{{200, "", results[:len(results)-4]}, good}, firstWait, ""},
		"a server whose database goes": {
			[]canned{{200, "", `{"line":1,"result":"stopped","reason":"unavailable","detail":"try again"}`}, good}, firstWait, "",
		},
		"a server that gives up":        {[]canned{{200, "", `{"line":1,"result":"stopped","reason":"internal","detail":"The fault is the server's."}`}}, 0, "the server's"},
		"no token":                      {[]canned{{401, "", ""}}, 0, "--token-file"},
		"a token for reading":           {[]canned{{403, "", ""}}, 0, "read and write"},
		"a redirect":                    {[]canned{{307, "Location: http://elsewhere.example/", ""}}, 0, "--server"},
		"something that is no customer": {[]canned{{404, "", "<html>"}}, 0, "404"},
		"an answer in other words":      {[]canned{{418, "Content-Type: application/problem+json", `{"detail":"I am a teapot."}`}}, 0, "teapot"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sent := map[string]bool{}
				n := 0
				server := remoteOf(&loopback{handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					sent[r.Host+string(body)] = true
					a := tc.answers[min(n, len(tc.answers)-1)]
					n++
					if name, value, ok := strings.Cut(a.header, ": "); ok {
						w.Header().Set(name, value)
					}
					w.WriteHeader(a.status)
					_, _ = io.WriteString(w, a.body)
				})})
				began := time.Now()
				_, errs, err := server.CreateBatch(t.Context(), []customer.Draft{{Name: "Ada", Email: "ada@b.co"}, {Name: "Bob"}})
				if took := time.Since(began); took != tc.takes {
					t.Errorf("it takes %s, want %s", took, tc.takes)
				}
				if tc.says == "" && (err != nil || errors.Join(errs...) != nil) || tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
					t.Errorf("got %v %v, want %q", err, errs, tc.says)
				}
				if len(sent) != 1 {
					t.Errorf("%d different requests were sent, want one, as often as needed", len(sent))
				}
			})
		})
	}
}

// A server that sends on elsewhere gets no second request, and elsewhere no token.
func TestTheTokenGoesToOneServer(t *testing.T) {
	t.Parallel()
	var elsewhere []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		elsewhere = append(elsewhere, r.Header.Get("Authorization"))
	}))
	defer other.Close()
	first := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer first.Close()
	_, stderr := want(t, 2, "export", "--server", first.URL, "--token", aSecret)
	if !strings.Contains(stderr, "--server") || strings.Contains(stderr, aSecret) || elsewhere != nil {
		t.Errorf("got %q; elsewhere got %q", stderr, elsewhere)
	}
}

func manyIDs(n int) iter.Seq[customer.ID] {
	return func(yield func(customer.ID) bool) {
		for i := range n {
			if !yield(customer.ID{14: 9, 15: byte(i)}) {
				return
			}
		}
	}
}

func distinct(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint(i))
	}
	return out
}

func TestFiltersThatAServerIsAsked(t *testing.T) {
	t.Parallel()
	behind := people(t)
	server := remoteOf(&loopback{handler: httpserver.New(behind, httpserver.WithLogger(nopLog()))})
	for name, tc := range map[string]struct {
		f    customer.Filter
		want error
	}{
		"nobody in particular":        {nil, nil},
		"an email in either state":    {customer.ByEmail.Is("cyd@b.co", "ADA@b.co"), nil},
		"an email of active ones":     {customer.And(customer.HasStatus(customer.Active), customer.ByEmail.Is("cyd@b.co", "ada@b.co")), nil},
		"external ids":                {customer.ByExternalID.Is("1", "3", "7&=%+ "), nil},
		"as many ids as there may be": {customer.IDIn(slices.Collect(manyIDs(customer.MaxValues))), nil},
		"ids":                         {customer.IDIn{{14: 9}, {14: 9, 15: 2}}, nil},
		"a part of an email":          {customer.ByEmail.Contains("ada"), errors.ErrUnsupported},
		"a name":                      {customer.ByName.Is("Ada"), errors.ErrUnsupported},
		"no ids":                      {customer.IDIn{}, errors.ErrUnsupported},
		"the same field twice":        {customer.AllOf{customer.ByEmail.Is("ada@b.co"), customer.ByEmail.Is("bob@b.co")}, errors.ErrUnsupported},
		"either":                      {customer.Or(customer.ByEmail.Is("a@b.co"), customer.ByExternalID.Is("1")), errors.ErrUnsupported},
		"a filter that cannot be":     {customer.ByEmail.Is(""), customer.ErrInvalid},
		"a filter that is too long":   {customer.ByExternalID.Is(distinct(customer.MaxValues + 1)...), customer.ErrInvalid},
	} {
		q := customer.Query{Where: tc.f, Limit: 2, OrderBy: "name"}
		got, err := server.Search(t.Context(), q)
		if tc.want != nil {
			if err == nil || tc.want == errors.ErrUnsupported && !errors.Is(err, tc.want) {
				t.Errorf("%s: got error %v, want %v", name, err, tc.want)
			}
			continue
		}
		want, werr := behind.Search(t.Context(), q)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(customer.Page{}, "Next")); diff != "" || (got.Next == "") != (want.Next == "") || err != nil || werr != nil {
			t.Errorf("%s: %v %v (-want +got)\n%s", name, err, werr, diff)
		}
	}
}

func TestChangesThroughAServer(t *testing.T) {
	t.Parallel()
	behind := people(t)
	server := remoteOf(&loopback{handler: httpserver.New(behind, httpserver.WithLogger(nopLog()))})
	ctx := t.Context()
	ada, err := server.Get(ctx, customer.ID{14: 9})
	if want, _ := behind.Get(ctx, ada.ID); err != nil || !bytes.Equal(want.AppendJSON(nil), ada.AppendJSON(nil)) {
		t.Fatalf("got %v, %v", ada, err)
	}
	_, absent := server.Get(ctx, customer.ID{1})
	_, taken := server.Update(ctx, ada.ID, ada.Version, customer.Patch{Email: new("bob@b.co")})
	_, stale := server.Update(ctx, ada.ID, 9, customer.Patch{Name: new("x")})
	_, staleToo := server.Update(ctx, ada.ID, 9, customer.Patch{ReplaceMetadata: true})
	_, archived := server.Update(ctx, customer.ID{14: 9, 15: 2}, customer.AnyVersion, customer.Patch{Name: new("x")})
	_, invalid := server.Update(ctx, ada.ID, ada.Version, customer.Patch{Phone: new("x"), Address: customer.AddressPatch{City: new("\x01")}})
	_, unsupported := server.Update(ctx, ada.ID, ada.Version, customer.Patch{AddTags: []string{"x"}})
	_, uncounted := server.Count(ctx, nil, 0)
	erased := server.Delete(ctx, ada.ID, 9)
	got := []string{fmt.Sprint(absent), fmt.Sprint(taken), fmt.Sprint(stale), fmt.Sprint(staleToo), fmt.Sprint(archived), fmt.Sprint(unsupported), fmt.Sprint(uncounted), fmt.Sprint(erased)}
	want := []string{
		customer.ErrNotFound.Error(), (&customer.ConflictError{Field: "email", Holder: customer.ID{14: 9, 15: 1}}).Error(),
		(&customer.StaleError{ID: ada.ID, Want: 9, Have: 1}).Error(), (&customer.StaleError{ID: ada.ID, Want: 9, Have: 1}).Error(), customer.ErrArchived.Error(),
		errors.ErrUnsupported.Error(), errors.ErrUnsupported.Error(), (&customer.StaleError{Have: 1}).Error(),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	fields, ok := errors.AsType[*customer.ValidationError](invalid)
	if !ok || len(fields.Fields) != 2 || fields.Fields[0].Field != "phone" && fields.Fields[1].Field != "phone" {
		t.Errorf("got %v", invalid)
	}
	next, err := server.Update(ctx, ada.ID, customer.AnyVersion, customer.Patch{Metadata: map[string]*string{"plan": new("tin")}, ReplaceMetadata: true, Tags: new([]string(nil))})
	if diff := cmp.Diff(map[string]string{"plan": "tin"}, next.Metadata); diff != "" || err != nil || next.Tags != nil || next.Version != 2 {
		t.Errorf("%v, %v (-want +got)\n%s", next, err, diff)
	}
	if err := server.Delete(ctx, ada.ID, customer.AnyVersion); err != nil {
		t.Error(err)
	}
	if _, err := behind.Get(ctx, ada.ID); !errors.Is(err, customer.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// Records that were written before their answer was lost are not taken for somebody else's; others with their ids are.
func TestRecordsAreLoadedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		behind := people(t)
		var records []customer.Customer
		for c := range customer.All(t.Context(), people(t), customer.Query{}) {
			c.ID[0] = 1
			c.Email, c.ExternalID = "", ""
			records = append(records, c)
		}
		rival, err := behind.Get(t.Context(), customer.ID{14: 9, 15: 1})
		if err != nil {
			t.Fatal(err)
		}
		rival.Name, rival.Email = "Rival", ""
		broken := false
		server := remoteOf(&loopback{handler: httpserver.New(behind, httpserver.WithLogger(nopLog())), after: func(*http.Request) error {
			if broken = !broken; broken {
				return io.ErrUnexpectedEOF
			}
			return nil
		}})
		errs, err := server.Load(t.Context(), append(records, rival))
		if err != nil || errors.Join(errs[:len(records)]...) != nil || !errors.Is(errs[len(records)], customer.ErrConflict) {
			t.Fatalf("got %v, %v", errs, err)
		}
		for _, want := range records {
			if got, err := behind.Get(t.Context(), want.ID); err != nil || !bytes.Equal(want.AppendJSON(nil), got.AppendJSON(nil)) {
				t.Errorf("got %v, %v", got, err)
			}
		}
	})
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/httpserver/metrics"
	"example.com/customer/memstore"
)

// replaysOf returns what a store answers for drafts: an ID, the class of an error or nothing.
func replaysOf(t fataler, s customer.ReplayFinder, drafts []customer.Draft) []string {
	t.Helper()
	made, errs, err := s.FindReplays(context.Background(), drafts)
	if err != nil || len(made) != len(drafts) || len(errs) != len(drafts) {
		t.Fatalf("FindReplays of %d drafts: %d customers, %d errors, %v", len(drafts), len(made), len(errs), err)
	}
	answers := make([]string, len(drafts))
	for i := range drafts {
		switch {
		case errors.Is(errs[i], customer.ErrKeyReused), errors.Is(errs[i], customer.ErrInvalid):
			answers[i] = errs[i].Error()
		case errs[i] != nil:
			t.Fatalf("draft %d: %v", i, errs[i])
		case !made[i].ID.IsZero():
			answers[i] = made[i].ID.String()
		}
	}
	return answers
}

// counting returns a server on s, which it counts as the program does, and the number of requests it has got.
func counting(s customer.Store) (server *remote, requests *int) {
	requests = new(int)
	return remoteOf(&loopback{handler: httpserver.New(metrics.New().Store(s), httpserver.WithLogger(nopLog())), before: func(*http.Request) error {
		*requests++
		return nil
	}}), requests
}

func TestReplaysFoundThroughAServerAndStraightAgree(t *testing.T) {
	t.Parallel()
	draft := rapid.Custom(func(t *rapid.T) customer.Draft {
		return customer.Draft{
			Name:           rapid.SampledFrom([]string{"Ada", "Ada ", "Eve \"<&>\" ñ", "", "\x00"}).Draw(t, "name"),
			Email:          rapid.SampledFrom([]string{"", "", "ada@b.co", "eve@b.co", "fay@b.co"}).Draw(t, "email"),
			IdempotencyKey: rapid.SampledFrom([]string{"", "a", "b", `"c"`, "c d"}).Draw(t, "key"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		behind := people(t)
		for _, d := range rapid.SliceOfN(draft, 0, 3).Draw(t, "made before") {
			_, _ = behind.Create(context.Background(), d) // a draft that there is no room for is left out
		}
		drafts := rapid.SliceOfN(draft, 0, 10).Draw(t, "asked about")
		server, _ := counting(behind)
		if diff := cmp.Diff(replaysOf(t, behind, drafts), replaysOf(t, server, drafts)); diff != "" {
			t.Fatalf("(-straight +server)\n%s", diff)
		}
	})
}

func TestReplaysCostNoMoreRequestsThanTheyNeed(t *testing.T) {
	t.Parallel()
	drafts := func(n int, key string) []customer.Draft {
		list := make([]customer.Draft, n)
		for i := range list {
			list[i].Name = "Ada"
			if key != "" {
				list[i].IdempotencyKey = fmt.Sprint(key, i)
			}
		}
		return list
	}
	for name, tc := range map[string]struct {
		drafts []customer.Draft
		want   int
	}{
		"no drafts":                 {nil, 0},
		"drafts without keys":       {drafts(3, ""), 0},
		"drafts that are not valid": {[]customer.Draft{{IdempotencyKey: "a"}}, 0},
		"a thousand with keys":      {append(drafts(replayRows, "key"), drafts(3, "")...), 1},
		"one more":                  {drafts(replayRows+1, "key"), 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			behind := memstore.New()
			if len(tc.drafts) > 0 {
				_, _ = behind.Create(t.Context(), tc.drafts[len(tc.drafts)-1]) // one that is not valid is not made
			}
			server, requests := counting(behind)
			if diff := cmp.Diff(replaysOf(t, behind, tc.drafts), replaysOf(t, server, tc.drafts)); diff != "" {
				t.Errorf("(-straight +server)\n%s", diff)
			}
			if *requests != tc.want {
				t.Errorf("%d requests, want %d", *requests, tc.want)
			}
		})
	}
}

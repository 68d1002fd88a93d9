package postgres

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzReadPairs holds the short way of reading metadata to the long one: it gives the same or declines.
func FuzzReadPairs(f *testing.F) {
	for _, seed := range []string{
		`{"a": "b"}`, `{"a": "b", "c": "d"}`, `{"a": "b, c: d", "e": "{}"}`, `{"a": "x\"y"}`, `{"a": 1}`, `{"a": "b", "c": 1}`, `{"a": ["b", "c"]}`,
		`{"a": {"b": "c"}}`, `{"a": ""}`, `{"": "b"}`, `{}`, `{"a": "b",}`, `"a": "b"`, `{"a": "b"} `, `{"a": null}`, `{"a": "日本"}`, `["a", "b", "c"]`, `{"a""b"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, object string) {
		got, ok := readPairs(object)
		// PostgreSQL returns valid UTF-8; package json would mend anything else.
		if !ok || !utf8.ValidString(object) {
			return
		}
		var want map[string]string
		if err := json.Unmarshal([]byte(object), &want); err != nil {
			return // no object of strings is ever stored, and control characters come escaped
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-json +pairs)\n%s", object, diff)
		}
	})
}

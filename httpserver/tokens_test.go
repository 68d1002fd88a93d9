package httpserver_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer/httpserver"
)

func TestATokenIsMadeAsTheContractSays(t *testing.T) {
	t.Parallel()
	secret, line, err := httpserver.NewToken(principal("billing", "acme", httpserver.ScopeRead, httpserver.ScopeWrite))
	if err != nil {
		t.Fatal(err)
	}
	if random, err := base64.RawURLEncoding.DecodeString(secret); err != nil || len(random) != 32 {
		t.Errorf("the secret is %d bytes, %v", len(random), err)
	}
	want := fmt.Sprintf("billing acme read,write %x", sha256.Sum256([]byte(secret)))
	if line != want {
		t.Errorf("got the line %q, want %q", line, want)
	}
	if other, _, _ := httpserver.NewToken(principal("billing", "acme", httpserver.ScopeRead)); other == secret {
		t.Error("two tokens are one")
	}
}

func TestLinesOfTokens(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("0a", 32)
	for name, tc := range map[string]struct{ text, want string }{
		"a line":                                {"a acme read " + sum, ""},
		"comments, empty lines, CRLF and a BOM": {"\ufeff# tokens\r\n\r\n  \na acme read,write,erase " + sum + "\r\n", ""},
		"tabs and many spaces":                  {"a\tacme   read\t" + sum, ""},
		"the tenant without a name":             {"a - read " + sum, ""},
		"two tokens of one name":                {"a - read " + sum + "\na - read " + strings.Repeat("0b", 32), ""},
		"nothing":                               {"", "there is none"},
		"comments only":                         {"# a acme read " + sum, "there is none"},
		"a field missing":                       {"\na acme " + sum, "line 2"},
		"a field too many":                      {"a acme read write " + sum, "line 1"},
		"an unknown scope":                      {"a acme read,admin " + sum, "scopes"},
		"an empty scope":                        {"a acme read, " + sum, "scopes"},
		"a tenant in capitals":                  {"a Acme read " + sum, "tenant"},
		"a name with an at":                     {"a@b acme read " + sum, "name"},
		"a name too long":                       {strings.Repeat("a", 65) + " acme read " + sum, "name"},
		"a hash in capitals":                    {"a acme read " + strings.ToUpper(sum), "lower-case"},
		"a hash too short":                      {"a acme read " + sum[1:], "lower-case"},
		"a hash too long":                       {"a acme read " + sum + "0", "lower-case"},
		"the token itself":                      {"a acme read hunter2-hunter2-hunter2-hunter2-hunter2-hu", "never the token itself"},
		"one token twice":                       {"a acme read " + sum + "\nb acme read " + sum, "line 2"},
		"a megabyte and a byte":                 {strings.Repeat("#", 1<<20+1), "1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := httpserver.ParseTokens(strings.NewReader(tc.text))
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("got %v", err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("got %v, want it to say %q", err, tc.want)
			case err != nil && strings.Contains(err.Error(), "hunter2"):
				t.Error("the error repeats a secret")
			}
		})
	}
}

func TestEveryTokenMadeIsReadAsItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := httpserver.Principal{
			Name:   rapid.StringMatching(`[A-Za-z0-9._:~+/=-]{1,64}`).Draw(t, "name"),
			Tenant: rapid.StringMatching(`([a-z0-9][a-z0-9_-]{0,62})?`).Draw(t, "tenant"),
			Scopes: rapid.SliceOfNDistinct(rapid.SampledFrom([]httpserver.Scope{"read", "write", "erase"}), 1, 3, rapid.ID).Draw(t, "scopes"),
		}
		secret, line, err := httpserver.NewToken(p)
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := httpserver.ParseTokens(strings.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		got, err := tokens.Authenticate(request("GET", "/", "", "Authorization: Bearer "+secret))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func FuzzParseTokens(f *testing.F) {
	f.Add("a acme read " + strings.Repeat("0a", 32))
	f.Add("# x\n\na - read,write,erase " + strings.Repeat("ff", 32) + "\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := httpserver.ParseTokens(strings.NewReader(text))
		if (tokens == nil) == (err == nil) {
			t.Errorf("got %v and %v", tokens, err)
		}
	})
}

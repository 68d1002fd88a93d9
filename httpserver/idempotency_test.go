package httpserver_test

import (
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/httpserver"
	"example.com/customer/memstore"
)

func TestACreateThatIsSentAgain(t *testing.T) {
	t.Parallel()
	a := open(t)
	first := a.send("POST", "/v1/customers", ada, "Idempotency-Key: k1").want(201)
	if first.header.Get("Idempotent-Replayed") != "" {
		t.Error("the first is called a replay")
	}
	c := first.customer()
	again := a.send("POST", "/v1/customers", ada, `Idempotency-Key: "k1"`).want(201)
	if again.header.Get("Idempotent-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") || string(again.body) != string(first.body) {
		t.Errorf("the second is no replay: %v\n%s", again.header, again.body)
	}
	a.do("PATCH", "/v1/customers/"+c.ID.String(), field("phone", "12345")).want(200)
	later := a.send("POST", "/v1/customers", ada, "Idempotency-Key: k1").want(201)
	if later.header.Get("ETag") != `"2"` || later.customer().Phone != "12345" {
		t.Errorf("the replay does not show the customer as it is now\n%s", later.body)
	}
	a.send("POST", "/v1/customers", field("name", "another"), "Idempotency-Key: k1").wantCode(422, "idempotency_key_reused")
	a.send("POST", "/v1/customers", ada, "Idempotency-Key: k2").wantCode(409, "external_id_taken")
	a.send("POST", "/v1/customers", ada).wantCode(409, "external_id_taken")
	a.do("DELETE", "/v1/customers/"+c.ID.String(), "", "If-Match: *").want(204)
	if got := a.send("POST", "/v1/customers", ada, "Idempotency-Key: k1").want(201); got.customer().ID == c.ID {
		t.Error("the erased customer is there again")
	}
}

func TestSpellingsOfIdempotencyKeys(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 255)
	for name, tc := range map[string]struct {
		value, same string // another spelling of the same key; empty: malformed
	}{
		"bare":                          {"a-b_c", `"a-b_c"`},
		"with a quote inside":           {`a"b`, `"a\"b"`},
		"with a backslash":              {`a\b`, `"a\\b"`},
		"255 characters":                {long, `"` + long + `"`},
		"spaces around":                 {"  k  ", "k"},
		"a list, as a bare key":         {"a,b", `"a,b"`},
		"256 characters":                {long + "k", ""},
		"256 characters in quotes":      {`"` + long + `k"`, ""},
		"empty":                         {"", ""},
		"only spaces":                   {"  ", ""},
		"empty quotes":                  {`""`, ""},
		"no closing quote":              {`"a`, ""},
		"something after the quote":     {`"a"b`, ""},
		"a parameter":                   {`"a";x=1`, ""},
		"an escape of another letter":   {`"a\b"`, ""},
		"a backslash at the end":        {`"a\`, ""},
		"a space inside":                {"a b", ""},
		"a space inside quotes":         {`"a b"`, ""},
		"a letter beyond ASCII":         {"ä", ""},
		"a letter beyond ASCII, quoted": {`"ä"`, ""},
		"a control character":           {"a\x01b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := open(t)
			got := a.do("POST", "/v1/customers", ada, "Idempotency-Key: "+tc.value)
			if tc.same == "" {
				got.wantCode(400, "invalid_header")
				return
			}
			got.want(201)
			if again := a.send("POST", "/v1/customers", ada, "Idempotency-Key: "+tc.same).want(201); again.header.Get("Idempotent-Replayed") != "true" {
				t.Error("the other spelling is another key")
			}
		})
	}
	t.Run("two keys are malformed", func(t *testing.T) {
		t.Parallel()
		open(t).send("POST", "/v1/customers", ada, "Idempotency-Key: a", "Idempotency-Key: a").wantCode(400, "invalid_header")
	})
	t.Run("on other requests it has no effect, malformed or not", func(t *testing.T) {
		t.Parallel()
		a := open(t)
		target := "/v1/customers/" + a.create(ada).ID.String()
		for _, key := range []string{"k", `"`} {
			a.send("POST", target+"/archive", "", "Idempotency-Key: "+key).want(200)
			a.send("POST", target+"/restore", "", "Idempotency-Key: "+key).want(200)
			a.send("POST", target+"/tags", `{"add":["`+strings.ToLower(strings.Trim(key, `"`))+`x"]}`, "Idempotency-Key: "+key).want(200)
			a.send("POST", "/v1/search", "q=ada", "Idempotency-Key: "+key).want(200)
		}
	})
}

// A key is told before what is wrong with the body, and a replay before what is taken.
func TestAKeyAmongOtherFaults(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	a := over(t, store)
	a.send("POST", "/v1/customers", `{"zzz":1}`, `Idempotency-Key: "`).wantCode(400, "invalid_header")
	a.send("POST", "/v1/customers", `{"email":"nobody"}`, "Idempotency-Key: k").wantCode(422, "validation_failed")
	c := a.do("POST", "/v1/customers", ada, "Idempotency-Key: k").want(201).customer()
	if _, err := customer.Archive(t.Context(), store, c.ID, c.Version); err != nil {
		t.Fatal(err)
	}
	if got := a.send("POST", "/v1/customers", ada, "Idempotency-Key: k").want(201).customer(); got.Status != customer.Archived {
		t.Errorf("the replay is %s", got.Status)
	}
}

func FuzzIdempotencyKey(f *testing.F) {
	for _, key := range []string{"k", `"k"`, `"a\"b"`, `"`, ` "k" `, "\x7f"} {
		f.Add(key)
	}
	a := httpserver.New(memstore.New(), httpserver.WithLogger(discard))
	f.Fuzz(func(t *testing.T, key string) {
		got := api{t, a}.do("POST", "/v1/customers", `{"name":"x"}`, "Idempotency-Key: "+key)
		if got.status != 201 && got.status != 400 {
			t.Errorf("%q is answered with %d", key, got.status)
		}
	})
}

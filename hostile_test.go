package customer_test

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/customer"
)

func TestParseTextSurvivesNamesThatGrowInLowerCase(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"metadata." + strings.Repeat("Ⱥ", 10) + ":x",
		"has:metadata." + strings.Repeat("Ⱥ", 10),
		"-metadata.İ:x",
		strings.Repeat("Ⱥ", 200) + ":x",
	} {
		if _, err := customer.ParseText(text); err == nil {
			t.Errorf("ParseText(%q) accepts a key outside ASCII", text)
		}
	}
}

// Sizes are chosen so that work quadratic in them would not end within any test's time.
func TestWorkGrowsWithTheInputAndNoFaster(t *testing.T) {
	t.Parallel()
	han := make([]rune, 1_000_000)
	for i := range han {
		han[i] = 0x20000 + rune(i%40_000)
	}
	address := "a@" + string(han) + ".de"

	t.Run("a domain of a million letters is no domain", func(t *testing.T) {
		t.Parallel()
		for _, f := range []customer.Filter{customer.ByEmail.Is(address), customer.ByEmailDomain.Is(address[2:])} {
			if _, err := customer.Compile(f); !errors.Is(err, customer.ErrInvalid) {
				t.Errorf("Compile: %v, want ErrInvalid", err)
			}
		}
		if k := customer.KeysOf(customer.Customer{Email: address}); k.Email == "" {
			t.Error("an address that is none has no key")
		}
	})

	t.Run("a name too long is refused before it is folded", func(t *testing.T) {
		t.Parallel()
		_, err := customer.Compile(customer.ByName.Is(strings.Repeat(" ", 1<<20)))
		if fault, ok := errors.AsType[*customer.QueryError](err); !ok || !strings.Contains(fault.Message, "at most 200") {
			t.Errorf("Compile: %v, want its length to be refused", err)
		}
	})
	t.Run("a hundred thousand tags are added and removed in one change", func(t *testing.T) {
		t.Parallel()
		add, remove := make([]string, 100_000), make([]string, 100_000)
		for i := range add {
			add[i], remove[i] = "a"+strconv.Itoa(i), "r"+strconv.Itoa(i)
		}
		c := customer.Customer{Name: "Ada", Version: 1, Status: customer.Active, Tags: []string{"vip"}}
		_, _, err := customer.Patch{AddTags: add, RemoveTags: remove}.Apply(c, time.Now())
		wantFaults(t, err, "tags too_many")
	})
}

func TestAnErrorStaysSmallerThanItsInput(t *testing.T) {
	t.Parallel()
	tags, metadata := make([]string, 100_000), make(map[string]string, 100_000)
	for i := range tags {
		tags[i], metadata["k"+strconv.Itoa(i)] = ",", "\x00"
	}
	_, err := customer.Draft{Name: "Ada", Tags: tags, Metadata: metadata}.Build(customer.NewID(), time.Now())
	invalid, ok := errors.AsType[*customer.ValidationError](err)
	if !ok {
		t.Fatalf("got %T, want a *ValidationError", err)
	}
	if len(invalid.Fields) != 200 {
		t.Errorf("got %d faults, want the first 200", len(invalid.Fields))
	}
}

// What a query means after Normalize must be as valid as what was asked, or a parsed query could not be run.
func TestSearchTextThatGrowsWhenFoldedStaysValid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text string }{
		{"one long word of Hangul, each syllable three letters when folded", strings.Repeat("한글", 85)},
		{"Hangul words", strings.Repeat("값값값 값값 ", 20)},
		{"kana with voicing marks", strings.Repeat("ガギグ", 50)},
		{"Devanagari whose letters never compose", strings.Repeat("\u0958", 80) + " " + strings.Repeat("\u095e", 80)},
		{"squared words of six letters", strings.Repeat("㌖ ㌖㌖ ㌫㌫ ", 20)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, err := customer.ParseText(tt.text)
			if err != nil {
				t.Fatalf("ParseText: %v", err)
			}
			if err := (customer.Query{Where: f}).Validate(); err != nil {
				t.Errorf("Validate of what was parsed: %v", err)
			}
		})
	}
}

func TestSearchTextBeyondItsLimitOnceFoldedIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("㌖", 100), "ada @" + strings.Repeat("d", 254)} {
		_, err := customer.ParseText(text)
		if q, ok := errors.AsType[*customer.QueryError](err); !ok || q.Param != "q" {
			t.Errorf("ParseText(%.20q…) = %v, want a *QueryError of q", text, err)
		}
		if _, err := customer.Compile(customer.Text(text)); !errors.Is(err, customer.ErrInvalid) {
			t.Errorf("Compile(Text(%.20q…)) = %v, want ErrInvalid", text, err)
		}
	}
}

func TestNestingIsBoundedBeforeAnythingWalksIt(t *testing.T) {
	t.Parallel()
	f := customer.HasAnyTag("vip")
	for range 100_000 {
		f = customer.And(customer.Or(f, customer.HasStatus(customer.Active)), customer.HasAnyTag("b2b"))
	}
	if _, err := customer.Compile(customer.ActiveUnlessNamed(f)); !errors.Is(err, customer.ErrInvalid) {
		t.Errorf("Compile = %v, want ErrInvalid", err)
	}
}

func TestParenthesesUpToTheLimitOfTheTextAreLegal(t *testing.T) {
	t.Parallel()
	f, err := customer.ParseText(strings.Repeat("(", 255) + "xy" + strings.Repeat(")", 255))
	if err != nil || !reflect.DeepEqual(f, customer.Text("xy")) {
		t.Errorf("got %#v, %v", f, err)
	}
	if _, err := customer.ParseText(strings.Repeat("-(", 170) + "x" + strings.Repeat(")", 170)); err != nil {
		t.Errorf("an even number of negations: %v", err)
	}
}

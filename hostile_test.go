package customer_test

import (
	"errors"
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

package customer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"example.com/customer"
)

func TestFormatTextIsReadBackAsTheNormalForm(t *testing.T) {
	t.Parallel()
	formatted, drawn := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		f := drawFilter(t)
		drawn++
		text, err := customer.FormatText(f)
		if errors.Is(err, errors.ErrUnsupported) {
			return
		}
		if err != nil {
			t.Fatalf("FormatText(%#v): %v", f, err)
		}
		formatted++
		if len(text) > customer.MaxTextBytes {
			t.Fatalf("%d bytes of text: %s", len(text), text)
		}
		got, err := customer.ParseText(text)
		if err != nil {
			t.Fatalf("ParseText(%s): %v", text, err)
		}
		if diff := cmp.Diff(customer.Normalize(f), got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("ParseText(%s) (-want +got):\n%s", text, diff)
		}
	})
	if formatted*3 < drawn {
		t.Errorf("only %d of %d filters had a text form: the law was hardly tried", formatted, drawn)
	}
}

// Every value that could be taken for an operator, in every place where a value stands.
func TestFormatTextQuotesWhatItMust(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, nasty := range nastyValues {
		for _, v := range []string{nasty, nasty + " " + nasty} {
			var filters []customer.Filter
			for _, field := range customer.TextFields() {
				filters = append(filters, field.Is(v), field.Prefix(v), field.Suffix(v), field.Contains(v), field.Contains(v, "5x5"), field.Is(v, "5x@5"))
			}
			filters = append(filters, customer.HasAnyTag(v), customer.HasAllTags(v, "zz"), customer.HasMetadata("k", v), customer.HasMetadata("k", v, "zz"), customer.Text(v))
			for _, f := range filters {
				for _, f := range []customer.Filter{f, customer.Not(f)} {
					text, err := customer.FormatText(f)
					if err != nil {
						continue
					}
					tried++
					parsedAs(t, text, f)
				}
			}
		}
	}
	if tried < 5_000 {
		t.Errorf("only %d filters had a text form", tried)
	}
}

func TestFormatTextWritesWhatPeopleWouldWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		f    customer.Filter
		want string
	}{
		{"words, sorted", customer.Text("Love Ada"), "ada love"},
		{"a domain", customer.Text("@Acme.com"), "email_domain:Acme.com"},
		{"a number", customer.Not(customer.Text("089")), "-(089)"},
		{"a word with a minus in front", customer.Text("-a@b"), `"-a@b"`},
		{"a part", customer.ByName.Contains("ann", "bob"), "name:ann,bob"},
		{"a part of an email", customer.ByEmail.Contains("ann"), "email:~ann"},
		{"the whole", customer.ByName.Is("Ann Lee"), `name:="Ann Lee"`},
		{"the whole of an email", customer.ByEmail.Is("a@b.co", "c@d.co"), "email:a@b.co,c@d.co"},
		{"a prefix", customer.ByCity.Prefix("New Y"), `city:"New Y"*`},
		{"a suffix", customer.ByCity.Suffix("york"), "city:*york"},
		{"quotes in a value", customer.ByName.Contains(`a"b\`), `name:"a\"b\\"`},
		{"tags", customer.And(customer.HasAllTags("a", "b"), customer.HasAnyTag("c", "d")), "tag:a tag:b tag:c,d"},
		{"presence", customer.Not(customer.ByPhone.Present()), "-has:phone"},
		{"since", customer.ByCreatedAt.Since(noon), "created_at:>=2026-01-31T12:00:00Z"},
		{"before", customer.ByCreatedAt.Before(noon), "created_at:<2026-01-31T12:00:00Z"},
		{"either", customer.And(customer.Or(customer.HasAnyTag("vip"), customer.ByCountry.Contains("NL")), customer.HasStatus(customer.Active)), "status:active (country:NL OR tag:vip)"},
		{"neither", customer.NoneOf{customer.HasAnyTag("a"), customer.HasMetadata("k", "v")}, "-(metadata.k:v OR tag:a)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := customer.FormatText(tt.f)
			if err != nil || got != tt.want {
				t.Errorf("FormatText = %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}

func TestFormatTextSaysWhatHasNoTextForm(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		f    customer.Filter
	}{
		{"all customers", nil},
		{"all customers said as And", customer.And()},
		{"no customers", customer.Or()},
		{"no status", customer.HasStatus()},
		{"no id", customer.HasID()},
		{"any of no tags", customer.HasAnyTag()},
		{"all of no tags", customer.HasAllTags()},
		{"an empty set deep inside", customer.Not(customer.Or(customer.HasAnyTag("a"), customer.And(customer.HasAnyTag("b"), customer.HasID())))},
		{"several names as equality", customer.ByName.Is("a", "b")},
		{"several prefixes", customer.ByEmail.Prefix("a", "b")},
		{"several suffixes", customer.ByName.Suffix("a", "b")},
		{"equality of an email without @", customer.ByEmail.Is("ada")},
		{"a span from the end of time", customer.ByCreatedAt.Since(someTimes[len(someTimes)-1])},
		{"a text of more than 512 bytes", customer.HasMetadata("k", strings.Repeat("v", 513))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if text, err := customer.FormatText(tt.f); !errors.Is(err, errors.ErrUnsupported) || text != "" {
				t.Errorf("FormatText = %q, %v, want ErrUnsupported", text, err)
			}
		})
	}
}

func TestFormatTextRefusesAnInvalidFilter(t *testing.T) {
	t.Parallel()
	if text, err := customer.FormatText(customer.ByName.Is("")); !errors.Is(err, customer.ErrInvalid) || text != "" {
		t.Errorf("FormatText = %q, %v, want ErrInvalid", text, err)
	}
}

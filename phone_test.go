package customer_test

import (
	"strings"
	"testing"
	"unicode"

	"example.com/customer"
)

func TestPhoneIsKeptAsTypedWithASCIISpacesDashesAndDigits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"an international number", "+1 (555) 010-0100", "+1 (555) 010-0100"},
		{"a slash, dots and a hash", "030/12.34#5", "030/12.34#5"},
		{"a star and a pause", "*100*7,,1#", "*100*7,,1#"},
		{"an extension as x", "555-0100 x12", "555-0100 x12"},
		{"an extension as ext", "555-0100 ext 12", "555-0100 ext 12"},
		{"an extension as ext with a dot", "555-0100 EXT. 12", "555-0100 EXT. 12"},
		{"tel before the number", "Tel. 555 0100", "Tel. 555 0100"},
		{"three digits", "112", "112"},
		{"twenty digits", strings.Repeat("12345", 4), strings.Repeat("12345", 4)},
		{"spaces at the ends", "  555 0100 ", "555 0100"},
		{"double spaces inside stay", "555  0100", "555  0100"},
		{"no-break, thin and ideographic spaces", "555\u00a001\u200900\u30007", "555 01 00 7"},
		{"every kind of dash", "5\u20105\u20115\u20125\u20135\u20145\u20155\u22125\uff0d5", "5-5-5-5-5-5-5-5-5"},
		{"fullwidth digits", "\uff10\uff13-\uff11\uff12\uff13\uff14", "03-1234"},
		{"Arabic-Indic digits", "\u0660\u0661\u0662\u0663", "0123"},
		{"Devanagari digits", "\u0967\u0968\u0969", "123"},
		{"mathematical digits", "\U0001d7ce\U0001d7d9\U0001d7e4", "012"},
		{"allowed format characters vanish", "\u200e+1 555\u00ad 0100\u200f", "+1 555 0100"},
		{"nothing but spaces is absent", " \u00a0\u3000 ", ""},
		{"nothing but format characters is absent", "\u200e\u00ad", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := build(customer.Draft{Name: "Ada", Phone: tt.in})
			if err != nil {
				t.Fatalf("Build: %v", err)
			}
			if c.Phone != tt.want {
				t.Errorf("Phone = %q, want %q", c.Phone, tt.want)
			}
		})
	}
}

func TestPhoneRefusesWhatIsNoNumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in string
		code     customer.Code
	}{
		{"two digits", "12", customer.CodeInvalidPhone},
		{"twenty-one digits", strings.Repeat("1234567", 3), customer.CodeInvalidPhone},
		{"no digits", "ext", customer.CodeInvalidPhone},
		{"letters", "555-CALL-ME", customer.CodeInvalidPhone},
		{"a word that only begins like ext", "555 0100 extra 1", customer.CodeInvalidPhone},
		{"a colon", "tel:5550100", customer.CodeInvalidPhone},
		{"a semicolon", "5550100;1", customer.CodeInvalidPhone},
		{"a letter of another script that looks like x", "5550100 \u0445 12", customer.CodeInvalidPhone},
		{"a combining mark", "555\u0301 0100", customer.CodeInvalidPhone},
		{"superscript digits", "\u00b9\u00b2\u00b3", customer.CodeInvalidPhone},
		{"a tab inside", "555\t0100", customer.CodeInvalidPhone},
		{"a tab at the beginning", "\t5550100", customer.CodeInvalidPhone},
		{"a line break at the end", "5550100\n", customer.CodeInvalidPhone},
		{"nothing but a tab", "\t", customer.CodeInvalidPhone},
		{"a next-line control at the end", "5550100\u0085", customer.CodeInvalidPhone},
		{"a line separator at the end", "5550100\u2028", customer.CodeInvalidPhone},
		{"NUL", "555\x000100", customer.CodeInvalidPhone},
		{"a bidi override", "\u202e5550100", customer.CodeInvalidPhone},
		{"a zero-width space", "555\u200b0100", customer.CodeInvalidPhone},
		{"a noncharacter", "5550100\ufdd0", customer.CodeInvalidPhone},
		{"invalid UTF-8", "5550100\xff", customer.CodeInvalidPhone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := build(customer.Draft{Name: "Ada", Phone: tt.in})
			wantFaults(t, err, "phone "+tt.code)
		})
	}
}

// The decimal digits of every script come in runs of ten from zero up; a digit read wrongly would make two numbers equal.
func TestPhoneReadsTheDigitsOfEveryScript(t *testing.T) {
	t.Parallel()
	run := 0
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !unicode.IsDigit(r) {
			continue
		}
		want := string([]rune{'1', '2', rune('0' + run%10)})
		run++
		if c, err := build(customer.Draft{Phone: "12" + string(r)}); err != nil || c.Phone != want {
			t.Errorf("U+%04X gives %q, %v, want %q", r, c.Phone, err, want)
		}
	}
	if run%10 != 0 || run < 600 {
		t.Errorf("Unicode has %d decimal digits, not whole runs of ten", run)
	}
}

package customer_test

import (
	"strings"
	"testing"

	"example.com/customer"
)

func TestEmailIsKeptAsTyped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"capitals", "Ada@Example.COM", "Ada@Example.COM"},
		{"a tag", "a+tag@b.co", "a+tag@b.co"},
		{"an apostrophe", "o'hara@b.ie", "o'hara@b.ie"},
		{"what a spreadsheet takes for a formula", "=1+1@b.co", "=1+1@b.co"},
		{"every special character of a dot-atom", "!#$%&'*+-/=?^_`{|}~@b.co", "!#$%&'*+-/=?^_`{|}~@b.co"},
		{"dots inside", "a.b.c@d.e.f.gh", "a.b.c@d.e.f.gh"},
		{"spaces of any kind at the ends", " \u00a0a@b.co\u3000", "a@b.co"},
		{"a Unicode domain", "a@exämple.de", "a@exämple.de"},
		{"a Unicode local part", "王小明@b.co", "王小明@b.co"},
		{"an emoji in the local part", "\U0001f600@b.co", "\U0001f600@b.co"},
		{"decomposed text composes", "u\u0308@b.co", "\u00fc@b.co"},
		{"A-labels", "a@xn--exmple-cua.de", "a@xn--exmple-cua.de"},
		{"A-labels in capitals", "a@XN--EXMPLE-CUA.DE", "a@XN--EXMPLE-CUA.DE"},
		{"a top-level domain of A-labels", "a@b.xn--p1ai", "a@b.xn--p1ai"},
		{"an ideographic full stop", "a@b。co", "a@b。co"},
		{"digits in labels but the last", "a@1.2.3.4a", "a@1.2.3.4a"},
		{"hyphens inside labels", "a@b-c.d--e.co", "a@b-c.d--e.co"},
		{"labels of one letter", "a@b.c", "a@b.c"},
		{"a label of 63", "a@" + strings.Repeat("d", 63) + ".co", "a@" + strings.Repeat("d", 63) + ".co"},
		{"a local part of 64 bytes", emailOf(64, 100), emailOf(64, 100)},
		{"a local part of 64 bytes in UTF-8", strings.Repeat("ü", 32) + "@b.co", strings.Repeat("ü", 32) + "@b.co"},
		{"254 bytes", emailOf(64, 254), emailOf(64, 254)},
		{"a domain of 253 in A-labels", "a@" + strings.Repeat(wideLabel()+".", 3) + strings.Repeat("d", 61) + ".co", "a@" + strings.Repeat(wideLabel()+".", 3) + strings.Repeat("d", 61) + ".co"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := build(customer.Draft{Email: tt.in})
			if err != nil {
				t.Fatalf("Build: %v", err)
			}
			if c.Email != tt.want {
				t.Errorf("Email = %+q, want %+q", c.Email, tt.want)
			}
		})
	}
}

func TestEmailRefusesWhatIsNotOneAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in string }{
		{"a word", "a"},
		{"an at sign alone", "@"},
		{"no local part", "@x.com"},
		{"no domain", "a@"},
		{"two at signs", "a@b@c.de"},
		{"a display name", "Bob <a@b.co>"},
		{"angle brackets", "<a@b.co>"},
		{"a comment", "a@b.co (x)"},
		{"a comment in the local part", "a(x)@b.co"},
		{"a quoted local part", `"a b"@c.de`},
		{"a quoted local part without need", `"a"@c.de`},
		{"an address literal", "a@[127.0.0.1]"},
		{"an IPv4 address", "a@127.0.0.1"},
		{"two addresses", "a@b.co,c@d.co"},
		{"two addresses and a semicolon", "a@b.co;c@d.co"},
		{"mailto", "mailto:a@b.co"},
		{"a space inside", "a b@c.de"},
		{"a space before the at sign", "a @c.de"},
		{"a no-break space inside", "a\u00a0b@c.de"},
		{"a space in the domain", "a@b .co"},
		{"a dot at the beginning", ".a@b.co"},
		{"a dot before the at sign", "a.@b.co"},
		{"two dots in the local part", "a..b@c.de"},
		{"a backslash", `a\b@c.de`},
		{"a domain of one label", "a@localhost"},
		{"a Unicode domain of one label", "a@exämple"},
		{"two dots in the domain", "a@a..b"},
		{"two dots in a Unicode domain", "a@ä..b"},
		{"a dot at the end", "a@b.co."},
		{"a dot at the end of a Unicode domain", "a@ä.co."},
		{"an ideographic full stop at the end", "a@b.co。"},
		{"a dot at the beginning of the domain", "a@.b.co"},
		{"a hyphen at the beginning of a label", "a@-b.co"},
		{"a hyphen at the end of a label", "a@b-.co"},
		{"a hyphen at the end of a Unicode label", "a@ä-.co"},
		{"an underscore in the domain", "a@b_c.de"},
		{"an underscore in a Unicode domain", "a@ä_c.de"},
		{"a slash in the domain", "a@b/c.de"},
		{"a percent sign in the domain", "a@b%20c.de"},
		{"digits as the last label", "a@b.123"},
		{"fullwidth digits as the last label", "a@b.１２"},
		{"A-labels that decode to nothing", "a@xn--.de"},
		{"A-labels of plain ASCII", "a@xn--abc-.de"},
		{"A-labels that are no Punycode", "a@xn--ä.de"},
		{"two hyphens in places 3 and 4 of something else", "a@ab--cd.de"},
		{"a label of 64", "a@" + strings.Repeat("d", 64) + ".co"},
		{"a Unicode label whose A-label has 64", "a@" + strings.Repeat("ä", 58) + ".co"},
		{"a domain of 254 in A-labels", "a@" + strings.Repeat(wideLabel()+".", 4) + "co"},
		{"a local part of 65 bytes", emailOf(65, 100)},
		{"a local part of 33 letters in 66 bytes", strings.Repeat("ü", 33) + "@b.co"},
		{"255 bytes", emailOf(64, 255)},
		{"a megabyte", "a@" + strings.Repeat("b.", 1<<19) + "co"},
		{"CR and LF inside", "a@b.co\r\nBcc: c@d.co"},
		{"a line feed at the end", "a@b.co\n"},
		{"NUL", "a\x00@b.co"},
		{"a C1 control", "a\u0080@b.co"},
		{"a zero-width space inside", "a\u200bb@c.de"},
		{"a zero-width joiner in the local part", "a\u200db@c.de"},
		{"a zero-width joiner in the domain", "a@b\u200dc.de"},
		{"a soft hyphen in the domain", "a@b\u00adc.de"},
		{"a right-to-left mark at the end", "a@b.co\u200f"},
		{"a byte order mark", "\ufeffa@b.co"},
		{"a bidi override", "\u202ea@b.co"},
		{"a noncharacter", "a\ufffe@b.co"},
		{"private use", "a\ue000@b.co"},
		{"invalid UTF-8", "a\xff@b.co"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := build(customer.Draft{Name: "Ada", Email: tt.in})
			wantFaults(t, err, "email invalid_email")
		})
	}
}

// emailOf returns a valid address of size bytes, local bytes of them before the at sign.
func emailOf(local, size int) string {
	domain, rest := "", size-local-len("@.co")
	for ; rest > 63; rest -= 32 {
		domain += strings.Repeat("d", 31) + "."
	}
	return strings.Repeat("l", local) + "@" + domain + strings.Repeat("d", rest) + ".co"
}

// wideLabel returns a label of 54 bytes whose A-label has 62.
func wideLabel() string {
	label := make([]rune, 18)
	for i := range label {
		label[i] = rune(0x4e00 + i*4900%20000)
	}
	return string(label)
}

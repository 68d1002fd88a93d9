package customer_test

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"example.com/customer"
)

// The SHA-256 of the keys of every code point, and the KeysVersion that keys made by them are stored under.
const (
	pinnedFold        = "2c7000ddf6deddddce9f66d5195ca7eb44b6d1cf80afcb9baac410174da7a58f"
	pinnedKeys        = "0d156dbbd2ac8cc8265cddcce5403d8507325082f5846e17919e832e28d91bd4"
	pinnedKeysVersion = 1
)

func TestKeysOfAllCodePointsArePinnedToTheirVersion(t *testing.T) {
	t.Parallel()
	fold, keys := sha256.New(), sha256.New()
	for chunk := range slices.Chunk(codePoints(), 64) {
		var text strings.Builder
		for _, r := range chunk {
			// Between letters, so that spaces stay; marks meet a letter that loses them and one that keeps them.
			text.WriteString("a" + string(r))
			if unicode.Is(unicode.M, r) {
				text.WriteString("क" + string(r))
			}
		}
		fold.Write([]byte(customer.Fold(text.String())))
		keys.Write([]byte(customer.KeysOf(customer.Customer{ExternalID: text.String()}).Words))
		for _, r := range chunk {
			if unicode.IsLetter(r) {
				keys.Write([]byte(customer.KeysOf(customer.Customer{Email: string(r) + "@" + string(r) + ".de"}).Email))
			}
		}
	}
	for _, tt := range []struct {
		of, got, want string
	}{
		{"Fold", hex.EncodeToString(fold.Sum(nil)), pinnedFold},
		{"KeysOf", hex.EncodeToString(keys.Sum(nil)), pinnedKeys},
	} {
		if tt.got != tt.want || customer.KeysVersion != pinnedKeysVersion {
			t.Errorf("%s over all code points has the SHA-256 %s at KeysVersion %d, want %s at %d.\n"+
				"The code, the Unicode tables of Go or those of golang.org/x have changed, and keys in databases were made by the old ones: "+
				"raise KeysVersion, pin it and the new sums here, and let the migration of every store rewrite its rows.",
				tt.of, tt.got, customer.KeysVersion, tt.want, pinnedKeysVersion)
		}
	}
}

func codePoints() []rune {
	all := make([]rune, 0, unicode.MaxRune)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if utf8.ValidRune(r) {
			all = append(all, r)
		}
	}
	return all
}

func TestFoldIsIdempotent(t *testing.T) {
	t.Parallel()
	for chunk := range slices.Chunk(codePoints(), 64) {
		var text strings.Builder
		for _, r := range chunk {
			text.WriteString("a" + string(r) + "\u0301")
		}
		if once := customer.Fold(text.String()); customer.Fold(once) != once {
			t.Errorf("Fold is not idempotent on one of U+%04X to U+%04X", chunk[0], chunk[len(chunk)-1])
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text")
		once := customer.Fold(s)
		if customer.Fold(once) != once || !utf8.ValidString(once) {
			t.Fatalf("Fold(%+q) = %+q, and of that %+q", s, once, customer.Fold(once))
		}
	})
}

func TestFoldMakesSpellingsEqual(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"folded already", "ada lovelace", "ada lovelace"},
		{"capitals", "ADA", "ada"},
		{"spaces", "  ada \u00a0\u3000 love\tlace ", "ada love lace"},
		{"one space", " ", ""},
		{"accents, composed", "José Ñandú", "jose nandu"},
		{"accents, decomposed", "Jose\u0301", "jose"},
		{"Vietnamese", "Nguyễn Thị Đào", "nguyen thi dao"},
		{"Polish and Nordic letters", "Łódź Ørsted Đurić Þór Æsir Œuvre ħ", "lodz orsted duric thor aesir oeuvre h"},
		{"sharp s in both cases", "Straße GROẞ", "strasse gross"},
		{"Turkish i in all forms", "İstanbul Iğdır ılık", "istanbul igdir ilik"},
		{"long s", "Congreſs", "congress"},
		{"Greek with a final sigma and accents", "Ὀδυσσεύς ΟΔΥΣΣΕΥΣ", "οδυσσευσ οδυσσευσ"},
		{"Cyrillic short i and io", "Йод Ёлка", "иод елка"},
		{"Arabic vowel marks", "مُحَمَّد", "محمد"},
		{"Hebrew points", "שָׁלוֹם", "שלום"},
		{"fullwidth letters and digits", "Ａｄａ １２３", "ada 123"},
		{"ligatures", "ﬁnance ﬂow", "finance flow"},
		{"digits of other scripts", "٠١٢ १२३ ๓", "012 123 3"},
		{"superscripts and circles", "x² ①", "x2 1"},
		{"halfwidth katakana", "ﾊﾟ", "ハ\u309a"},
		{"kana voicing stays", "パ", "ハ\u309a"},
		{"kana without voicing is another word", "ハ", "ハ"},
		{"Devanagari whole", "हिंदी", "हिंदी"},
		{"Hangul", "한", "\u1112\u1161\u11ab"},
		{"an emoji with a joiner", "\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"},
		{"the Kelvin and Angstrom signs", "\u212a\u212b", "ka"},
		{"Cherokee", "Ꭰꭰ", "ꭰꭰ"},
		{"punctuation stays", "O'Reilly & Söhne (x)", "o'reilly & sohne (x)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := customer.Fold(tt.in); got != tt.want {
				t.Errorf("Fold(%+q) = %+q, want %+q", tt.in, got, tt.want)
			}
		})
	}
}

func TestFoldDropsMarksAfterFiveScriptsOnly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, letter string
		dropped      bool
	}{
		{"Latin", "a", true},
		{"Greek", "α", true},
		{"Cyrillic", "а", true},
		{"Arabic", "ب", true},
		{"Hebrew", "ב", true},
		{"Devanagari", "क", false},
		{"Thai", "ก", false},
		{"kana", "カ", false},
		{"a digit", "5", false},
		{"punctuation", "-", false},
		{"nothing", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			const mark = "\u0323"
			if got := customer.Fold(tt.letter + mark + mark); strings.Contains(got, mark) == tt.dropped {
				t.Errorf("Fold = %+q, marks dropped want %t", got, tt.dropped)
			}
		})
	}
}

package customer_test

import (
	"errors"
	"testing"
	"time"

	"example.com/customer"
)

func TestParseTimeReadsDaysAndInstants(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct{ name, in, from, to string }{
		{"a day", "2026-01-31", "2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"},
		{"a leap day", "2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
		{"the last day", "9999-12-31", "9999-12-31T00:00:00Z", ""},
		{"an instant", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.000001Z"},
		{"an instant of microseconds", "2026-01-31T12:00:00.000001Z", "2026-01-31T12:00:00.000001Z", "2026-01-31T12:00:00.000002Z"},
		{"an instant between microseconds", "2026-01-31T12:00:00.0000015Z", "2026-01-31T12:00:00.000002Z", "2026-01-31T12:00:00.000002Z"},
		{"an offset", "2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z", "2026-01-31T10:00:00.000001Z"},
		{"a plus that became a space", "2026-01-31T12:00:00 02:00", "2026-01-31T10:00:00Z", "2026-01-31T10:00:00.000001Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			from, to, err := customer.ParseTime(tt.in)
			if err != nil || !from.Equal(at(tt.from)) || from.Location() != time.UTC {
				t.Fatalf("from %s, %v", from, err)
			}
			if want := from.Add(24 * time.Hour); tt.to == "" && !to.Equal(want) || tt.to != "" && !to.Equal(at(tt.to)) {
				t.Errorf("to %s", to)
			}
		})
	}
	for _, bad := range []string{
		"", "2026", "2026-1-1", "2026-02-30", "2025-02-29", "1899-12-31", "10000-01-01", "infinity", "now", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z",
		"2026-01-31T12:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:00:60Z", "2026-01-31T12:00:00,5Z", "2026-01-31t12:00:00z", "2026-01-31T12:00:00+24:00", "2026-01-31T12:00:00+23:60",
		"2026-01-31T1:00:00Z",
		" 2026-01-31", "2026-01-31\n", "0001-01-01T00:00:00Z", "1900-01-01T00:00:00+01:00", "９999-01-01", "2026-01-31T12:00:00 0200", "-2026-01-31",
	} {
		if from, to, err := customer.ParseTime(bad); !errors.Is(err, customer.ErrInvalid) || !from.IsZero() || !to.IsZero() {
			t.Errorf("ParseTime(%q) = %s, %s, %v", bad, from, to, err)
		}
	}
}

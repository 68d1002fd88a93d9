package main

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/customer/postgres/postgrestest"
)

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(context.Background(), postgrestest.DSN(t), &out); err != nil {
		t.Fatal(err)
	}
	want := `created Ada Lovelace with an order
refused: the email is taken, and no order was left behind
order of 12.50 by Ada Lovelace
not deleted: she has orders; archived instead
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

package postgres

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/customer"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Every node of a filter has one fragment here. A change of the file is a change of what the database is asked: look at its plans.
func TestEveryNodeCompilesToItsGoldenFragment(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	id := customer.ID{15: 1}
	cases := []struct {
		name string
		f    customer.Filter
		p    plan
	}{
		{"all of", customer.And(customer.HasStatus(customer.Active), customer.Has("notes")), planIndexed},
		{"all of nothing", customer.And(), planIndexed},
		{"any of", customer.Or(customer.Has("tag"), customer.Has("notes")), planIndexed},
		{"any of nothing", customer.Or(), planIndexed},
		{"none of", customer.Not(customer.Or(customer.Has("tag"), customer.Has("notes"))), planIndexed},
		{"name is", customer.ByName.Is("Ann Lee"), planIndexed},
		{"name is any", customer.ByName.Is("Ann", "Bob"), planIndexed},
		{"name prefix", customer.ByName.Prefix("Ann"), planIndexed},
		{"name suffix", customer.ByName.Suffix("Lee"), planIndexed},
		{"name contains", customer.ByName.Contains("n Lee_%"), planIndexed},
		{"name contains, small tenant", customer.ByName.Contains("Lee"), planWalk},
		{"company", customer.ByCompany.Contains("Acme"), planIndexed},
		{"email is", customer.ByEmail.Is("Ada@Exämple.de"), planIndexed},
		{"email contains", customer.ByEmail.Contains("ada.love"), planIndexed},
		{"email prefix", customer.ByEmail.Prefix("Ada_l@ex", "ada", "jürgen@example"), planIndexed},
		{"email domain", customer.ByEmailDomain.Is("exämple.de"), planIndexed},
		{"phone", customer.ByPhone.Suffix("55-55"), planIndexed},
		{"external id is", customer.ByExternalID.Is("X-1"), planIndexed},
		{"external id prefix", customer.ByExternalID.Prefix("CRM-100"), planIndexed},
		{"city", customer.ByCity.Contains("Köln"), planIndexed},
		{"region", customer.ByRegion.Contains("Quebec"), planIndexed},
		{"postal code", customer.ByPostalCode.Prefix("12"), planIndexed},
		{"country", customer.ByCountry.Is("NL"), planIndexed},
		{"span", customer.ByCreatedAt.Between(day, day.AddDate(0, 0, 1)), planIndexed},
		{"span from", customer.ByUpdatedAt.Since(day), planIndexed},
		{"span of archiving", customer.ByArchivedAt.Before(day), planIndexed},
		{"status", customer.HasStatus(customer.Archived), planIndexed},
		{"either status", customer.HasStatus(customer.Archived, customer.Active), planIndexed},
		{"no status", customer.HasStatus(), planIndexed},
		{"ids", customer.HasID(id), planIndexed},
		{"any tag", customer.HasAnyTag("VIP", "b2b"), planIndexed},
		{"all tags", customer.HasAllTags("VIP", "b2b"), planIndexed},
		{"metadata", customer.HasMetadata("plan", `go"ld`, "silver"), planIndexed},
		{"has text", customer.ByPhone.Present(), planIndexed},
		{"has notes", customer.Has("notes"), planIndexed},
		{"has address", customer.Has("address"), planIndexed},
		{"has tag", customer.Has("tag"), planIndexed},
		{"has metadata", customer.Has("metadata"), planIndexed},
		{"has metadata key", customer.Has("metadata.plan"), planIndexed},
		{"has archived_at", customer.Has("archived_at"), planIndexed},
		{"words", customer.Text("ada 5555 00497 東京 ada@x.com"), planIndexed},
		{"words, small tenant", customer.Text("ada"), planWalk},
	}
	var got strings.Builder
	for _, c := range cases {
		cond, err := c.p.compile(customer.Normalize(c.f))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		sql, args, err := cond.ToSql()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		fmt.Fprintf(&got, "%s\n\t%s\n", c.name, sql)
		for _, arg := range args {
			if raw, ok := arg.([]byte); ok {
				arg = string(raw)
			}
			fmt.Fprintf(&got, "\t\t%v\n", arg)
		}
	}
	const golden = "testdata/fragments.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("fragments (-want +got):\n%s", diff)
	}
}

func TestAFilterFromElsewhereIsUnsupported(t *testing.T) {
	t.Parallel()
	if _, err := planIndexed.compile(struct{ customer.Filter }{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("compile: %v, want ErrUnsupported", err)
	}
}

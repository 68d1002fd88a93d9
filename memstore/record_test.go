package memstore

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"example.com/customer"
)

func TestAPackedCustomerUnpacksToItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCustomer(t)
		r := newRecord(c)
		if diff := cmp.Diff(c, unpack(r.body)); diff != "" {
			t.Errorf("the customer (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(customer.KeysOf(c), unpackKeys(r.index)); diff != "" {
			t.Errorf("the keys (-want +got)\n%s", diff)
		}
		var part customer.Customer
		unpackCustomer(r.body, fields, &part)
		c.Tags, c.Metadata = nil, nil
		if diff := cmp.Diff(c, part); diff != "" {
			t.Errorf("the customer without tags and metadata (-want +got)\n%s", diff)
		}
		for k, want := range map[sortKey]string{byName: r.keys.Name, byEmail: r.keys.Email, byCompany: r.keys.Company} {
			if got := unpackSortKey(r.index, int(k)); got != want {
				t.Errorf("sort key %d is %q, want %q", k, got, want)
			}
		}
		if got := unpackWords(r.index); got != r.keys.Words {
			t.Errorf("the words are %q, want %q", got, r.keys.Words)
		}
	})
}

// drawCustomer returns a customer that a store could hold, and some that only a later version of the rules would let in.
func drawCustomer(t *rapid.T) customer.Customer {
	text := rapid.OneOf(rapid.Just(""), rapid.String(), rapid.StringN(120, 300, -1))
	at := rapid.Custom(func(t *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(-2_208_988_800_000_000, 253_402_300_799_999_999).Draw(t, "µs")).UTC()
	})
	draw := func(label string) string { return text.Draw(t, label) }
	c := customer.Customer{
		Version: customer.Version(rapid.Int64Range(1, 1<<62).Draw(t, "version")), Status: customer.Active,
		ExternalID: draw("external id"), Name: draw("name"), Email: draw("email"), Phone: draw("phone"), Company: draw("company"), Notes: draw("notes"),
		Address: customer.Address{
			Line1: draw("line1"), Line2: draw("line2"), City: draw("city"), Region: draw("region"), PostalCode: draw("postal code"), Country: draw("country"),
		},
		CreatedAt: at.Draw(t, "created"), UpdatedAt: at.Draw(t, "updated"),
	}
	copy(c.ID[:], rapid.SliceOfN(rapid.Byte(), idLen, idLen).Draw(t, "id"))
	if rapid.Bool().Draw(t, "archived") {
		c.Status, c.ArchivedAt = customer.Archived, at.Draw(t, "archived at")
	}
	if tags := rapid.SliceOf(text).Draw(t, "tags"); len(tags) > 0 {
		c.Tags = tags
	}
	if metadata := rapid.MapOf(text, text).Draw(t, "metadata"); len(metadata) > 0 {
		c.Metadata = metadata
	}
	return c
}

func TestASnapshotStaysAsItIs(t *testing.T) {
	t.Parallel()
	var all table
	put := func(slot uint32, name string) {
		c, err := customer.Draft{Name: name}.Build(customer.ID{1}, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		all.set(slot, newRecord(c))
	}
	for range chunkRows + 1 {
		put(all.allocate(), "before")
	}
	first := all.snapshot()
	put(0, "between")
	second := all.snapshot()
	put(0, "after")
	put(all.allocate(), "after")
	all.set(1, nil)
	for _, name := range []struct {
		rows rows
		slot uint32
		want string
	}{
		{first, 0, "before"},
		{first, 1, "before"},
		{second, 0, "between"},
		{second, 1, "before"},
		{all.rows, 0, "after"},
		{all.rows, chunkRows + 1, "after"},
	} {
		if got := unpack(name.rows.body(name.slot)).Name; got != name.want {
			t.Errorf("slot %d holds %q, want %q", name.slot, got, name.want)
		}
	}
	if first.body(chunkRows+1) != "" || all.body(1) != "" {
		t.Errorf("a row that is free holds somebody")
	}
	if slot := all.allocate(); slot != 1 {
		t.Errorf("the next slot is %d, want the free one, 1", slot)
	}
}

package storetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"example.com/customer"
)

// limitOf returns the limit of a field.
func limitOf(name string) int {
	limits := customer.Limits()
	return limits[slices.IndexFunc(limits, func(l customer.Limit) bool { return l.Name == name })].Max
}

// text returns as many of sign as the field may have, and the tail in place of the last ones.
func text(field, sign, tail string) string {
	return strings.Repeat(sign, limitOf(field)-len([]rune(tail))) + tail
}

// largest returns a draft with every field at its limit; n tells several apart. One sign of the names and places folds to 18 letters.
func largest(n int) customer.Draft {
	const phrase, sign = "ﷺ", "🚀"
	tail := fmt.Sprint(n)
	d := customer.Draft{
		Name: text("name", phrase, tail), Company: text("company", phrase, tail), ExternalID: text("external_id", sign, tail), Notes: text("notes", sign, tail),
		Phone: strings.Repeat("1 ", 19) + "(" + tail, Email: longEmail(n),
		Address: customer.Address{
			Line1: text("address.line1", sign, ""), Line2: text("address.line2", phrase, ""), City: text("address.city", phrase, ""),
			Region: text("address.region", phrase, ""), PostalCode: text("address.postal_code", phrase, ""), Country: text("address.country", phrase, ""),
		},
		Metadata: make(map[string]string),
	}
	for i := range limitOf("tags") {
		d.Tags = append(d.Tags, text("tags[]", sign, fmt.Sprintf("%02d", i)))
	}
	keys := limitOf("metadata")
	for i := range keys {
		key := fmt.Sprintf("%064d", i)
		d.Metadata[key] = strings.Repeat("m", limitOf("metadata bytes")/keys-len(key))
	}
	return d
}

// longEmail returns an address of 254 bytes, 64 of them before the @.
func longEmail(n int) string {
	labels := strings.Repeat(strings.Repeat("d", 60)+".", 4)
	return strings.Repeat("l", 63) + fmt.Sprint(n) + "@" + labels[:limitOf("email")-65]
}

func createdLargest(t *trial) {
	all := make([]customer.Customer, 3)
	for i := range all {
		all[i] = t.create(largest(i))
		want, err := largest(i).Build(all[i].ID, t.clock.now())
		if err != nil {
			t.Fatalf("Build: %v", err)
		}
		t.same("Create", all[i], want)
	}
	values := strings.Repeat("🚀", limitOf("metadata{}"))
	wide := customer.Patch{
		ReplaceMetadata: true, Metadata: map[string]*string{"a": &values, "b": &values, "c": &values, "d": &values},
		Name: new(strings.Repeat("🚀", limitOf("name"))),
	}
	all[2] = t.update(all[2].ID, 1, wide)
	for _, c := range all {
		t.stored(c)
	}
	c := all[1]
	for what, f := range map[string]customer.Filter{
		"email":            customer.ByEmail.Is(strings.ToUpper(c.Email)),
		"email's domain":   customer.And(customer.ByEmailDomain.Is(c.Email[65:]), customer.ByExternalID.Is(c.ExternalID)),
		"external id":      customer.ByExternalID.Is(c.ExternalID),
		"phone":            customer.ByPhone.Is(c.Phone),
		"word":             customer.Text("صلى " + c.Email),
		"tags":             customer.And(customer.HasAllTags(c.Tags...), customer.ByExternalID.Suffix("🚀1")),
		"metadata":         customer.And(customer.HasMetadata(slices.Sorted(maps.Keys(c.Metadata))[63], strings.Repeat("m", 192)), customer.ByPhone.Suffix("1111")),
		"name and company": customer.And(customer.ByName.Is(c.Name), customer.ByCompany.Is(c.Company), customer.ByPhone.Suffix("1(1")),
		"part of the name": customer.And(customer.ByName.Contains("ﷺ"), customer.ByCity.Prefix("صلى"), customer.ByEmail.Contains("l1@")),
	} {
		t.found("by the "+what, f, c)
	}
	for _, order := range customer.Orders() {
		t.same(fmt.Sprintf("a walk in the order %q", order), t.walk(customer.Query{OrderBy: order, Limit: 1}, nil), sorted(all, order))
	}
	_, err := t.store.Create(t.Context(), customer.Draft{Email: longEmail(1)})
	t.conflicts("Create with a long email that is taken", err, "email", c.ID)
	t.stored(t.archive(c.ID))
	t.delete(c.ID)
	t.absent(c.ID)
}

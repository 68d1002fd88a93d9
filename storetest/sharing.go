package storetest

import (
	"maps"
	"slices"

	"example.com/customer"
)

var sharingCases = []testCase{
	{
		name:     "memory/what goes in",
		contract: "A store keeps no memory of the caller's: a draft or patch changed after the call changes no record, and no call changes them.",
		run:      sharesNoInput,
	},
	{
		name:     "memory/what comes out",
		contract: "A returned customer is the caller's: changing its tags and metadata changes no record and no other result.",
		run:      sharesNoOutput,
	},
	{
		name:     "memory/queries",
		contract: "A query is the caller's: no call changes its filter or a slice of IDs, and changing them later changes no result.",
		run:      sharesNoQuery,
	},
}

func sharesNoInput(t *trial) {
	d := customer.Draft{Name: "Ada", Tags: []string{"zeta", "alpha"}, Metadata: map[string]string{"plan": "gold", "seats": "5"}}
	sorted := customer.Draft{Name: "Sorted", Tags: []string{"alpha", "zeta"}, Metadata: map[string]string{"plan": "gold"}}
	c, s := t.create(d), t.create(sorted)
	t.same("the draft after Create", d.Tags, []string{"zeta", "alpha"})
	for _, d := range []customer.Draft{d, sorted} {
		d.Tags[0], d.Metadata["plan"], d.Metadata["new"] = "spoilt", "spoilt", "x"
	}
	t.stored(c)
	t.stored(s)

	tags, value := []string{"beta", "gamma"}, "silver"
	p := customer.Patch{Name: new("Augusta"), Tags: &tags, Metadata: map[string]*string{"plan": &value}}
	c = t.update(c.ID, 1, p)
	*p.Name, tags[0], value, p.Metadata["seats"] = "spoilt", "spoilt", "spoilt", nil
	t.stored(c)

	added, removed := make([]string, 0, 9), []string{" GAMMA", "beta"}
	added = append(added, "Omega", "delta")
	c = t.update(c.ID, 2, customer.Patch{AddTags: added, RemoveTags: removed})
	t.same("the added tags after Update", added[:cap(added)], append([]string{"Omega", "delta"}, make([]string, 7)...))
	t.same("the removed tags after Update", removed, []string{" GAMMA", "beta"})
	added[0], removed[0] = "spoilt", "spoilt"
	t.stored(c)
}

// spoil changes all memory that a customer shares.
func spoil(c customer.Customer) {
	for i := range c.Tags {
		c.Tags[i] = "spoilt"
	}
	_ = append(c.Tags, "spoilt")
	for key := range c.Metadata {
		c.Metadata[key] = "spoilt"
	}
	if c.Metadata != nil {
		c.Metadata["more"] = "spoilt"
	}
}

func sharesNoOutput(t *trial) {
	d := fullDraft()
	d.IdempotencyKey = "key"
	made := t.create(d)
	want := made.Clone()
	spoil(made)
	t.stored(want)
	spoil(t.create(d))
	t.stored(want)
	first, second := t.get(want.ID), t.get(want.ID)
	spoil(first)
	t.same("Get before the spoiling of another result", second, want)
	t.stored(want)
	spoil(t.update(want.ID, 1, customer.Patch{}))
	t.stored(want)

	q := customer.Query{Where: customer.HasAnyTag("vip")}
	page, other := t.search(q), t.search(q)
	for _, c := range page.Customers {
		spoil(c)
	}
	t.same("Search before the spoiling of another result", other.Customers, []customer.Customer{want})
	many, err := customer.GetMany(t.Context(), t.store, []customer.ID{want.ID, want.ID})
	t.fails("GetMany", err, nil)
	spoil(many[want.ID])
	for c, err := range customer.All(t.Context(), t.store, q) {
		t.fails("All", err, nil)
		spoil(c)
	}
	t.stored(want)

	changed := t.update(want.ID, 1, customer.Patch{Notes: new("changed")})
	want = changed.Clone()
	spoil(changed)
	t.stored(want)
	archived := t.archive(want.ID)
	want = archived.Clone()
	spoil(archived)
	t.stored(want)
}

func sharesNoQuery(t *trial) {
	all := t.crowd(20)
	ids := idsOf(all)
	slices.Reverse(ids)
	given := slices.Clone(ids)
	names := []string{"Zed", "twin", "Ärger"}
	tags := []string{"Zeta", "alpha"}
	build := func(ids []customer.ID, names, tags []string) customer.Filter {
		return customer.And(customer.HasID(ids...), customer.ByName.Is(names...), customer.Not(customer.HasAllTags(tags...)))
	}
	f := build(given, names, tags)
	order := []customer.Filter(f.(customer.AllOf))
	q := customer.Query{Where: f, Limit: 2, OrderBy: customer.NameAZ}
	page := t.search(q)
	t.same("the filter after Search", f, build(ids, []string{"Zed", "twin", "Ärger"}, []string{"Zeta", "alpha"}))
	t.count(f, 0)
	t.same("the filter after Count", f, build(ids, []string{"Zed", "twin", "Ärger"}, []string{"Zeta", "alpha"}))

	rest := customer.Query{Where: build(slices.Clone(ids), slices.Clone(names), slices.Clone(tags)), Limit: 2, OrderBy: customer.NameAZ, After: page.Next}
	given[0], names[0], tags[0], order[2] = customer.ID{}, "spoilt", "spoilt", customer.Or()
	got := append(page.Customers, t.walk(rest, nil)...)
	want := slices.DeleteFunc(slices.Clone(all), func(c customer.Customer) bool { return c.Name == "" })
	t.same("the pages around a change of the filter", idsOf(got), idsOf(want))

	repeated := slices.Concat(ids, ids[:3])
	kept := slices.Clone(repeated)
	many, err := customer.GetMany(t.Context(), t.store, repeated)
	t.fails("GetMany", err, nil)
	t.same("the IDs after GetMany", repeated, kept)
	clear(repeated)
	t.same("GetMany", idsOf(slices.Collect(maps.Values(many))), idsOf(all))
}

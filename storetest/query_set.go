package storetest

import (
	"slices"
	"strings"
	"time"

	"example.com/customer"
)

var setQueries = []query{
	{customer.HasStatus(customer.Active), isActive},
	{customer.HasStatus(customer.Archived), isArchived},
	{customer.HasStatus(customer.Archived, customer.Active), everyone},
	{customer.HasStatus(), nobody},
	{customer.HasID(), nobody},
	{customer.HasID(customer.ID{}, customer.ID{15: 1}), nobody},
	{customer.HasAnyTag(), nobody},
	{customer.HasAllTags(), everyone},
	{customer.HasAnyTag("VIP"), func(c customer.Customer) bool { return slices.Contains(c.Tags, "vip") }},
	{customer.HasAnyTag("vip", "b2b"), func(c customer.Customer) bool {
		return slices.Contains(c.Tags, "vip") || slices.Contains(c.Tags, "b2b")
	}},
	{customer.HasAllTags("b2b", " Vip "), func(c customer.Customer) bool {
		return slices.Contains(c.Tags, "vip") && slices.Contains(c.Tags, "b2b")
	}},
	{customer.HasAllTags("vip", "b2b", "absent"), nobody},
	{customer.HasAnyTag("vi"), nobody},
	{customer.HasAnyTag("Summer  SALE"), named("Koehler")},
	{customer.HasAnyTag("U\u0308NI\u0308"), named("José Álvarez")},
	{customer.HasAnyTag("uni"), nobody},
	{customer.HasMetadata("plan", "gold"), func(c customer.Customer) bool { return c.Metadata["plan"] == "gold" }},
	{customer.HasMetadata("plan", "silver", "50%"), func(c customer.Customer) bool {
		return c.Metadata["plan"] == "silver" || c.Metadata["plan"] == "50%"
	}},
	{customer.HasMetadata("Plan", "gold"), named("Alan Turing")},
	{customer.HasMetadata("plan", "Gold"), nobody},
	{customer.HasMetadata("absent", "gold"), nobody},
	{customer.HasMetadata("seats", "5"), func(c customer.Customer) bool { return c.Metadata["seats"] == "5" }},
	{customer.HasMetadata("updated", "yes"), func(c customer.Customer) bool { return c.Version == 2 && isActive(c) }},
	{customer.ByName.Present(), func(c customer.Customer) bool { return c.Name != "" }},
	{customer.ByCompany.Present(), func(c customer.Customer) bool { return c.Company != "" }},
	{customer.ByEmail.Present(), func(c customer.Customer) bool { return c.Email != "" }},
	{customer.ByEmailDomain.Present(), func(c customer.Customer) bool { return c.Email != "" }},
	{customer.ByPhone.Present(), func(c customer.Customer) bool { return c.Phone != "" }},
	{customer.ByExternalID.Present(), func(c customer.Customer) bool { return c.ExternalID != "" }},
	{customer.ByCity.Present(), func(c customer.Customer) bool { return c.Address.City != "" }},
	{customer.ByRegion.Present(), func(c customer.Customer) bool { return c.Address.Region != "" }},
	{customer.ByPostalCode.Present(), func(c customer.Customer) bool { return c.Address.PostalCode != "" }},
	{customer.ByCountry.Present(), func(c customer.Customer) bool { return c.Address.Country != "" }},
	{customer.Has("notes"), func(c customer.Customer) bool { return c.Notes != "" }},
	{customer.Has("address"), func(c customer.Customer) bool { return c.Address != customer.Address{} }},
	{customer.Has("tag"), func(c customer.Customer) bool { return len(c.Tags) > 0 }},
	{customer.Has("metadata"), func(c customer.Customer) bool { return len(c.Metadata) > 0 }},
	{customer.Has("metadata.plan"), func(c customer.Customer) bool { return c.Metadata["plan"] != "" }},
	{customer.Has("metadata.Plan"), named("Alan Turing")},
	{customer.Has("archived_at"), isArchived},
	{customer.ByCreatedAt.Since(day(3)), func(c customer.Customer) bool { return !c.CreatedAt.Before(day(3)) }},
	{customer.ByCreatedAt.Before(day(3)), func(c customer.Customer) bool { return c.CreatedAt.Before(day(3)) }},
	{customer.ByCreatedAt.Between(day(3), day(5)), func(c customer.Customer) bool {
		return c.CreatedAt.Equal(day(3)) || c.CreatedAt.Equal(day(4))
	}},
	{customer.ByCreatedAt.Between(day(5), day(3)), nobody},
	{customer.ByCreatedAt.Between(day(4), day(4)), nobody},
	{customer.ByCreatedAt.Since(day(3).Add(time.Nanosecond)), func(c customer.Customer) bool { return c.CreatedAt.After(day(3)) }},
	{customer.ByCreatedAt.Before(day(3).Add(time.Nanosecond)), func(c customer.Customer) bool { return !c.CreatedAt.After(day(3)) }},
	{customer.ByCreatedAt.Between(instant, instant.Add(time.Nanosecond)), named("The Moment")},
	{customer.ByCreatedAt.Between(day(3).In(time.FixedZone("", 3600)), day(4)), func(c customer.Customer) bool { return c.CreatedAt.Equal(day(3)) }},
	{customer.ByCreatedAt.Before(time.Date(1900, 1, 1, 0, 0, 0, 1000, time.UTC)), named("The Founder")},
	{customer.ByCreatedAt.Since(time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)), named("The Visitor")},
	{customer.ByCreatedAt.Before(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), everyone},
	{customer.ByUpdatedAt.Since(day(90)), named("The Visitor")},
	{customer.ByArchivedAt.Since(day(1)), isArchived},
	{customer.ByArchivedAt.Before(day(365)), isArchived},
	{customer.ByArchivedAt.Before(day(1)), nobody},
}

var logicQueries = []query{
	{customer.And(), everyone},
	{customer.Or(), nobody},
	{customer.NoneOf{}, everyone},
	{customer.Not(customer.Or()), everyone},
	{customer.Not(customer.Not(customer.ByName.Is("twin"))), named("Twin", "twin", "TWIN")},
	{customer.Not(customer.ByCompany.Is("acme")), func(c customer.Customer) bool { return !strings.EqualFold(c.Company, "acme") }},
	{customer.Not(customer.ByEmail.Contains("e")), func(c customer.Customer) bool { return !strings.Contains(strings.ToLower(c.Email), "e") }},
	{customer.Not(customer.HasMetadata("plan", "gold")), func(c customer.Customer) bool { return c.Metadata["plan"] != "gold" }},
	{customer.Not(customer.HasAnyTag("vip")), func(c customer.Customer) bool { return !slices.Contains(c.Tags, "vip") }},
	{customer.Not(customer.ByArchivedAt.Before(day(365))), isActive},
	{customer.Not(customer.ByPhone.Contains("0")), func(c customer.Customer) bool { return !strings.ContainsAny(c.Phone, "0") }},
	{customer.NoneOf{customer.HasAnyTag("vip"), customer.ByName.Present()}, func(c customer.Customer) bool {
		return c.Name == "" && !slices.Contains(c.Tags, "vip")
	}},
	{customer.And(customer.HasAnyTag("vip"), customer.HasAnyTag("b2b")), func(c customer.Customer) bool {
		return slices.Contains(c.Tags, "vip") && slices.Contains(c.Tags, "b2b")
	}},
	{customer.And(
		customer.HasStatus(customer.Active), customer.Not(customer.HasAnyTag("vip")),
		customer.Or(customer.ByCompany.Contains("acme"), customer.ByEmailDomain.Is("acme.com")),
	), func(c customer.Customer) bool {
		return isActive(c) && !slices.Contains(c.Tags, "vip") && (strings.Contains(strings.ToLower(c.Company), "acme") || strings.HasSuffix(c.Email, "@acme.com"))
	}},
	{customer.Or(customer.ByName.Is("twin"), customer.And(customer.ByCompany.Is("acme"), customer.ByEmail.Present())), func(c customer.Customer) bool {
		return strings.EqualFold(c.Name, "twin") || strings.EqualFold(c.Company, "acme") && c.Email != ""
	}},
	{customer.And(customer.ByCreatedAt.Since(day(2)), customer.ByCreatedAt.Before(day(4)), customer.ByCreatedAt.Since(day(3))), func(c customer.Customer) bool {
		return c.CreatedAt.Equal(day(3))
	}},
	{customer.And(customer.Text("jose"), customer.Text("alv")), named("José Álvarez", "Jose Alvarez", "JOSÉ ALVAREZ")},
	{customer.And(customer.ByName.Is("twin"), customer.ByName.Is("ada lovelace")), nobody},
	{customer.Or(customer.ByName.Is("twin"), customer.ByName.Is("ada lovelace")), named("Twin", "twin", "TWIN", "Ada Lovelace")},
	{customer.And(customer.ByName.Is("twin"), customer.Not(customer.Or())), named("Twin", "twin", "TWIN")},
	{customer.And(customer.ByName.Is("twin"), customer.Or()), nobody},
	{customer.Or(customer.ByName.Is("twin"), customer.And()), everyone},
	{customer.Or(customer.Not(customer.ByCompany.Present()), customer.And(customer.ByEmail.Present(), customer.ByPhone.Present())), func(c customer.Customer) bool {
		return c.Company == "" || c.Email != "" && c.Phone != ""
	}},
}

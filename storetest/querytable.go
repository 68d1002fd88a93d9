package storetest

import (
	"slices"
	"strings"
	"time"

	"example.com/customer"
)

var foldingQueries = []query{
	{customer.ByName.Contains("jose"), named("José Álvarez", "Jose Alvarez", "JOSÉ ALVAREZ", "Josef K.")},
	{customer.ByName.Contains("JOSE\u0301"), named("José Álvarez", "Jose Alvarez", "JOSÉ ALVAREZ", "Josef K.")},
	{customer.ByName.Is("josé álvarez"), named("José Álvarez", "Jose Alvarez", "JOSÉ ALVAREZ")},
	{customer.ByCompany.Prefix("Cafe"), named("José Álvarez", "Jose Alvarez", "JOSÉ ALVAREZ")},
	{customer.ByName.Is("kohler"), named("Köhler", "Kohler")},
	{customer.ByName.Is("KÖHLER"), named("Köhler", "Kohler")},
	{customer.ByName.Is("koehler"), named("Koehler")},
	{customer.ByName.Contains("weiss"), named("Jörg Weiß", "Joerg Weiss")},
	{customer.ByName.Contains("WEIẞ"), named("Jörg Weiß", "Joerg Weiss")},
	{customer.ByCompany.Is("straßenbau"), named("Jörg Weiß", "Joerg Weiss")},
	{customer.ByName.Is("bjorn odegard"), named("Bjørn Ødegård")},
	{customer.ByCity.Is("TROMSO"), named("Bjørn Ødegård")},
	{customer.ByName.Is("lukasz zolc"), named("Łukasz Żółć")},
	{customer.ByName.Prefix("thor ae"), named("Þór Ægisson")},
	{customer.ByCompany.Is("oeuvre"), named("Þór Ægisson")},
	{customer.ByName.Is("isik ipek"), named("Işık İpek", "ISIK IPEK")},
	{customer.ByName.Is("ıŞıK İPEK"), named("Işık İpek", "ISIK IPEK")},
	{customer.ByCity.Is("izmir"), named("Işık İpek", "ISIK IPEK")},
	{customer.ByName.Contains("パン"), named("パン屋")},
	{customer.ByName.Contains("ハン"), named("ハン屋")},
	{customer.ByName.Contains("ﾊﾝ"), named("ハン屋")},
	{customer.ByCompany.Is("ハン"), named("ハン屋")},
	{customer.ByCity.Suffix("京"), named("パン屋")},
	{customer.ByName.Prefix("김"), named("김민준")},
	{customer.ByName.Contains("हिंदी"), named("हिंदी शर्मा")},
	{customer.ByName.Contains("हद"), named("हद शर्मा")},
	{customer.ByName.Contains("शर्मा"), named("हिंदी शर्मा", "हद शर्मा")},
	{customer.ByName.Contains("शरमा"), nobody},
	{customer.ByName.Prefix("สมชาย"), named("สมชาย ใจดี")},
	{customer.ByName.Prefix("محمد"), named("مُحَمَّد علي", "محمد حسن")},
	{customer.ByName.Prefix("שלום"), named("שָׁלוֹם כהן")},
	{customer.ByName.Is("ΣΊΣΥΦΟΣ"), named("Σίσυφος")},
	{customer.ByCompany.Prefix("σισυφος"), named("Σίσυφος")},
	{customer.ByName.Is("иосип елкин"), named("Йосип Ёлкин")},
	{customer.ByName.Is("nguyen thi anh"), named("Nguyễn Thị Ánh")},
	{customer.ByName.Prefix("acme"), named("ＡＣＭＥ Trading")},
	{customer.ByCompany.Is("ＡＣＭＥ"), func(c customer.Customer) bool { return strings.EqualFold(c.Company, "acme") }},
	{customer.ByName.Prefix("office"), named("Oﬃce Supplies")},
	{customer.ByName.Is("salon 42"), named("Salon ٤٢")},
	{customer.ByCompany.Is("Salon ๔๒"), named("Salon ٤٢")},
	{customer.ByEmail.Prefix("KÖHLER"), nobody},
	{customer.ByEmail.Prefix("KöHLER"), named("Köhler")},
	{customer.ByEmail.Prefix("kohler"), named("Kohler")},
}

var signQueries = []query{
	{customer.ByName.Contains("%"), named("100% Wool")},
	{customer.ByName.Prefix("100%"), named("100% Wool")},
	{customer.ByName.Prefix("1%l"), nobody},
	{customer.ByName.Is("100_ wool"), nobody},
	{customer.ByName.Contains("_"), named("Dummy _underscore_")},
	{customer.ByName.Contains(" _nder"), nobody},
	{customer.ByName.Suffix("_"), named("Dummy _underscore_")},
	{customer.ByName.Contains(`\`), named(`back\slash`)},
	{customer.ByName.Contains(`k\s`), named(`back\slash`)},
	{customer.ByName.Suffix(`\`), nobody},
	{customer.ByCompany.Suffix(`\%`), named(`back\slash`)},
	{customer.ByCompany.Prefix(`c:\temp`), named(`back\slash`, "back/slash")},
	{customer.ByName.Contains(`"`), named(`The "Quoted" Firm`)},
	{customer.ByName.Contains("'"), named("Patrick O'Reilly", "Robert'); DROP TABLE customers;--")},
	{customer.ByName.Contains("’"), named("Molly O’Reilly")},
	{customer.ByName.Is("Robert'); DROP TABLE customers;--"), named("Robert'); DROP TABLE customers;--")},
	{customer.ByName.Contains("' OR '1'='1"), nobody},
	{customer.ByName.Contains("<b>"), named("<b>Bold</b>")},
	{customer.ByName.Contains("👩‍🚀"), named("👩‍🚀 Space Crew 🚀")},
	{customer.ByName.Suffix("🚀"), named("👩‍🚀 Space Crew 🚀")},
	{customer.ByName.Contains("👩🚀"), nobody},
	{customer.ByEmail.Prefix("50%_"), named("Percent Email")},
	{customer.ByEmail.Prefix("50_"), nobody},
	{customer.ByEmail.Contains("_off"), named("Percent Email", "Under Email")},
	{customer.ByExternalID.Is("a_b"), named("Edsger Dijkstra")},
	{customer.ByExternalID.Prefix("a%"), named("100% Wool")},
	{customer.ByExternalID.Prefix(`a\`), named("Dummy _underscore_")},
	{customer.ByExternalID.Contains("_"), named("Edsger Dijkstra", "Dummy Xunderscore")},
	{customer.HasMetadata("plan", "50%"), named("100% Wool")},
	{customer.HasMetadata("sign", "_"), named("Dummy _underscore_")},
	{customer.HasMetadata("sign", `\`, "%"), named(`back\slash`, "back/slash")},
	{customer.HasMetadata("plan", "it's"), named("Dummy _underscore_")},
	{customer.HasMetadata("sign", `say "hi"`), named(`The "Quoted" Firm`)},
	{customer.HasMetadata("json", `{"plan":"gold"}`), named(`The "Quoted" Firm`)},
	{customer.HasMetadata("sign", "🚀"), named("👩‍🚀 Space Crew 🚀")},
	{customer.HasAnyTag("100%"), named("100% Wool")},
	{customer.HasAnyTag("🚀", "{}"), named("👩‍🚀 Space Crew 🚀")},
	{customer.Text("100%"), named("100% Wool", "100 Wool")},
	{customer.Text("50%_off@"), named("Percent Email")},
	{customer.Text("50__off@"), nobody},
	{customer.Text("dummy _"), named("Dummy _underscore_", "Dummy Xunderscore")},
	{customer.Text("drop table"), named("Robert'); DROP TABLE customers;--")},
}

var wordQueries = []query{
	{customer.Text("love ada"), named("Ada Lovelace")},
	{customer.Text("ADA"), named("Ada Lovelace", "Plus Email")},
	{customer.Text("velace"), nobody},
	{customer.Text("ada hopper"), nobody},
	{customer.Text("jose"), named("José Álvarez", "Jose Alvarez", "JOSÉ ALVAREZ", "Josef K.")},
	{customer.Text("josé álv"), named("José Álvarez", "Jose Alvarez", "JOSÉ ALVAREZ")},
	{customer.Text("bjorn"), named("Bjørn Ødegård")},
	{customer.Text("oreilly"), named("Patrick O'Reilly", "Molly O’Reilly", "Oreilly Books")},
	{customer.Text("o'reilly"), named("Patrick O'Reilly", "Molly O’Reilly")},
	{customer.Text("O’Reilly"), named("Patrick O'Reilly", "Molly O’Reilly")},
	{customer.Text("reilly"), named("Patrick O'Reilly", "Molly O’Reilly")},
	{customer.Text("mc donald"), named("Anne-Marie Mc Donald")},
	{customer.Text("marie"), named("Anne-Marie Mc Donald")},
	{customer.Text("anne-marie"), named("Anne-Marie Mc Donald")},
	{customer.Text("acme"), func(c customer.Customer) bool {
		text := strings.ToLower(c.Name + " " + c.Company + " " + c.Email)
		return strings.Contains(text, "acme") || c.Name == "ＡＣＭＥ Trading"
	}},
	{customer.Text("@acme.com"), func(c customer.Customer) bool { return strings.HasSuffix(c.Email, "@acme.com") }},
	{customer.Text("@ACME.COM edsger"), named("Edsger Dijkstra")},
	{customer.Text("@exämple.de"), named("Köhler")},
	{customer.Text("@XN--exmple-cua.de"), named("Köhler")},
	{customer.Text("@acme"), nobody},
	{customer.Text("ada@"), named("Ada Lovelace")},
	{customer.Text("ADA@Exam"), named("Ada Lovelace")},
	{customer.Text("ada+n example"), named("Plus Email")},
	{customer.Text("da@example.com"), nobody},
	{customer.Text("5555"), named("Grace Hopper")},
	{customer.Text("010555512"), named("Grace Hopper")},
	{customer.Text("555"), func(c customer.Customer) bool { return strings.Contains(c.Phone, "555") }},
	{customer.Text("0100"), func(c customer.Customer) bool {
		return slices.Contains([]string{"5550100", "+1 555 0100"}, c.Phone)
	}},
	{customer.Text("+497112842222"), named("Jörg Weiß")},
	{customer.Text("00497112842222"), named("Jörg Weiß")},
	{customer.Text("+49 711 2842222"), nobody},
	{customer.Text("07112842222"), named("Jörg Weiß")},
	{customer.Text("4907112842222"), named("Jörg Weiß")},
	{customer.Text("442079460958"), named("Ada Lovelace")},
	{customer.Text("711284222"), named("Jörg Weiß", "Joerg Weiss")},
	{customer.Text("٢٣٤٥٦٧٨"), named("مُحَمَّد علي")},
	{customer.Text("0102345678"), named("مُحَمَّد علي")},
	{customer.Text("小明"), named("王小明")},
	{customer.Text("京"), named("パン屋", "王小明")},
	{customer.Text("パン"), named("パン屋")},
	{customer.Text("ใจดี"), named("สมชาย ใจดี")},
	{customer.Text("ชาย"), named("สมชาย ใจดี")},
	{customer.Text("민준"), nobody},
	{customer.Text("김민"), named("김민준")},
	{customer.Text("हिंदी"), named("हिंदी शर्मा")},
	{customer.Text("محمد"), named("مُحَمَّد علي", "محمد حسن")},
	{customer.Text("crm 1"), named("Ada Lovelace", "Alan Turing", "Grace Hopper")},
	{customer.Text("hanoi"), nobody},
	{customer.Text("ha noi"), named("Nguyễn Thị Ánh")},
	{customer.Text("virginia"), nobody},
	{customer.Text("42"), func(c customer.Customer) bool { return c.Name == "Salon ٤٢" }},
	{customer.Text("daughters & molly!"), named("Molly O’Reilly")},
	{customer.Text("a"), func(c customer.Customer) bool {
		words := strings.FieldsFunc(customer.Fold(strings.Join([]string{c.Name, c.Company, c.Email, c.ExternalID, c.Address.City}, " ")), func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", r) && r < 0x80
		})
		return slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, "a") })
	}},
}

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
	{customer.And(customer.HasStatus(customer.Active), customer.Not(customer.HasAnyTag("vip")), customer.Or(customer.ByCompany.Contains("acme"), customer.ByEmailDomain.Is("acme.com"))), func(c customer.Customer) bool {
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

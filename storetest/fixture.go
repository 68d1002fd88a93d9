package storetest

import (
	"strings"
	"time"

	"example.com/customer"
)

// day returns a day of 2026, the first being 1.
func day(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// people are the customers that searches run over: every script and sign that search has a rule for, beside what would be confused with it.
// Where the draft has no time of its own, four in a row share one.
var people = []customer.Draft{
	{
		Name: "Ada Lovelace", Email: "Ada@Example.com", Phone: "+44 (0)20 7946 0958", Company: "Analytical Engines", ExternalID: "crm-1", Notes: "first",
		Address: customer.Address{Line1: "12 St James's Square", City: "London", Region: "Greater London", PostalCode: "SW1Y 4JH", Country: "GB"}, Tags: []string{"vip", "b2b"}, Metadata: map[string]string{"plan": "gold", "seats": "5"},
	},
	{
		Name: "Grace Hopper", Email: "grace@navy.example.org", Phone: "(555) 010-5555 ext 12", Company: "Navy", ExternalID: "crm-2",
		Address: customer.Address{City: "Arlington", Region: "Virginia", PostalCode: "22202", Country: "US"}, Tags: []string{"vip"}, Metadata: map[string]string{"plan": "silver"},
	},
	{
		Name: "Alan Turing", Email: "alan@acme.com", Phone: "089 / 123456", Company: "Acme", ExternalID: "CRM-1",
		Address: customer.Address{City: "Manchester", Country: "GB"}, Tags: []string{"b2b"}, Metadata: map[string]string{"Plan": "gold"},
	},
	{Name: "Edsger Dijkstra", Email: "shared@acme.com", Company: "Acme", ExternalID: "a_b", Address: customer.Address{City: "Nuenen", Country: "NL"}},
	{
		Name: "José Álvarez", Email: "jose@correo.example", Company: "Café Río",
		Address: customer.Address{City: "Málaga", Region: "Andalucía", PostalCode: "29001", Country: "España"}, Tags: []string{"ünï"},
	},
	{Name: "Jose Alvarez", Email: "jose.alvarez@correo.example", Company: "cafe rio", Address: customer.Address{City: "Malaga", Country: "ES"}},
	{Name: "JOSE\u0301 ALVAREZ", Phone: "+34 952 000 111", Company: "CAFÉ"},
	{Name: "Josef K.", Company: "Prozess"},
	{Name: "Köhler", Email: "köhler@exämple.de", Address: customer.Address{City: "Köln", Country: "DE"}},
	{Name: "Kohler", Email: "kohler@example.de", Address: customer.Address{City: "Koln", Country: "DE"}},
	{Name: "Koehler", Address: customer.Address{City: "Koeln", Country: "DE"}, Tags: []string{"summer sale"}},
	{Name: "Jörg Weiß", Company: "Straßenbau", Phone: "+49 0711 2842222", Address: customer.Address{Line1: "Große Straße 1", City: "Stuttgart"}},
	{Name: "Joerg Weiss", Company: "STRASSENBAU", Phone: "0049 711 2842223"},
	{Name: "Bjørn Ødegård", Email: "bjorn@fjord.example", Address: customer.Address{City: "Tromsø", Country: "NO"}},
	{Name: "Łukasz Żółć", Address: customer.Address{City: "Łódź", Country: "PL"}},
	{Name: "Þór Ægisson", Address: customer.Address{City: "Reykjavík"}, Company: "Œuvre"},
	{Name: "Işık İpek", Address: customer.Address{City: "İzmir", Country: "TR"}},
	{Name: "ISIK IPEK", Address: customer.Address{City: "Izmir", Country: "TR"}},
	{Name: "パン屋", Company: "株式会社パン", Address: customer.Address{City: "東京", Country: "JP"}},
	{Name: "ハン屋", Company: "ﾊﾝ"},
	{Name: "王小明", Address: customer.Address{City: "北京市", Country: "CN"}},
	{Name: "김민준", Address: customer.Address{City: "서울"}},
	{Name: "हिंदी शर्मा", Address: customer.Address{City: "दिल्ली"}},
	{Name: "हद शर्मा", Address: customer.Address{City: "मुंबई"}},
	{Name: "สมชาย ใจดี", Address: customer.Address{City: "กรุงเทพ"}},
	{Name: "مُحَمَّد علي", Address: customer.Address{City: "القاهرة"}, Phone: "٠١٠ ٢٣٤٥ ٦٧٨"},
	{Name: "محمد حسن"},
	{Name: "שָׁלוֹם כהן"},
	{Name: "Σίσυφος", Company: "ΣΊΣΥΦΟΣ ΑΕ"},
	{Name: "Йосип Ёлкин", Address: customer.Address{City: "Київ"}},
	{Name: "Nguyễn Thị Ánh", Address: customer.Address{City: "Hà Nội"}},
	{Name: "ＡＣＭＥ Trading", Company: "ACME"},
	{Name: "Oﬃce Supplies", Company: "Office Supplies"},
	{Name: "Salon ٤٢", Company: "Salon 42"},
	{Name: "Patrick O'Reilly", Email: "o'reilly@dublin.example"},
	{Name: "Molly O’Reilly", Company: "Reilly & Daughters"},
	{Name: "Oreilly Books", Company: "Books"},
	{Name: "Anne-Marie Mc Donald", Company: "McDonald"},
	{Name: "100% Wool", ExternalID: "a%b", Metadata: map[string]string{"plan": "50%"}, Tags: []string{"100%"}},
	{Name: "100 Wool", ExternalID: "axb", Metadata: map[string]string{"plan": "501"}, Tags: []string{"1000"}},
	{Name: "Dummy _underscore_", Email: "shared@acme.com", ExternalID: `a\b`, Metadata: map[string]string{"plan": "it's", "sign": "_"}},
	{Name: "Dummy Xunderscore", ExternalID: "A_B", Metadata: map[string]string{"sign": "x"}},
	{Name: `back\slash`, Company: `C:\Temp\%`, Metadata: map[string]string{"sign": `\`}},
	{Name: "back/slash", Company: `C:\Temp`, Metadata: map[string]string{"sign": "%"}},
	{Name: `The "Quoted" Firm`, Metadata: map[string]string{"sign": `say "hi"`, "json": `{"plan":"gold"}`}},
	{Name: "Robert'); DROP TABLE customers;--", Notes: "'; --"},
	{Name: "<b>Bold</b>", Notes: "tab\tand\nline"},
	{Name: "👩‍🚀 Space Crew 🚀", Tags: []string{"🚀"}, Metadata: map[string]string{"sign": "🚀"}},
	{Name: "Percent Email", Email: "50%_off@sale.example", Phone: "5550100"},
	{Name: "Plus Email", Email: "ada+news@example.com", Phone: "5550101"},
	{Name: "Under Email", Email: "50x_off@sale.example"},
	{Name: "Mail Only Domain", Email: "x@sub.acme.com"},
	{Email: "nameless@acme.com.example", Company: "Not Acme"},
	{Phone: "+1 555 0100"},
	{Company: "Only a Company"},
	{Company: "acme", Address: customer.Address{Line2: "Dock 9"}},
	{Name: "Twin", Company: "Twins", Metadata: map[string]string{"plan": "gold", "seats": "10"}, Tags: []string{"b2b", "vip", "old"}},
	{Name: "twin", Company: "Twins", Metadata: map[string]string{"plan": "silver", "seats": "5"}},
	{Name: "TWIN", Company: "twins", Address: customer.Address{Region: "virginia"}},
	{Name: "The Founder", CreatedAt: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), ExternalID: "first"},
	{Name: "The Visitor", CreatedAt: time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), ExternalID: "last"},
	{Name: "The Moment", CreatedAt: day(10).Add(1500 * time.Nanosecond), Notes: strings.Repeat("long ", 900)},
}

// populate creates the people. Every seventh is archived at once, every fifth is updated later on.
func (t *trial) populate() []customer.Customer {
	t.Helper()
	for i, d := range people {
		if d.CreatedAt.IsZero() {
			d.CreatedAt = day(1 + i/4)
		}
		c := t.create(d)
		if i%7 == 3 {
			t.clock.move(time.Minute)
			t.archive(c.ID)
		} else if i%5 == 2 {
			t.clock.move(30 * time.Second)
			t.update(c.ID, c.Version, customer.Patch{Metadata: map[string]*string{"updated": new("yes")}})
		}
	}
	return t.everything()
}

// crowd creates n customers at one instant, with few names and companies among them and every third without a name.
func (t *trial) crowd(n int) []customer.Customer {
	t.Helper()
	all := make([]customer.Customer, n)
	for i := range all {
		d := customer.Draft{Name: []string{"", "Twin", "twin", "Ärger", "Zed"}[i%5], Company: []string{"Acme", "", "Öl"}[i%3], Phone: "555 0100"}
		if i%4 == 0 {
			d.Email = "crowd" + string(rune('a'+i%26)) + strings.Repeat("x", i/26) + "@example.com"
		}
		all[i] = t.create(d)
	}
	return all
}

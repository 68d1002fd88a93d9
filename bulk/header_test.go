package bulk_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

func TestHeader(t *testing.T) {
	t.Parallel()
	ada := customer.Draft{Name: "Ada Lovelace"}
	tests := []struct {
		name, file string
		o          bulk.ReaderOptions
		want       customer.Draft
		fields     bulk.Fields
		end        string
	}{
		{name: "case, spaces, underscores, hyphens and dots make no difference", file: "NAME,External-ID,Address.Postal_Code\nAda,7,70173\n", want: customer.Draft{Name: "Ada", ExternalID: "7", Address: customer.Address{PostalCode: "70173"}}, fields: bulk.Name | bulk.ExternalID | bulk.PostalCode},
		{name: "first and last name are joined", file: "First Name,Last_Name\nAda,Lovelace\n", want: ada, fields: bulk.Name},
		{name: "a last name alone is a name", file: "Surname\nLovelace\n", want: customer.Draft{Name: "Lovelace"}, fields: bulk.Name},
		{name: "a whole name goes before its parts", file: "firstname,name\nAda,Ada Lovelace\n", want: customer.Draft{Name: "Ada Lovelace", Metadata: map[string]string{"firstname": "Ada"}}, fields: bulk.Name},
		{name: "semicolons", file: "name;e-mail\nAda, Lovelace;a@b.co\n", want: customer.Draft{Name: "Ada, Lovelace", Email: "a@b.co"}, fields: bulk.Name | bulk.Email},
		{name: "tabs", file: "name\torganisation\nAda\tAcme; Co, Ltd\n", want: customer.Draft{Name: "Ada", Company: "Acme; Co, Ltd"}, fields: bulk.Name | bulk.Company},
		{name: "pipes", file: "name|e-mail\nAda, L|a@b.co\n", want: customer.Draft{Name: "Ada, L", Email: "a@b.co"}, fields: bulk.Name | bulk.Email},
		{name: "pipes in names of columns", file: "name,Plan | Year | No\nAda,x|y\n", want: customer.Draft{Name: "Ada", Metadata: map[string]string{"Plan_Year_No": "x|y"}}, fields: bulk.Name},
		{name: "separators behind the header alone", file: "name;phone;;\nAda;1234\n", want: customer.Draft{Name: "Ada", Phone: "1234"}, fields: bulk.Name | bulk.Phone},
		{name: "some of the separators behind the header", file: "name;phone;;\nAda;1234;\n", want: customer.Draft{Name: "Ada", Phone: "1234"}, fields: bulk.Name | bulk.Phone},
		{name: "rows that are numbered", file: ",name,phone\n0,Ada,1234\n", want: customer.Draft{Name: "Ada", Phone: "1234", Metadata: map[string]string{"column_1": "0"}}, fields: bulk.Name | bulk.Phone},
		{name: "a house number behind its street", file: "name,Straße,Hausnummer\nAda,Am Wall, 5a \n", want: customer.Draft{Name: "Ada", Address: customer.Address{Line1: "Am Wall 5a"}}, fields: bulk.Name | bulk.Line1},
		{name: "a house number that is behind its street already", file: "name,Straße,Hausnummer\nAda,Am Wall 5,5\n", want: customer.Draft{Name: "Ada", Address: customer.Address{Line1: "Am Wall 5"}}, fields: bulk.Name | bulk.Line1},
		{name: "no house number", file: "name,Straße,Hausnummer\nAda,Am Wall,\n", want: customer.Draft{Name: "Ada", Address: customer.Address{Line1: "Am Wall"}}, fields: bulk.Name | bulk.Line1},
		{name: "a house number that is mapped", file: "name,street,no\nAda,Am Wall,5\n", o: bulk.ReaderOptions{Map: map[string]string{"no": "house_number"}}, want: customer.Draft{Name: "Ada", Address: customer.Address{Line1: "Am Wall 5"}}, fields: bulk.Name | bulk.Line1},
		{name: "a first name beside a surname", file: "Name,Surname\nAda,Lovelace\n", want: ada, fields: bulk.Name},
		{name: "a whole name beside a surname", file: "Name,Surname\nAda Lovelace,LOVELACE\n", want: ada, fields: bulk.Name},
		{name: "a first name that is the surname too", file: "Name,Surname\nThomas,Thomas\n", want: customer.Draft{Name: "Thomas Thomas"}, fields: bulk.Name},
		{name: "a whole name beside a first one", file: "Nom,Prénom\nAda Lovelace,Ada\n", want: ada, fields: bulk.Name},
		{name: "nothing as databases write it", file: "name,phone,city,tags,plan,metadata.level\nNULL,NULL,\\N,NULL,NULL,NULL\n", want: customer.Draft{Name: "NULL", Metadata: map[string]string{"plan": "", "level": "NULL"}}, fields: bulk.Name | bulk.Phone | bulk.City | bulk.Tags},
		{name: "people whose name is nothing to databases", file: "first name,last name,notes\nAda,NULL,null\n", want: customer.Draft{Name: "Ada NULL", Notes: "null"}, fields: bulk.Name | bulk.Notes},
		{name: "the separator that a first line names", file: "sep=;\r\nname;city\r\nAda;X\r\n", want: customer.Draft{Name: "Ada", Address: customer.Address{City: "X"}}, fields: bulk.Name | bulk.City},
		{name: "separators in quotes are not counted", file: "\"name;;;\",phone\nAda,1234\n", want: customer.Draft{Name: "Ada", Phone: "1234"}, fields: bulk.Name | bulk.Phone},
		{name: "an id is an external id", file: "id,name\n7,Ada\n", want: customer.Draft{Name: "Ada", ExternalID: "7"}, fields: bulk.Name | bulk.ExternalID},
		{name: "the likelier name of a field counts", file: "Mobile,Phone,name\n1,2,Ada\n", want: customer.Draft{Name: "Ada", Phone: "2", Metadata: map[string]string{"Mobile": "1"}}, fields: bulk.Name | bulk.Phone},
		{name: "unknown columns are metadata", file: "name, Kunde seit (Jahr) ,metadata.plan,Größe\nAda,1843,gold,M\n", want: customer.Draft{Name: "Ada", Metadata: map[string]string{"Kunde_seit_Jahr_": "1843", "plan": "gold", "Gr_e": "M"}}, fields: bulk.Name},
		{name: "unknown columns are refused on demand", file: "name,fax\nAda,1\n", o: bulk.ReaderOptions{RefuseUnknown: true}, end: "line 1 unknown_column"},
		{name: "text on lines of its own in an unknown column", file: "name,Formatted,metadata.plan\nAda,\"Rd 1\r\n\tUlm\nDE\",gold\n", want: customer.Draft{Name: "Ada", Metadata: map[string]string{"Formatted": "Rd 1  Ulm DE", "plan": "gold"}}, fields: bulk.Name},
		{name: "text on lines of its own in a column that is said to be metadata", file: "name,fax,metadata.plan\nAda,\"1\n2\",\"a\tb\"\n", o: bulk.ReaderOptions{Map: map[string]string{"fax": "metadata.fax"}}, want: customer.Draft{Name: "Ada", Metadata: map[string]string{"fax": "1\n2", "plan": "a\tb"}}, fields: bulk.Name},
		{name: "tags that are all in quotes", file: "name,tags\nAda,\"\"\"vip\"\", \"\"b 2\"\"\"\n", want: customer.Draft{Name: "Ada", Tags: []string{"vip", "b 2"}}, fields: bulk.Name | bulk.Tags},
		{name: "tags of which one is in quotes", file: "name,tags\nAda,\"\"\"vip\"\",b2b,\"\"\"\n", want: customer.Draft{Name: "Ada", Tags: []string{"\"vip\"", "b2b", "\""}}, fields: bulk.Name | bulk.Tags},
		{name: "metadata that says so is not unknown", file: "name,metadata.fax\nAda,1\n", o: bulk.ReaderOptions{RefuseUnknown: true}, want: customer.Draft{Name: "Ada", Metadata: map[string]string{"fax": "1"}}, fields: bulk.Name},
		{name: "mapped columns", file: "Kunde,Ort,Fax,Egal,mail\nAda,Ulm,1,2,a@b.co\n", o: bulk.ReaderOptions{Map: map[string]string{"kunde": "name", "ORT": "address.city", "fax": "metadata.telefax", "egal": "-"}}, want: customer.Draft{Name: "Ada", Email: "a@b.co", Address: customer.Address{City: "Ulm"}, Metadata: map[string]string{"telefax": "1"}}, fields: bulk.Name | bulk.City | bulk.Email},
		{name: "a mapped column goes before one of the name", file: "name,display\nx,Ada\n", o: bulk.ReaderOptions{Map: map[string]string{"display": "name"}}, want: customer.Draft{Name: "Ada", Metadata: map[string]string{"name": "x"}}, fields: bulk.Name},
		{name: "a mapped column that is not there", file: "name\nAda\n", o: bulk.ReaderOptions{Map: map[string]string{"x": "name"}}, end: "line 1 unknown_column"},
		{name: "a whole name beside a mapped part of it is metadata", file: "Vorname,Name\nAda,Lovelace\n", o: bulk.ReaderOptions{Map: map[string]string{"vorname": "first_name"}}, want: customer.Draft{Name: "Ada", Metadata: map[string]string{"Name": "Lovelace"}}, fields: bulk.Name},
		{name: "a whole name and a part of it, both mapped", file: "Vorname,Name\nAda,Lovelace\n", o: bulk.ReaderOptions{Map: map[string]string{"vorname": "first_name", "name": "name"}}, end: "line 1 duplicate_column"},
		{name: "two mapped parts of a name", file: "Vorname,Name\nAda,Lovelace\n", o: bulk.ReaderOptions{Map: map[string]string{"vorname": "first_name", "name": "last_name"}}, want: ada, fields: bulk.Name},
		{name: "a name on two lines, as spreadsheets have them", file: "\"Customer\r\nName\",\"Fax\nNo\",e-mail\r\nAda,1,a@b.co\r\n", want: customer.Draft{Name: "Ada", Email: "a@b.co", Metadata: map[string]string{"Fax_No": "1"}}, fields: bulk.Name | bulk.Email},
		{name: "a carriage return in a name", file: "name,e-mail\r\r\nAda,a@b.co\r\r\n", end: "line 1 malformed"},
		{name: "a column mapped twice", file: "Kunde\nAda\n", o: bulk.ReaderOptions{Map: map[string]string{"kunde": "name", "KUNDE": "company"}}, end: "line 1 duplicate_column"},
		{name: "a mark and the separator that a first line names", file: "\xef\xbb\xbfsep=;\r\nname;city\r\nAda;X\r\n", want: customer.Draft{Name: "Ada", Address: customer.Address{City: "X"}}, fields: bulk.Name | bulk.City},
		{name: "tags whose first is a formula", file: "name,tags\nAda,\"'=a,'=b\"\n", want: customer.Draft{Name: "Ada", Tags: []string{"=a", "'=b"}}, fields: bulk.Name | bulk.Tags},
		{name: "a column mapped to no field", file: "name\nAda\n", o: bulk.ReaderOptions{Map: map[string]string{"name": "nimi"}}, end: "line 1 unknown_column"},
		{name: "two columns mapped to one field", file: "a,b\nAda,x\n", o: bulk.ReaderOptions{Map: map[string]string{"a": "name", "b": "name"}}, end: "line 1 duplicate_column"},
		{name: "a reason is passed over", file: "name,reason\nAda,invalid_email\n", want: customer.Draft{Name: "Ada"}, fields: bulk.Name},
		{name: "tags and a column of metadata", file: "name,tags,metadata\nAda,\"vip, b2b\",\"{\"\"plan\"\":\"\"gold\"\"}\"\n", want: customer.Draft{Name: "Ada", Tags: []string{"vip", " b2b"}, Metadata: map[string]string{"plan": "gold"}}, fields: bulk.Name | bulk.Tags},
		{name: "an apostrophe before a formula is taken off", file: "name,notes\n'=1+1,''-x\n", want: customer.Draft{Name: "=1+1", Notes: "'-x"}, fields: bulk.Name | bulk.Notes},
		{name: "an apostrophe before anything else is not", file: "name,notes\n'Ada,'\n", want: customer.Draft{Name: "'Ada", Notes: "'"}, fields: bulk.Name | bulk.Notes},
		{name: "raw cells keep it", file: "name\n'=1+1\n", o: bulk.ReaderOptions{Raw: true}, want: customer.Draft{Name: "'=1+1"}, fields: bulk.Name},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, err := read(tt.file, bulk.CSV, tt.o)
			if tt.end != "" {
				if fileError(err) != tt.end {
					t.Errorf("error %v, want %q", err, tt.end)
				}
				return
			}
			if err != nil || len(rows) != 1 || rows[0].Err != nil {
				t.Fatalf("rows %+v, %v; want one", rows, err)
			}
			equal(t, "draft", rows[0].Draft, tt.want)
			equal(t, "fields", rows[0].Fields, tt.fields)
		})
	}
}

func TestHeaderIsRefusedByName(t *testing.T) {
	t.Parallel()
	strict := bulk.ReaderOptions{RefuseUnknown: true}
	tests := []struct {
		name, header string
		o            bulk.ReaderOptions
		want         string
	}{
		{"no header but a row, of which nothing is repeated", "Ada Lovelace,ada@example.com", bulk.ReaderOptions{}, "no column is known, and the first line looks like a row"},
		{"no header but a row of which two cells say the same", "Ada,+44 7911 123456,+44 7911 123456,Ulm", bulk.ReaderOptions{}, "no column is known, and the first line looks like a row"},
		{"no header but a row with a number in front", "1,Ada,Ulm", bulk.ReaderOptions{}, "no column is known, and the first line looks like a row"},
		{"a first column without a name and no known one", ",Nimi,Maa", bulk.ReaderOptions{}, `no column is known: "Nimi", "Maa";`},
		{"a phone where a name should be", "Ada,+44 7911 123456", bulk.ReaderOptions{}, "no column is known, and the first line looks like a row"},
		{"no known column", "Nimi,Sukunimi,Sähköposti,Kaupunki,Maa,Faksi", bulk.ReaderOptions{}, `no column is known: "Nimi", "Sukunimi", "Sähköposti", "Kaupunki", "Maa" and 1 more`},
		{"how to map", "Nimi, reason", bulk.ReaderOptions{}, `map them to fields, such as "Nimi" to name`},
		{"letters that no key can have, and nothing else", "名前,電話", bulk.ReaderOptions{}, `no column is known: "名前", "電話";`},
		{"a name without end", strings.Repeat("é", 100), bulk.ReaderOptions{}, `"` + strings.Repeat("é", 64) + `…";`},
		{"JSON", "{name:Ada}", bulk.ReaderOptions{}, "the file looks like JSON"},
		{"no name", ",", bulk.ReaderOptions{}, "no column has a name"},
		{"letters that no key can have", "name,名前,電話", bulk.ReaderOptions{}, `columns 2 and 3, "名前", "電話", leave one metadata key`},
		{"every unknown column", "name,a,b,metadata.c,d", strict, `columns are no fields: "a", "b", "d";`},
		{"more unknown columns than one reads", "name,a,b,c,d,e,f,g,h,i,j,k,l", strict, `"i", "j" and 2 more;`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := bulk.NewReader(strings.NewReader(tt.header+"\nx\n"), bulk.CSV, tt.o)
			fault, ok := errors.AsType[*bulk.FileError](err)
			if !ok || fault.Line != 1 || !strings.Contains(fault.Message, tt.want) {
				t.Errorf("error %v, want one with %s", err, tt.want)
			}
		})
	}
}

func TestDuplicateColumnNamesBoth(t *testing.T) {
	t.Parallel()
	_, err := bulk.NewReader(strings.NewReader("name,mail,phone,Mail\n"), bulk.CSV, bulk.ReaderOptions{})
	fault, ok := errors.AsType[*bulk.FileError](err)
	if !ok || !strings.Contains(fault.Message, "columns 2 and 4") {
		t.Errorf("error %v, want one that names columns 2 and 4", err)
	}
}

// Files as they are found, with the options that everybody begins with.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, path string
		want       bulk.Summary
		one        customer.Draft
	}{
		{
			"Chinook", "testdata/chinook_customers.csv",
			bulk.Summary{Rows: 59, Created: 59},
			customer.Draft{
				ExternalID: "1", Name: "Luís Gonçalves", Email: "luisg@embraer.com.br", Phone: "+55 (12) 3923-5555", Company: "Embraer - Empresa Brasileira de Aeronáutica S.A.",
				Address:  customer.Address{Line1: "Av. Brigadeiro Faria Lima, 2170", City: "São José dos Campos", Region: "SP", PostalCode: "12227-000", Country: "Brazil"},
				Metadata: map[string]string{"Fax": "+55 (12) 3923-5566", "SupportRepId": "3"},
			},
		},
		{
			"Northwind", "testdata/northwind_customers.csv",
			bulk.Summary{Rows: 91, Created: 91},
			customer.Draft{
				ExternalID: "ALFKI", Name: "Maria Anders", Phone: "030-0074321", Company: "Alfreds Futterkiste",
				Address:  customer.Address{Line1: "Obere Str. 57", City: "Berlin", PostalCode: "12209", Country: "Germany"},
				Metadata: map[string]string{"contact_title": "Sales Representative", "fax": "030-0076545"},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file, err := os.Open(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			r, err := bulk.NewReader(file, bulk.Detect, bulk.ReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			s := memstore.New()
			got, err := bulk.Importer{Store: s, Mode: bulk.Commit}.Run(context.Background(), r.Rows(), nil)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "summary", got, tt.want)
			c, err := customer.FindByExternalID(t.Context(), s, tt.one.ExternalID)
			if err != nil {
				t.Fatal(err)
			}
			want, err := tt.one.Build(c.ID, c.CreatedAt)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "one customer", c, want)
		})
	}
}
